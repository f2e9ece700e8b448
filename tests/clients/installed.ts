// A program that has the package installed, against a running service. It asks the program that started it to move the
// service's clock, by which an authenticator app made up here computes its codes.
import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import {
  changePassword, confirmAuthenticator, connect, countRecoveryCodes, deleteAccount, endOtherSessions, exchangeCredentials, fetchWithCookies, forgetDevice,
  isProblem, listDevices, listEvents, listPasskeys, listSessions, login, logout, me, reauthenticate, register, removeAuthenticator, renewRecoveryCodes, serviceToken,
  startAuthenticator, submitCode, tokenInMemory, type LoginResult,
} from 'twofold-client';

const baseUrl = process.env.SERVICE ?? '';
const person = { name: 'Ada', email: 'ada@example.com', password: 'seven quiet lanterns' };
let now = Number(process.env.SERVICE_TIME);
let secret = '';

async function advance(seconds: number): Promise<void> {
  const moved = new Promise((resolve) => process.stdin.once('data', resolve));
  console.log(`advance ${seconds}`);
  await moved;
  now += seconds * 1000;
}

/** A code that was not used before: of the next step, with the clock moved there. */
async function nextCode(): Promise<string> {
  await advance(30);
  const bits = [...secret].map((letter) => 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'.indexOf(letter).toString(2).padStart(5, '0')).join('');
  const key = Buffer.from((bits.match(/.{8}/g) ?? []).map((byte) => parseInt(byte, 2)));
  const counter = Buffer.alloc(8);
  counter.writeBigUInt64BE(BigInt(Math.floor(now / 30_000)));
  const mac = createHmac('sha1', key).update(counter).digest();
  const code = (mac.readUInt32BE((mac[19] ?? 0) & 15) & 0x7fffffff) % 1_000_000;
  return String(code).padStart(6, '0');
}

/** Compiles only while these are all outcomes. */
function describe(result: LoginResult): string {
  switch (result.outcome) {
    case 'signedIn':
    case 'secondFactorRequired':
      return `${result.outcome} ${result.user.email}`;
    case 'refused':
      return `refused ${result.problem.code satisfies 'incorrect_credentials' | 'too_many_attempts' | typeof result.problem.code}`;
  }
}

let reauthentications = 0;
const service = connect({
  baseUrl,
  fetch: fetchWithCookies(),
  reauthenticate: async ({ message }) => {
    assert.equal(message, 'Please log in again to do this.');
    reauthentications += 1;
    const wrong = await reauthenticate(service, { password: 'not the password', token: '000000' });
    assert(wrong.outcome === 'refused' && wrong.problem.code === 'incorrect_password');
    return (await reauthenticate(service, { password: person.password, token: await nextCode() })).outcome === 'signedIn';
  },
});

// Registration, and a login without a second factor.
await assert.rejects(register(service, { ...person, name: '', password: 'short' }), (error) => {
  assert(isProblem(error, 'invalid_fields'));
  assert.deepEqual(error.fields.map(({ field, code }) => [field, code]), [['name', 'name_empty'], ['password', 'password_too_short']]);
  return true;
});
await register(service, person);
await assert.rejects(register(service, person), (error) => isProblem(error, 'account_exists') && error.status === 409);
assert.equal(describe(await login(service, { ...person, password: 'not the password' })), 'refused incorrect_credentials');
assert.equal(describe(await login(service, person)), 'signedIn ada@example.com');

// An authenticator app, and a login with its code.
secret = (await startAuthenticator(service)).base32;
assert.equal((await confirmAuthenticator(service, { token: await nextCode() })).recovery_codes.length, 10);
await logout(service);
await assert.rejects(me(service), (error) => isProblem(error, 'not_authenticated'));
assert.equal(describe(await login(service, person)), 'secondFactorRequired ada@example.com');
await assert.rejects(me(service), (error) => isProblem(error, 'otp_required'));
const wrong = await submitCode(service, { token: 'not-a-code' });
assert(wrong.outcome === 'refused' && wrong.problem.code === 'otp_invalid');
assert.equal((await submitCode(service, { token: await nextCode(), remember_device: true })).outcome, 'signedIn');
const { session } = await me(service);
assert.deepEqual([session.kind, session.aal], ['cookie', 'aal2']);

// The device is trusted until it is forgotten: its password is enough.
await logout(service);
assert.equal(describe(await login(service, person)), 'signedIn ada@example.com');
assert.equal((await me(service)).session.aal, 'aal1');
const { devices: [device] } = await listDevices(service);
assert(device?.current);
await forgetDevice(service, { id: device.id });
await logout(service);
assert.equal(describe(await login(service, person)), 'secondFactorRequired ada@example.com');
assert.equal((await submitCode(service, { token: await nextCode() })).outcome, 'signedIn');
assert.deepEqual((await listPasskeys(service)).passkeys, []);

// A sensitive call when the sign-in is old.
await advance(16 * 60);
const { recovery_codes: [recoveryCode = ''] } = await renewRecoveryCodes(service);
assert.equal(reauthentications, 1);
assert.equal((await countRecoveryCodes(service)).remaining, 10);

// A bearer token, which changes with the password.
const bearer = tokenInMemory();
const program = connect({ baseUrl, bearer });
assert.equal((await exchangeCredentials(program, person)).outcome, 'secondFactorRequired');
assert.equal((await exchangeCredentials(program, { ...person, otp: recoveryCode })).outcome, 'signedIn');
const first = bearer.get();
assert.equal((await me(program)).session.kind, 'bearer');
await changePassword(program, { current_password: person.password, new_password: 'eight loud lanterns' });
person.password = 'eight loud lanterns';
assert.notEqual(bearer.get(), first);
assert.equal((await listSessions(program)).sessions.length, 1);
const { token, expires_in: lifetime } = await serviceToken(program, { audience: 'billing' });
const claims = JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString());
assert.deepEqual([claims.aud, claims.acr, lifetime], ['billing', 'aal2', 300]);
await assert.rejects(serviceToken(program, { audience: 'unknown' }), (error) => isProblem(error, 'invalid_fields') && error.fields[0]?.code === 'audience_unknown');
await endOtherSessions(program);
const { events } = await listEvents(program, { limit: 2 });
assert.deepEqual(events.map(({ kind }) => kind), ['other_sessions_ended', 'sessions_ended_by_change']);

// Too many wrong passwords: nothing is sent again, because the wait is longer than what is allowed.
const impatient = connect({ baseUrl, fetch: fetchWithCookies(), retry: { limit: 3, longestWait: 10 } });
const guess = () => login(impatient, { ...person, password: 'not the password' });
for (let attempt = 0; attempt < 5; attempt += 1) assert.equal(describe(await guess()), 'refused incorrect_credentials');
const refused = await guess();
assert(refused.outcome === 'refused' && refused.problem.code === 'too_many_attempts');
assert.equal(refused.problem.retryAfter, 30);
await advance(30);
assert.equal((await login(impatient, person)).outcome, 'secondFactorRequired');

// A call that is aborted, and the end of it all.
await assert.rejects(me(program, {}, { signal: AbortSignal.abort() }), { name: 'AbortError' });
assert.equal((await removeAuthenticator(program)).otp_disabled, true);
await deleteAccount(program, { password: person.password });
assert.equal(bearer.get(), undefined);
console.log('ok');
process.stdin.unref();
