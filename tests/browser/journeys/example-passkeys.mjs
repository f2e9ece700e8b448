// Passkeys and remembered devices in the React example, with authenticators that Chromium simulates.
import assert from 'node:assert/strict';
import { plugIn } from '../authenticators.mjs';
import { alert, clickAtOnce, counter, logIn, logOut, openExample, ORIGIN, register, setUpApp, SWITCHES } from '../example.mjs';
import { click, fill, heading, journey, newPerson } from '../harness.mjs';
import { advance } from '../phone.mjs';
import { viewer } from '../views.mjs';

async function addPasskey(page, { isFirst }) {
  await click(page, 'Add a passkey');
  if (!isFirst) return;
  await page.getByLabel('I have saved these codes').check();
  await click(page, 'Continue');
}

await journey('passkeys in the React example', async (browser) => {
  const page = await openExample(browser);
  const see = viewer(page, 'desktop-light');
  const laptop = await plugIn(page, 'platform');
  const person = newPerson();
  await register(page, person);
  await addPasskey(page, { isFirst: true });
  await page.getByText('Not used yet').waitFor();
  await click(page, 'Rename Passkey');
  const dialog = page.getByRole('dialog', { name: 'Rename the passkey' });
  assert.equal(await dialog.getByLabel('Name').inputValue(), 'Passkey');
  await see('example-rename');
  await fill(dialog, 'Name', 'My laptop');
  await click(dialog, 'Save');
  await page.getByText('My laptop').waitFor();
  await see('example-passkeys');

  // As the second factor, and alone.
  await logOut(page);
  await logIn(page, person);
  await heading(page, 'Confirm it’s you');
  await see('example-passkey');
  // Without what the login said, as in a new tab.
  await page.goto(ORIGIN);
  await heading(page, 'Confirm it’s you');
  await page.getByLabel('Six-digit code').waitFor();
  await see('example-any-factor');
  await click(page, 'Use a passkey');
  await heading(page, `Hello, ${person.name}`);
  await logOut(page);
  await click(page, 'Log in with a passkey');
  await heading(page, `Hello, ${person.name}`);

  // A passkey that verifies its user confirms without the password.
  await advance(16 * 60);
  const confirm = page.getByRole('dialog', { name: 'Confirm it’s you' });
  await click(page, 'Remove My laptop');
  await click(page, 'Yes');
  await confirm.waitFor();
  await see('example-reauthentication-passkey');
  await click(confirm, 'Use a passkey');
  await page.getByText('Off: your password is enough to log in.').waitFor();
  await page.getByText('My laptop').waitFor({ state: 'detached' });
  assert.equal((await laptop.passkeys()).length, 1, 'the browser still has it');
  await logOut(page);
  await click(page, 'Log in with a passkey');
  await alert(page, 'This passkey was not accepted.');
  assert.deepEqual(page.faults, []);
}, SWITCHES);

await journey('a security key and a remembered device in the React example', async (browser) => {
  const page = await openExample(browser);
  const see = viewer(page, 'desktop-light');
  const person = newPerson();
  await register(page, person);
  const phone = await setUpApp(page);
  await plugIn(page, 'key');
  await addPasskey(page, { isFirst: false });
  await page.getByText('only as a second factor').waitFor();
  await logOut(page);
  await logIn(page, person);
  await page.getByLabel('Remember this device for 30 days').check();
  await see('example-remember');
  await fill(page, 'Six-digit code', await phone.next());
  await click(page, 'Continue');
  await heading(page, `Hello, ${person.name}`);

  // The password is enough here, and what is sensitive still needs a second factor: the key, with the password.
  await logOut(page);
  await logIn(page, person);
  await heading(page, `Hello, ${person.name}`);
  await click(page, 'Make new codes');
  await click(page, 'Yes');
  const confirm = page.getByRole('dialog', { name: 'Confirm it’s you' });
  await click(confirm, 'Use a passkey');
  await alert(confirm, 'This passkey was not accepted.');
  await fill(confirm, 'Password', person.password);
  await fill(confirm, 'Code or recovery code', '000000');
  const sent = counter(page, '/auth/reauthenticate');
  await clickAtOnce(confirm, 'Use a passkey', 'Confirm');
  await page.getByLabel('I have saved these codes').check();
  assert.deepEqual(sent, ['POST'], 'a form does one thing at a time');
  await click(page, 'Continue');

  await page.goto(`${ORIGIN}/sessions`);
  await page.getByText('this device').waitFor();
  await see('example-devices');
  await click(page, 'Forget');
  await page.getByRole('heading', { name: 'Remembered devices' }).waitFor({ state: 'detached' });
  await logOut(page);
  await logIn(page, person);
  await heading(page, 'Confirm it’s you');
  await page.getByLabel('Remember this device for 30 days').check();
  await fill(page, 'Six-digit code', '000000');
  const codes = counter(page, '/otp/validate');
  await clickAtOnce(page, 'Use a passkey', 'Continue');
  await heading(page, `Hello, ${person.name}`);
  assert.deepEqual(codes, [], 'a card does one thing at a time');
  await page.goto(`${ORIGIN}/sessions`);
  await click(page, 'Forget all');
  await page.getByRole('heading', { name: 'Remembered devices' }).waitFor({ state: 'detached' });
  assert.deepEqual(page.faults, []);
}, SWITCHES);
