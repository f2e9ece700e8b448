// An API with Express that knows who is signed in with Twofold: `/reports` by a JWT, `/payments` by introspection.
import express from 'express';
import { createRemoteJWKSet, errors, jwtVerify } from 'jose';

// By default the development values of the service, as `make dev` starts it.
const { TWOFOLD = 'http://localhost:8000', NAME = 'development', SECRET = 'development-only-secret-of-a-service', PORT = '9000' } = process.env;
const keys = createRemoteJWKSet(new URL('/.well-known/jwks.json', TWOFOLD), { cacheMaxAge: 300_000 });

const NO_KEYS = ['ERR_JOSE_GENERIC', 'ERR_JWKS_INVALID', 'ERR_JWKS_TIMEOUT'];

/** The token of `Authorization: Bearer …`. */
const tokenOf = (request) => /^Bearer (.+)$/i.exec(request.get('authorization') ?? '')?.[1] ?? '';

const refuse = (response) => response.status(401).set('WWW-Authenticate', 'Bearer').json({ message: 'Please sign in.' });

/** Verifies a JWT for this service, without a request. A session that has ended is noticed when the JWT expires. */
async function verify(request, response, next) {
  try {
    const rules = { algorithms: ['ES256'], typ: 'at+jwt', issuer: TWOFOLD, audience: NAME, clockTolerance: 10 };
    request.user = (await jwtVerify(tokenOf(request), keys, rules)).payload;
  } catch (error) {
    // Other errors, such as keys that can't be fetched, are not the caller's fault.
    if (!(error instanceof errors.JOSEError) || NO_KEYS.includes(error.code)) throw error;
    return refuse(response);
  }
  next();
}

/** Asks Twofold about a token of any kind. A session that has ended is noticed at once. */
async function introspect(request, response, next) {
  const answer = await fetch(new URL('/oauth/introspect', TWOFOLD), {
    method: 'POST',
    headers: { Authorization: `Basic ${btoa(`${NAME}:${SECRET}`)}` },
    body: new URLSearchParams({ token: tokenOf(request) || 'none' }),
    signal: AbortSignal.timeout(5_000),
  });
  if (!answer.ok) throw new Error(`introspection failed with ${answer.status}`);
  request.user = await answer.json();
  if (!request.user.active) return refuse(response);
  next();
}

/** Twofold can't be reached or failed. The log says how; the caller can only try again. */
function unavailable(error, request, response, _next) {
  console.error(error);
  response.status(503).json({ message: 'Please try again later.' });
}

const byJwt = [verify, unavailable];
const byIntrospection = [introspect, unavailable];

// `sub` is the account's id. Key on it, and never on an email address: an address can change hands.
const app = express();
app.get('/reports', byJwt, ({ user }, response) => response.json({ owner: user.sub, level: user.acr }));
app.get('/payments', byIntrospection, ({ user }, response) => response.json({ owner: user.sub, level: user.acr }));

const server = app.listen(Number(PORT), '127.0.0.1', () => console.log(`listening on http://127.0.0.1:${server.address().port}`));
