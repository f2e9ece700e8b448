// Passkeys that sign in alone: added, used by button and by autofill, named, removed.
import assert from 'node:assert/strict';
import { addFirstPasskey, addPasskey, plugIn, WITHOUT_AUTOFILL } from '../authenticators.mjs';
import { click, enrol, fill, heading, journey, newPerson, open, signIn, signInToCode, signOut, signUp, visit } from '../harness.mjs';

const item = (page, name) => page.getByRole('listitem').filter({ hasText: name });

await journey('a first passkey turns two-factor authentication on, and signs in by its button', async (browser) => {
  const page = await open(browser, { script: WITHOUT_AUTOFILL });
  const person = newPerson();
  await signUp(page, person);
  const other = await open(browser);
  await signIn(other, person);
  await heading(other, 'Your account');

  await plugIn(page, 'platform');
  const codes = await addFirstPasskey(page, 'My laptop');
  assert.equal(codes.length, 10);
  await item(page, 'My laptop').getByText('not used yet').waitFor();
  await page.getByText('Set up the app').waitFor();
  await click(page, 'Manage recovery codes', 'link');
  await page.getByText('10 of 10 left').waitFor();
  // Every other session has ended.
  await other.reload();
  await heading(other, 'Sign in');

  await signOut(page);
  await click(page, 'Sign in with a passkey');
  await heading(page, 'Your account');
  await page.getByText('In use').waitFor();
  await visit(page, '/two-factor', 'Two-factor authentication');
  await item(page, 'My laptop').getByText('last used').waitFor();
  await click(page, 'Activity', 'link');
  await page.getByText('Signed in with passkey').waitFor();
  await page.getByText('Passkey added').waitFor();

  // A page that was asked for while signed out is where one lands.
  await signOut(page);
  await visit(page, '/sessions', 'Sign in');
  await click(page, 'Sign in with a passkey');
  await heading(page, 'Sessions');
});

await journey('autofill offers a passkey, the button takes its place, and options are renewed', async (browser) => {
  const page = await open(browser, { script: () => {
    if (!window.CredentialsContainer) return;
    const { get } = CredentialsContainer.prototype;
    CredentialsContainer.prototype.get = function (options) {
      console.debug('prompt');
      return get.call(this, options);
    };
  } });
  assert.equal(await page.evaluate(() => PublicKeyCredential.isConditionalMediationAvailable()), true);
  await signUp(page, newPerson());
  const laptop = await plugIn(page, 'synced');
  await addFirstPasskey(page);
  await page.getByText('Synced').waitFor();

  const asked = [];
  page.on('request', (request) => request.url().includes('/passkeys/sign-in') && asked.push(new URL(request.url()).pathname));
  const offered = () => page.waitForEvent('console', (message) => message.text() === 'prompt');
  await laptop.touch(false);
  await Promise.all([offered(), signOut(page)]);
  // The prompt of the button is the only one: the autofill has ended.
  await laptop.touch(true);
  await click(page, 'Sign in with a passkey');
  await heading(page, 'Your account');
  assert.deepEqual(asked, ['/api/auth/passkeys/sign-in/options', '/api/auth/passkeys/sign-in/options', '/api/auth/passkeys/sign-in']);

  // Nobody chooses anything for four minutes; then the options are new, and one is chosen.
  await laptop.touch(false);
  asked.length = 0;
  await page.clock.install();
  await Promise.all([offered(), signOut(page)]);
  await laptop.touch(true);
  await page.clock.runFor(4 * 60_000 + 1000);
  await heading(page, 'Your account');
  assert.equal(asked.filter((path) => path.endsWith('options')).length, 2);

  // Going on to another page ends the offer.
  await laptop.touch(false);
  asked.length = 0;
  await Promise.all([offered(), signOut(page)]);
  await click(page, 'Create an account', 'link');
  await heading(page, 'Create an account');
  await page.clock.runFor(10 * 60_000);
  assert.equal(asked.length, 1);
});

await journey('passkeys are renamed and removed, the last one with two-factor authentication', async (browser) => {
  const page = await open(browser, { script: WITHOUT_AUTOFILL });
  const person = newPerson();
  await signUp(page, person);
  await plugIn(page, 'platform');
  await addFirstPasskey(page, 'First');
  await click(page, 'Rename First');
  const dialog = page.getByRole('dialog', { name: 'Rename the passkey' });
  assert.equal(await dialog.getByLabel('Name').inputValue(), 'First');
  await fill(dialog, 'Name', '');
  await click(dialog, 'Save');
  await dialog.getByText('Enter a name.').waitFor();
  await fill(dialog, 'Name', 'Ada’s laptop');
  await page.keyboard.press('Enter');
  await page.getByText('The passkey is now called Ada’s laptop.').waitFor();
  await item(page, 'Ada’s laptop').waitFor();

  await click(page, 'Remove Ada’s laptop');
  await page.getByText('Two-factor authentication is turned off').waitFor();
  await page.keyboard.press('Escape');
  await page.getByRole('dialog').waitFor({ state: 'detached' });
  const key = await plugIn(page, 'key');
  await addPasskey(page, 'Blue key');
  await click(page, 'Remove Ada’s laptop');
  await page.getByText('You can’t sign in with it any more.').waitFor();
  await click(page.getByRole('dialog'), 'Remove');
  await page.getByText('Ada’s laptop has been removed.').waitFor();
  await item(page, 'Blue key').getByText('Second factor only').waitFor();
  assert.equal(await item(page, 'Ada’s laptop').count(), 0);

  // The browser still has it, and the service no longer takes it.
  await signOut(page);
  await key.touch(false);
  await click(page, 'Sign in with a passkey');
  await page.getByText('This passkey was not accepted.').waitFor();
  await key.touch(true);
  await signIn(page, person);
  await click(page, 'Use your passkey');
  await heading(page, 'Your account');
  await visit(page, '/two-factor', 'Two-factor authentication');
  await click(page, 'Remove Blue key');
  await click(page.getByRole('dialog'), 'Remove');
  await page.getByText('Two-factor authentication is off.').waitFor();
  await page.getByText('Not set up yet').waitFor();
  await signOut(page);
  await signIn(page, person);
  await heading(page, 'Your account');
});

await journey('an authenticator app and a passkey: one is removed, the other stays', async (browser) => {
  const page = await open(browser, { script: WITHOUT_AUTOFILL });
  const person = newPerson();
  const { codes, phone } = await enrol(page, person);
  await signInToCode(page, person);
  await fill(page, 'Six-digit code', await phone.next());
  await heading(page, 'Your account');
  await plugIn(page, 'platform');
  await addPasskey(page, 'My phone');
  await click(page, 'Remove the authenticator app');
  await page.getByText('Your passkeys and recovery codes stay').waitFor();
  await click(page.getByRole('dialog'), 'Remove');
  await page.getByText('The authenticator app has been removed.').waitFor();
  await page.getByText('Set up the app').waitFor();
  // The codes of the app's time are still good.
  await signOut(page);
  await signIn(page, person);
  await heading(page, 'Use your passkey');
  await click(page, 'My device is not at hand: use a recovery code', 'link');
  await fill(page, 'Recovery code', codes[0]);
  await click(page, 'Continue');
  await page.getByText('Lost your passkey?').waitFor();
  await click(page, 'Manage passkeys', 'link');
  await item(page, 'My phone').waitFor();
});
