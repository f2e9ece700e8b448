// Trusted devices: how long is said, the password alone signs in there, and one or all are removed.
import assert from 'node:assert/strict';
import { addPasskey, plugIn, WITHOUT_AUTOFILL } from '../authenticators.mjs';
import { click, enrol, fill, heading, journey, newPerson, open, signIn, signInToCode, signOut, visit } from '../harness.mjs';

const [time] = process.argv.slice(2);
const BOX = `Trust this device for ${time}`;

/** Signs in with a code; where devices can be trusted, this one is. */
async function signInWithCode(page, person, phone) {
  await signInToCode(page, person);
  if (time) await page.getByLabel(BOX).check();
  await fill(page, 'Six-digit code', await phone.next());
  await heading(page, 'Your account');
}

async function trusted(browser) {
  const page = await open(browser, { script: WITHOUT_AUTOFILL });
  const person = newPerson();
  const { phone } = await enrol(page, person);
  const list = page.locator('section', { has: page.getByRole('heading', { name: 'Trusted devices' }) });
  const straightIn = async () => {
    await signOut(page);
    await signIn(page, person);
    await heading(page, 'Your account');
  };
  await signInWithCode(page, person, phone);
  await straightIn();
  await visit(page, '/sessions', 'Sessions');
  await page.getByText('with a password only').waitFor();
  await visit(page, '/two-factor', 'Two-factor authentication');
  await list.getByText('Chrome on Linux (this device)').waitFor();

  // What is sensitive still needs a second factor.
  await plugIn(page, 'key');
  await click(page, 'Add a passkey');
  const dialog = page.getByRole('dialog', { name: 'Confirm it’s you' });
  await fill(dialog, 'Password', person.password);
  await fill(dialog, 'Code', await phone.next());
  await click(dialog, 'Confirm');
  await page.getByText('Your passkey has been added.').waitFor();

  await click(page, 'Remove Chrome on Linux');
  await page.getByText('Chrome on Linux is no longer trusted.').waitFor();
  assert.equal(await list.count(), 0);
  await signOut(page);
  await signInToCode(page, person);
  // The box goes with a passkey, too, and never with a recovery code.
  await click(page, 'My device is not at hand: use a recovery code', 'link');
  await heading(page, 'Enter a recovery code');
  assert.equal(await page.getByRole('checkbox').count(), 0);
  await click(page, 'Use your passkey', 'link');
  await page.getByLabel(BOX).check();
  await click(page, 'Use your passkey');
  await heading(page, 'Your account');
  await straightIn();

  await visit(page, '/two-factor', 'Two-factor authentication');
  await click(page, 'Remove all trusted devices');
  await page.getByText('No device is trusted any more.').waitFor();
  await signOut(page);
  await signIn(page, person);
  await heading(page, 'Use your passkey');
}

async function never(browser) {
  const page = await open(browser, { script: WITHOUT_AUTOFILL });
  const person = newPerson();
  const { phone } = await enrol(page, person);
  await signInWithCode(page, person, phone);
  await plugIn(page, 'key');
  await addPasskey(page);
  assert.equal(await page.getByText('Trusted devices').count(), 0);
  await signOut(page);
  await signInToCode(page, person);
  assert.equal(await page.getByRole('checkbox').count(), 0);
  await click(page, 'Use your passkey', 'link');
  await heading(page, 'Use your passkey');
  assert.equal(await page.getByRole('checkbox').count(), 0);
}

if (time) await journey(`a device is trusted for ${time}, and removed`, trusted);
else await journey('a service that never trusts devices', never);
