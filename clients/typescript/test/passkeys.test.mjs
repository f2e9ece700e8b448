// Passkeys, with a browser made up here: one that converts from and to JSON, and one that does not.
import assert from 'node:assert/strict';
import test from 'node:test';
import { addPasskey, connect, isProblem, reauthenticateWithPasskey, signInWithPasskey, submitPasskey, supportsPasskeys } from 'twofold-client';

const CREATION = {
  rp: { name: 'Twofold', id: 'example.com' }, user: { id: '-_8', name: 'ada', displayName: 'Ada' }, challenge: '_-4',
  pubKeyCredParams: [{ type: 'public-key', alg: -7 }], excludeCredentials: [{ id: 'AQI', type: 'public-key' }],
};
const REQUEST = { challenge: '_-4', rpId: 'example.com', allowCredentials: [{ id: 'AQI', type: 'public-key' }] };
const buffer = (...bytes) => Uint8Array.from(bytes).buffer;

/** Answers options with options, and keeps what is sent. */
function service() {
  const sent = [];
  const fetch = async (url, { body }) => {
    const path = new URL(url).pathname.replace('/api/auth/', '');
    if (body) sent.push([path, JSON.parse(body)]);
    const answers = { 'passkeys/options': CREATION, 'passkeys/challenge': REQUEST, 'passkeys/sign-in/options': REQUEST, passkeys: { passkey: { id: '1' } } };
    return new Response(JSON.stringify(answers[path] ?? { user: { id: 'u' } }));
  };
  return [connect({ baseUrl: 'https://example.com', fetch }), sent];
}

function browser(credential, PublicKeyCredential = {}) {
  const asked = [];
  const answer = async (options) => {
    asked.push(options);
    if (credential instanceof Error) throw credential;
    return credential;
  };
  Object.defineProperty(globalThis, 'navigator', { configurable: true, value: { credentials: { create: answer, get: answer } } });
  Object.assign(globalThis, { PublicKeyCredential, isSecureContext: true });
  return asked;
}

const ASSERTION = { clientDataJSON: buffer(1), authenticatorData: buffer(2), signature: buffer(251, 255), userHandle: null };

test('a browser without conversions gets bytes, and its answer becomes base64url', async () => {
  const [to, sent] = service();
  const [created] = [browser({ id: 'AQI', type: 'public-key', response: { clientDataJSON: buffer(1, 2), attestationObject: buffer(251, 255), getTransports: () => ['usb'] } })];
  assert.equal((await addPasskey(to, { name: 'Key' })).passkey.id, '1');
  const { publicKey } = created[0];
  assert.deepEqual([...publicKey.challenge, ...publicKey.user.id, ...publicKey.excludeCredentials[0].id], [255, 238, 251, 255, 1, 2]);
  assert.deepEqual(sent, [['passkeys', {
    name: 'Key',
    credential: { id: 'AQI', rawId: 'AQI', type: 'public-key', clientExtensionResults: {}, response: { clientDataJSON: 'AQI', attestationObject: '-_8', transports: ['usb'] } },
  }]]);
});

test('a passkey is submitted as the second factor', async () => {
  const [to, sent] = service();
  const asked = browser({ id: 'AQI', type: 'public-key', response: ASSERTION });
  assert.equal((await submitPasskey(to, { remember_device: true })).outcome, 'signedIn');
  assert.deepEqual([...asked[0].publicKey.allowCredentials[0].id], [1, 2]);
  const [[path, { remember_device: isRemembered, credential }]] = sent;
  assert.deepEqual([path, isRemembered, credential.response], ['passkeys/validate', true, { clientDataJSON: 'AQ', authenticatorData: 'Ag', signature: '-_8' }]);
});

test('a browser with conversions does them', async () => {
  const [to, sent] = service();
  const asked = browser({ toJSON: () => ({ id: 'json' }) }, { parseRequestOptionsFromJSON: () => 'parsed' });
  const result = await signInWithPasskey(to, { autofill: true });
  assert.deepEqual(result, { outcome: 'signedIn', user: { id: 'u' } });
  assert.deepEqual(asked, [{ publicKey: 'parsed', mediation: 'conditional' }]);
  assert.equal((await reauthenticateWithPasskey(to)).outcome, 'signedIn');
  assert.equal((await reauthenticateWithPasskey(to, { password: 'p' })).outcome, 'signedIn');
  const passkey = { id: 'json' };
  assert.deepEqual(sent, [['passkeys/sign-in', { credential: passkey }], ['reauthenticate', { passkey }], ['reauthenticate', { password: 'p', passkey }]]);
});

test('a sign-in without a user is a problem', async () => {
  browser({ toJSON: () => ({}) }, { parseRequestOptionsFromJSON: () => 'parsed' });
  const to = connect({ baseUrl: 'https://example.com', fetch: async () => new Response('{}') });
  await assert.rejects(signInWithPasskey(to), (error) => isProblem(error) && error.code === 'unknown');
});

test('a closed prompt is a result, and an abort and other errors are thrown', async () => {
  const [to] = service();
  browser(new DOMException('closed', 'NotAllowedError'));
  assert.deepEqual(await signInWithPasskey(to), { outcome: 'cancelled' });
  const leaving = new AbortController();
  const asked = browser(new DOMException('aborted', 'AbortError'));
  const { signal } = leaving;
  await assert.rejects(signInWithPasskey(to, {}, { signal }), { name: 'AbortError' });
  assert.equal(asked[0].signal, signal);
  browser(new DOMException('there is one', 'InvalidStateError'));
  await assert.rejects(addPasskey(to), { name: 'InvalidStateError' });
});

test('a page without a secure origin has no passkeys', () => {
  browser();
  assert.equal(supportsPasskeys(), true);
  globalThis.isSecureContext = false;
  assert.equal(supportsPasskeys(), false);
});
