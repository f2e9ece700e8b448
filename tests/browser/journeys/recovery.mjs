// The phone is gone: in with a recovery code, then a new authenticator in the place of the old, and new codes.
import assert from 'node:assert/strict';
import { click, enrol, fill, heading, journey, newPerson, open, setUp, signInToCode, signOut, URL_ROOT } from '../harness.mjs';

await journey('recovery without the phone', async (browser) => {
  const person = newPerson();
  const page = await open(browser);
  const { codes } = await enrol(page, person);

  await signInToCode(page, person);
  await click(page, 'My device is not at hand: use a recovery code', 'link');
  await heading(page, 'Enter a recovery code');
  await page.reload();
  await fill(page, 'Recovery code', codes[0].toUpperCase());
  await click(page, 'Continue');
  await heading(page, 'Your account');
  await page.getByText('You signed in with a recovery code. It won’t work again. You have 9 left.').waitFor();
  await page.getByRole('link', { name: 'Replace the app' }).waitFor();
  await page.getByText('9 of 10 left').waitFor();

  // The same code does not work twice.
  await signOut(page);
  await signInToCode(page, person);
  await click(page, 'My device is not at hand: use a recovery code', 'link');
  await fill(page, 'Recovery code', codes[0]);
  await click(page, 'Continue');
  await page.getByText('already used').waitFor();
  await fill(page, 'Recovery code', codes[1]);
  await click(page, 'Continue');
  await heading(page, 'Your account');

  // A new phone. Going back afterwards does not begin another enrolment.
  await click(page, 'Two-factor', 'link');
  await click(page, 'Replace the app', 'link');
  await heading(page, 'Replace your authenticator app');
  const { codes: renewed } = await setUp(page);
  assert(!renewed.some((code) => codes.includes(code)));
  await page.goBack();
  await heading(page, 'Two-factor authentication');

  // New codes, shown once.
  await page.goto(`${URL_ROOT}#/two-factor/recovery-codes`);
  await page.getByText('10 of 10 left').waitFor();
  await click(page, 'Make new codes');
  await page.getByRole('dialog').getByRole('button', { name: 'Cancel' }).click();
  await click(page, 'Make new codes');
  await page.getByRole('dialog').getByRole('button', { name: 'Make new codes' }).click();
  await heading(page, 'Save your recovery codes');
  assert.equal(await page.locator('.codes code').count(), 10);
  await page.getByLabel('I have saved these codes').check();
  await page.reload();
  await page.getByText('10 of 10 left').waitFor();
  assert.equal(await page.locator('.codes code').count(), 0, 'shown once');
});
