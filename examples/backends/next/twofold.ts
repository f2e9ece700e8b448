// Who is signed in with Twofold, for route handlers of Next.js. It needs the package `jose`.
import { createRemoteJWKSet, errors, jwtVerify } from 'jose';

// By default the development values of the service, as `make dev` starts it.
const { TWOFOLD = 'http://localhost:8000', NAME = 'development', SECRET = 'development-only-secret-of-a-service' } = process.env;
const keys = createRemoteJWKSet(new URL('/.well-known/jwks.json', TWOFOLD), { cacheMaxAge: 300_000 });
const NO_KEYS = ['ERR_JOSE_GENERIC', 'ERR_JWKS_INVALID', 'ERR_JWKS_TIMEOUT'];

/** `sub` is the account's id. Key on it, and never on an email address: an address can change hands. */
export type User = { sub: string; acr: 'aal1' | 'aal2' };

/** Verifies a JWT for this service, without a request. A session that has ended is noticed when the JWT expires. */
export async function byJwt(token: string): Promise<User | null> {
  try {
    const rules = { algorithms: ['ES256'], typ: 'at+jwt', issuer: TWOFOLD, audience: NAME, clockTolerance: 10 };
    return (await jwtVerify<User>(token, keys, rules)).payload;
  } catch (error) {
    // Other errors, such as keys that can't be fetched, are not the caller's fault.
    if (!(error instanceof errors.JOSEError) || NO_KEYS.includes(error.code)) throw error;
    return null;
  }
}

/** Asks Twofold about a token of any kind. A session that has ended is noticed at once. */
export async function byIntrospection(token: string): Promise<User | null> {
  const answer = await fetch(new URL('/oauth/introspect', TWOFOLD), {
    method: 'POST',
    headers: { Authorization: `Basic ${btoa(`${NAME}:${SECRET}`)}` },
    body: new URLSearchParams({ token: token || 'none' }),
    cache: 'no-store',
    signal: AbortSignal.timeout(5_000),
  });
  if (!answer.ok) throw new Error(`introspection failed with ${answer.status}`);
  const user = await answer.json();
  return user.active ? user : null;
}

/** Makes a route handler for those who are signed in. */
export const forUsers = (find: (token: string) => Promise<User | null>, handle: (user: User, request: Request) => Response | Promise<Response>) =>
  async (request: Request): Promise<Response> => {
    const token = /^Bearer (.+)$/i.exec(request.headers.get('authorization') ?? '')?.[1] ?? '';
    let user;
    try {
      user = await find(token);
    } catch (error) {
      // Twofold can't be reached or failed. The log says how; the caller can only try again.
      console.error(error);
      return Response.json({ message: 'Please try again later.' }, { status: 503 });
    }
    if (!user) return Response.json({ message: 'Please sign in.' }, { status: 401, headers: { 'WWW-Authenticate': 'Bearer' } });
    return handle(user, request);
  };
