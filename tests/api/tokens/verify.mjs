// Verifies a token with jose, tries what it must refuse, and forges tokens for the service to refuse.
import { createHmac } from 'node:crypto';
import * as jose from 'jose';

const chunks = [];
for await (const chunk of process.stdin) chunks.push(chunk);
const { jwks, token, audience, issuer } = JSON.parse(Buffer.concat(chunks).toString());

const keys = jose.createRemoteJWKSet(new URL(jwks));
const rules = { audience, issuer, typ: 'at+jwt', algorithms: ['ES256'], requiredClaims: ['sub', 'jti', 'iat', 'nbf', 'exp'] };
const verify = (token, other = {}) => jose.jwtVerify(token, keys, { ...rules, ...other });
const refuses = (...given) => verify(...given).then(() => false, (error) => error instanceof jose.errors.JOSEError);

const { payload, protectedHeader } = await verify(token);
const [, claims] = token.split('.');
const published = await (await fetch(jwks)).json();
const jwk = published.keys.find(({ kid }) => kid === protectedHeader.kid);
const pem = await jose.exportSPKI(await jose.importJWK(jwk, 'ES256', { extractable: true }));
const signed = (header) => `${jose.base64url.encode(JSON.stringify({ ...protectedHeader, ...header }))}.${claims}`;
const stranger = await jose.generateKeyPair('ES256');
const sign = (header) => new jose.SignJWT(payload).setProtectedHeader({ ...protectedHeader, ...header }).sign(stranger.privateKey);
const hmac = signed({ alg: 'HS256' });
const forged = {
  none: `${signed({ alg: 'none' })}.`,
  hmac: `${hmac}.${createHmac('sha256', pem).update(hmac).digest('base64url')}`,
  signature: await sign({}),
};
const refused = {
  audience: await refuses(token, { audience: 'reports' }),
  issuer: await refuses(token, { issuer: 'https://other.example' }),
  type: await refuses(await sign({ typ: 'JWT' })),
};
for (const [attack, forgery] of Object.entries(forged)) refused[attack] = await refuses(forgery);
console.log(JSON.stringify({
  claims: payload, header: protectedHeader, refused, forged, thumbprint: await jose.calculateJwkThumbprint(jwk),
}));
