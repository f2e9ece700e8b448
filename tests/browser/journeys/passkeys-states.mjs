// Every state of the pages about passkeys and trusted devices: as in states.mjs.
import { addFirstPasskey, addPasskey, plugIn, WITHOUT_AUTOFILL } from '../authenticators.mjs';
import { click, fill, heading, journey, newPerson, open, phoneWithKey, refuse, SERVICE_AT_IP, signIn, signOut, signUp, visit as visitPage } from '../harness.mjs';
import { VIEWS, viewer } from '../views.mjs';

const LONG = 'A security key with a name of a hundred characters, which is as long as the name of a passkey may be.';

async function tour(browser, view) {
  const page = await open(browser, { ...VIEWS[view], script: WITHOUT_AUTOFILL });
  const see = viewer(page, view);
  const visit = (path, name) => visitPage(page, path, name);
  const person = newPerson();
  const key = await plugIn(page, 'key');
  await click(page, 'Sign in with a passkey');
  await page.getByText('The passkey prompt was closed').waitFor();
  await see('sign-in-passkey-closed');
  await key.unplug();
  await signUp(page, person);
  await visit('/two-factor', 'Two-factor authentication');
  await see('passkeys-none');
  await managing(page, see, visit);
  await secondStep(page, see, person);
  await elsewhere(browser, view);
}

async function managing(page, see, visit) {
  await plugIn(page, 'synced');
  await addFirstPasskey(page);
  await see('passkeys-only');
  await click(page, 'Add a passkey');
  await page.getByText('already has a passkey').waitFor();
  await see('passkeys-registered-already');
  await click(page, 'Rename Passkey');
  await page.getByRole('dialog').waitFor();
  await see('dialog-rename');
  await page.keyboard.press('Escape');
  await click(page, 'Remove Passkey');
  await page.getByRole('dialog').waitFor();
  await see('dialog-remove-last');
  await page.keyboard.press('Escape');
  await plugIn(page, 'key');
  await addPasskey(page, LONG.slice(0, 100));
  await page.route('**/api/auth/devices', (route) => route.fulfill({ json: { devices: DEVICES } }));
  await page.reload();
  await page.getByText('Trusted devices').waitFor();
  await see('passkeys-and-devices');
  await page.unroute('**/api/auth/devices');
  await visit('/account', 'Your account');
  await see('account-with-passkeys');
  await visit('/two-factor', 'Two-factor authentication');
  await refuse(page, 'passkeys/options', 403, 'reauthentication_required');
  await click(page, 'Add a passkey');
  const dialog = page.getByRole('dialog', { name: 'Confirm it’s you' });
  await dialog.waitFor();
  await see('dialog-confirm-identity-passkey');
  await refuse(page, 'passkeys/challenge', 409, 'no_passkey');
  await click(dialog, 'Use a passkey');
  await dialog.getByText('Detail.').waitFor();
  await see('dialog-confirm-identity-passkey-failed');
  await page.keyboard.press('Escape');
  await page.unroute('**/api/auth/passkeys/options');
  await page.unroute('**/api/auth/passkeys/challenge');
  const phone = await phoneWithKey(page);
  await fill(page, 'Six-digit code', phone.code());
  await heading(page, 'Save your recovery codes');
  await page.getByLabel('I have saved these codes').check();
  await click(page, 'Continue');
  await heading(page, 'Two-factor authentication');
  await see('passkeys-and-app');
  await click(page, 'Remove the authenticator app');
  await page.getByRole('dialog').waitFor();
  await see('dialog-remove-app');
  await page.keyboard.press('Escape');
}

async function secondStep(page, see, person) {
  await signOut(page);
  await signIn(page, person);
  await heading(page, 'Enter your code');
  await see('code-or-passkey');
  await click(page, 'Use your passkey', 'link');
  await heading(page, 'Use your passkey');
  await see('use-passkey');
  await refuse(page, 'passkeys/validate', 400, 'passkey_invalid');
  await click(page, 'Use your passkey');
  await page.getByText('You have 4 tries left.').waitFor();
  await see('use-passkey-refused');
  await page.unroute('**/api/auth/passkeys/validate');
}

/** A page that can't use passkeys, because of its address. */
async function elsewhere(browser, view) {
  const page = await open(browser, { ...VIEWS[view], start: `${SERVICE_AT_IP}/static/index.html` });
  await click(page, 'Sign in with a passkey');
  await page.getByText('Passkeys do not work at an IP address.').waitFor();
  await viewer(page, view)('sign-in-at-ip');
}

const DEVICES = ['Mozilla/5.0 (X11; Linux x86_64; rv:132.0) Gecko/20100101 Firefox/132.0', 'curl/8.9.1'].map((agent, n) => ({
  id: `d${n}`, user_agent: agent, current: n === 0, ip: n ? '203.0.113.7' : '2001:db8:85a3:8d3:1319:8a2e:370:7348',
  created_at: '2026-11-01T10:00:00Z', last_seen_at: '2026-11-20T10:00:00Z', expires_at: '2026-12-20T10:00:00Z' }));

for (const view of process.argv.slice(2)) {
  await journey(`states of passkeys, ${view}`, (browser) => tour(browser, view));
}
