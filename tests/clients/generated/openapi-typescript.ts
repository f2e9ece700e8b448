// The types of `openapi-typescript`, with `openapi-fetch`: both contracts from beginning to end.
import assert from 'node:assert/strict';
import createClient from 'openapi-fetch';
import type { paths } from './schema.js';
import { fetchWithCookies, finish, nextCode, SERVICE } from './phone.js';

// Of an active token the compiler knows the user, by `active` alone.
type Introspection = paths['/oauth/introspect']['post']['responses'][200]['content']['application/json'];
export const user = (answer: Introspection): string | false => (answer.active ? answer.sub : answer.active);

const ada = { email: 'ada@example.com', password: 'seven quiet lanterns' };
const { GET, POST } = createClient<paths>({ baseUrl: SERVICE, fetch: fetchWithCookies });

// The JSON contract, with cookies.
const registered = await POST('/api/auth/register', { body: { name: 'Ada', ...ada } });
assert.equal(registered.data?.status, 'success');
const refused = await POST('/api/auth/login', { body: { ...ada, password: 'not the password' } });
assert.equal(refused.error?.code, 'incorrect_credentials');
assert.equal((await POST('/api/auth/login', { body: ada })).data?.second_factor_required, false);
const { data: offer } = await POST('/api/auth/otp/generate', { body: {} });
assert(offer);
const { data: confirmed } = await POST('/api/auth/otp/verify', { body: { token: await nextCode(offer.base32) } });
assert.equal(confirmed?.recovery_codes.length, 10);
assert.deepEqual(confirmed.user.second_factors, ['totp']);
assert.equal((await POST('/api/auth/login', { body: ada })).data?.second_factor_required, true);
assert.equal((await GET('/api/auth/me')).error?.code, 'otp_required');
const accepted = await POST('/api/auth/otp/validate', { body: { token: await nextCode(offer.base32) } });
assert.equal(accepted.data?.otp_valid, true);
assert.equal((await GET('/api/auth/me')).data?.session.aal, 'aal2');
assert.equal((await POST('/api/auth/otp/disable', { body: {} })).data?.user.otp_enabled, false);
assert.equal((await POST('/api/auth/logout')).response.status, 204);

// The Basic contract, with a bearer token.
const basic = createClient<paths>({ baseUrl: SERVICE, headers: { authorization: `Basic ${btoa(`${ada.email}:${ada.password}`)}` } });
const { data: credentials } = await basic.POST('/auth/credentials');
const bearer = createClient<paths>({ baseUrl: SERVICE, headers: { authorization: `Bearer ${credentials?.token}` } });
assert.equal((await bearer.GET('/whoami')).data, 'ada@example.com');
const { data: enabled } = await bearer.PUT('/auth/otp/enable', { body: { enabled: true } });
const { data: picture } = await bearer.GET('/auth/otp/generate', { parseAs: 'arrayBuffer' });
assert.equal(Buffer.from(picture ?? new ArrayBuffer(0)).toString('latin1', 1, 4), 'PNG');
const missing = await basic.POST('/auth/credentials');
assert(missing.error && 'status' in missing.error && missing.error.status === 1);
const [otp] = enabled?.recovery_codes ?? [];
assert.equal((await basic.POST('/auth/credentials', { params: { query: { otp } } })).data?.status, 0);
finish();
