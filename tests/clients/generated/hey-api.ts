// The client of `@hey-api/openapi-ts`: both contracts from beginning to end.
import assert from 'node:assert/strict';
import { createClient } from './hey-api/client/index.js';
import {
  confirmOtpSetup, disableOtp, exchangeCredentials, getCurrentUser, getUnconfirmedOtpQrCode, getUsername, logIn, logOut, registerUser, setOtpEnabled,
  startOtpSetup, submitSecondFactor,
} from './hey-api/index.js';
import type { Introspection } from './hey-api/index.js';
import { fetchWithCookies, finish, nextCode, SERVICE } from './phone.js';

// Of an active token the compiler knows the user, by `active` alone.
export const user = (answer: Introspection): string | false => (answer.active ? answer.sub : answer.active);

const ada = { email: 'ada@example.com', password: 'seven quiet lanterns' };
const client = createClient({ baseUrl: SERVICE, fetch: fetchWithCookies as typeof fetch });

// The JSON contract, with cookies.
assert.equal((await registerUser({ client, body: { name: 'Ada', ...ada } })).data?.status, 'success');
assert.equal((await logIn({ client, body: { ...ada, password: 'not the password' } })).error?.code, 'incorrect_credentials');
assert.equal((await logIn({ client, body: ada })).data?.second_factor_required, false);
const { data: offer } = await startOtpSetup({ client, body: {} });
assert(offer);
const { data: confirmed } = await confirmOtpSetup({ client, body: { token: await nextCode(offer.base32) } });
assert.equal(confirmed?.recovery_codes.length, 10);
assert.deepEqual(confirmed.user.second_factors, ['totp']);
assert.equal((await logIn({ client, body: ada })).data?.second_factor_required, true);
assert.equal((await getCurrentUser({ client })).error?.code, 'otp_required');
assert.equal((await submitSecondFactor({ client, body: { token: await nextCode(offer.base32) } })).data?.otp_valid, true);
assert.equal((await getCurrentUser({ client })).data?.session.aal, 'aal2');
assert.equal((await disableOtp({ client, body: {} })).data?.user.otp_enabled, false);
assert.equal((await logOut({ client })).response?.status, 204);

// The Basic contract, with a bearer token.
const basic = createClient({ baseUrl: SERVICE, auth: `${ada.email}:${ada.password}` });
const { data: credentials } = await exchangeCredentials({ client: basic });
const bearer = createClient({ baseUrl: SERVICE, auth: credentials?.token ?? '' });
assert.equal((await getUsername({ client: bearer })).data, 'ada@example.com');
const { data: enabled } = await setOtpEnabled({ client: bearer, body: { enabled: true } });
const { data: picture } = await getUnconfirmedOtpQrCode({ client: bearer });
assert(picture instanceof Blob && picture.type === 'image/png');
const { error: missing } = await exchangeCredentials({ client: basic });
assert(missing && 'status' in missing && missing.status === 1);
const [otp] = enabled?.recovery_codes ?? [];
assert.equal((await exchangeCredentials({ client: basic, query: { otp } })).data?.status, 0);
finish();
