// Who is signed in with Twofold, for route handlers of Next.js. It needs the package `jose`.
import { createRemoteJWKSet, errors, jwtVerify } from 'jose';

// By default the development values of the service, as `make dev` starts it.
const { TWOFOLD = 'http://localhost:8000', NAME = 'development', SECRET = 'development-only-secret-of-a-service' } = process.env;
const keys = createRemoteJWKSet(new URL('/.well-known/jwks.json', TWOFOLD), { cacheMaxAge: 300_000 });
const KEYS_NOT_FETCHED = ['ERR_JOSE_GENERIC', 'ERR_JWKS_TIMEOUT'];

/** `sub` is the account's id. Key on it, and never on an email address: an address can change hands. */
export type User = { sub: string; acr: 'aal1' | 'aal2' };

/** The token of `Authorization: Bearer …`. */
const tokenOf = (request: Request) => /^Bearer (.+)$/i.exec(request.headers.get('authorization') ?? '')?.[1] ?? '';

/** Verifies a JWT for this service, without a request. A session that has ended is noticed when the JWT expires. */
export async function byJwt(request: Request): Promise<User | null> {
  try {
    const rules = { algorithms: ['ES256'], typ: 'at+jwt', issuer: TWOFOLD, audience: NAME };
    return (await jwtVerify<User>(tokenOf(request), keys, rules)).payload;
  } catch (error) {
    // Other errors, such as keys that can't be fetched, are not the caller's fault.
    if (!(error instanceof errors.JOSEError) || KEYS_NOT_FETCHED.includes(error.code)) throw error;
    return null;
  }
}

/** Asks Twofold about a token of any kind. A session that has ended is noticed at once. */
export async function byIntrospection(request: Request): Promise<User | null> {
  const answer = await fetch(new URL('/oauth/introspect', TWOFOLD), {
    method: 'POST',
    headers: { Authorization: `Basic ${btoa(`${NAME}:${SECRET}`)}` },
    body: new URLSearchParams({ token: tokenOf(request) || 'none' }),
    cache: 'no-store',
    signal: AbortSignal.timeout(5_000),
  });
  if (!answer.ok) throw new Error(`introspection failed with ${answer.status}`);
  const user = await answer.json();
  return user.active ? user : null;
}

export const pleaseSignIn = () => Response.json({ message: 'Please sign in.' }, { status: 401, headers: { 'WWW-Authenticate': 'Bearer' } });
