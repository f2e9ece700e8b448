// Passkeys in the React example: Chromium makes them, and the service's answers are made up here.
import assert from 'node:assert/strict';
import { API, logIn, logOut, openExample, register, SWITCHES } from '../example.mjs';
import { click, heading, journey, newPerson } from '../harness.mjs';
import { viewer } from '../views.mjs';

const base64url = (text) => Buffer.from(text).toString('base64url');
const clientData = ({ response }) => JSON.parse(Buffer.from(response.clientDataJSON, 'base64url'));

/** Answers the calls about passkeys; keeps the passkey that was made, and the proof of it. */
async function makeUpService(page) {
  const kept = {};
  const challenge = base64url('sixteen bytes or more');
  const passkey = { id: '1', name: 'My laptop', created_at: new Date().toISOString(), last_used_at: null, synced: false, signs_in: true };
  const answers = {
    'GET passkeys': () => ({ passkeys: kept.made ? [passkey] : [] }),
    'POST passkeys/options': () => ({
      rp: { id: 'localhost', name: 'Twofold' }, user: { id: base64url('twelve bytes'), name: 'ada', displayName: 'Ada' }, challenge,
      pubKeyCredParams: [{ type: 'public-key', alg: -7 }], timeout: 60_000, excludeCredentials: [],
      authenticatorSelection: { residentKey: 'preferred', userVerification: 'preferred' }, attestation: 'none',
    }),
    'POST passkeys': ({ credential }) => {
      kept.made = credential;
      return { passkey, recovery_codes: ['0f9k2m-7wqx3e-bz5rt8-hn4v6y'] };
    },
    'POST passkeys/challenge': () => ({ challenge, rpId: 'localhost', timeout: 60_000, allowCredentials: [{ id: kept.made.id, type: 'public-key' }] }),
    'POST passkeys/validate': ({ credential }) => {
      kept.proof = credential;
      return { passkey_valid: true };
    },
  };
  await page.route(`${API}/api/auth/passkeys**`, (route) => answer(route));
  await page.route(`${API}/api/auth/passkeys/**`, (route) => answer(route));
  await page.route(`${API}/api/auth/login`, async (route) => {
    const response = await route.fetch();
    const json = await response.json();
    return route.fulfill({ response, json: { ...json, second_factor_required: true, user: { ...json.user, otp_enabled: true, second_factors: ['passkey'] } } });
  });
  const answer = (route) => {
    const request = route.request();
    const call = `${request.method()} ${new URL(request.url()).pathname.replace('/api/auth/', '')}`;
    const headers = { 'access-control-allow-origin': 'http://localhost:3000', 'access-control-allow-credentials': 'true' };
    return route.fulfill({ headers, json: answers[call](request.postDataJSON()) });
  };
  return kept;
}

await journey('passkeys in the React example', async (browser) => {
  const page = await openExample(browser);
  const see = viewer(page, 'desktop-light');
  const devtools = await page.context().newCDPSession(page);
  await devtools.send('WebAuthn.enable');
  await devtools.send('WebAuthn.addVirtualAuthenticator', {
    options: { protocol: 'ctap2', transport: 'internal', hasResidentKey: true, hasUserVerification: true, isUserVerified: true, automaticPresenceSimulation: true },
  });
  const person = newPerson();
  await register(page, person);
  const kept = await makeUpService(page);
  await page.reload();
  await click(page, 'Add a passkey');
  await page.getByLabel('I have saved these codes').check();
  await click(page, 'Continue');
  await page.getByText('My laptop').waitFor();
  await see('example-passkeys');
  assert.equal(clientData(kept.made).type, 'webauthn.create');
  assert(kept.made.response.attestationObject);

  await logOut(page);
  await logIn(page, person);
  await heading(page, 'Confirm it’s you');
  await see('example-passkey');
  await click(page, 'Use a passkey');
  await heading(page, `Hello, ${person.name}`);
  assert.equal(clientData(kept.proof).type, 'webauthn.get');
  assert.deepEqual([kept.proof.id, typeof kept.proof.response.signature], [kept.made.id, 'string']);
  assert.deepEqual(page.faults, []);
}, SWITCHES);
