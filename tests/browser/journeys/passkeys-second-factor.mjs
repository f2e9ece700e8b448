// Passkeys and security keys as the second factor: at sign-in, and to confirm one's identity.
import assert from 'node:assert/strict';
import { addFirstPasskey, addPasskey, plugIn, secondFactor, WITHOUT_AUTOFILL } from '../authenticators.mjs';
import { click, fill, heading, journey, newPerson, open, setUp, signIn, signOut, signUp, visit } from '../harness.mjs';
import { advance } from '../phone.mjs';

for (const kind of ['key', 'u2f']) {
  await journey(`a security key without a PIN comes after the password, ${kind}`, async (browser) => {
    const page = await open(browser);
    const person = newPerson();
    await signUp(page, person);
    await plugIn(page, kind);
    await addFirstPasskey(page, 'Blue key');
    await page.getByText('Second factor only').waitFor();
    await signOut(page);
    await signIn(page, person);
    await heading(page, 'Use your passkey');
    await page.getByText(`You are signing in as ${person.email}.`).waitFor();
    await page.reload();
    await secondFactor(page);
    await click(page, 'Activity', 'link');
    await page.getByText('Signed in with password and passkey').waitFor();
  });
}

await journey('the factor that was used last comes first, and the other one is a link away', async (browser) => {
  const page = await open(browser, { script: WITHOUT_AUTOFILL });
  const person = newPerson();
  await signUp(page, person);
  const { phone } = await setUp(page);
  await click(page, 'Continue');
  await plugIn(page, 'key');
  await addPasskey(page);
  await signOut(page);
  await signIn(page, person);
  await heading(page, 'Enter your code');
  await click(page, 'Use your passkey', 'link');
  await page.waitForURL('**#/code/passkey');
  await secondFactor(page);
  assert.deepEqual(await page.evaluate(() => ({ ...localStorage })), { 'second-factor': 'passkey' });
  await signOut(page);
  await signIn(page, person);
  await heading(page, 'Use your passkey');
  await click(page, 'Use your authenticator app', 'link');
  await heading(page, 'Enter your code');
  await page.reload();
  await fill(page, 'Six-digit code', await phone.next());
  await heading(page, 'Your account');
  await signOut(page);
  await signIn(page, person);
  await heading(page, 'Enter your code');

  // Another tab does not know the account's factors, and offers both.
  const tab = await page.context().newPage();
  await tab.goto(page.url());
  await tab.getByText('Use your passkey').waitFor();
});

await journey('a stale session is confirmed with a passkey, a key and its password, or a recovery code', async (browser) => {
  const page = await open(browser, { script: WITHOUT_AUTOFILL });
  const person = newPerson();
  await signUp(page, person);
  const laptop = await plugIn(page, 'platform');
  const codes = await addFirstPasskey(page, 'My laptop');
  const renew = async () => {
    await advance(16 * 60);
    await visit(page, '/two-factor/recovery-codes', 'Recovery codes');
    await click(page, 'Make new codes');
    await click(page.getByRole('dialog', { name: 'Make new recovery codes?' }), 'Make new codes');
    return page.getByRole('dialog', { name: 'Confirm it’s you' });
  };
  const saved = async () => {
    await heading(page, 'Save your recovery codes');
    const fresh = await page.locator('.codes code').allInnerTexts();
    await page.getByLabel('I have saved these codes').check();
    await click(page, 'Continue');
    await heading(page, 'Two-factor authentication');
    return fresh;
  };
  let dialog = await renew();
  await click(dialog, 'Use a passkey');
  const renewed = await saved();
  assert(!renewed.includes(codes[0]));

  dialog = await renew();
  await fill(dialog, 'Password', person.password);
  await fill(dialog, 'Recovery code', renewed[0]);
  await click(dialog, 'Confirm');
  await saved();

  await plugIn(page, 'key');
  await addPasskey(page, 'Blue key');
  await laptop.unplug();
  dialog = await renew();
  await click(dialog, 'Use a passkey');
  await dialog.getByText('Your security key did not check that it’s you.').waitFor();
  assert.equal(await dialog.getByLabel('Password', { exact: true }).evaluate((input) => input === document.activeElement), true);
  await page.keyboard.type('not my password');
  await click(dialog, 'Use a passkey');
  await dialog.getByText('Incorrect password.').waitFor();
  await fill(dialog, 'Password', person.password);
  await click(dialog, 'Use a passkey');
  await saved();
});
