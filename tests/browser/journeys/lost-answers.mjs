// Answers that get lost, and tabs that overtake each other: nobody is advised to lock themselves out.
import assert from 'node:assert/strict';
import { click, fill, heading, journey, lose, newPerson, open, phoneWithKey, setUp, signIn, signUp, URL_ROOT } from '../harness.mjs';

await journey('the last answer of a setup gets lost', async (browser) => {
  const page = await open(browser);
  const person = newPerson();
  await signUp(page, person);
  const phone = await phoneWithKey(page);
  await lose(page, 'otp/verify');
  await fill(page, 'Six-digit code', phone.code());
  await heading(page, 'Recovery codes');
  await page.getByText('Two-factor authentication is on and your app is set up.').waitFor();
  await page.getByText('You haven’t confirmed that you saved your latest codes.').waitFor();
  assert.equal(await page.getByText(/delete|remove/i).count(), 0, 'no advice to lose the entry');
  await click(page, 'Make new codes');
  await page.getByRole('dialog').getByRole('button', { name: 'Make new codes' }).click();
  await heading(page, 'Save your recovery codes');
});

await journey('the last answer of a setup gets lost, and the new session with it', async (browser) => {
  const page = await open(browser);
  const person = newPerson();
  await signUp(page, person);
  const phone = await phoneWithKey(page);
  await lose(page, 'otp/verify', { isAll: true });
  await fill(page, 'Six-digit code', phone.code());
  await heading(page, 'Sign in');
  await page.getByText('Two-factor authentication may be on now, so keep the new entry in your app').waitFor();
  await signIn(page, person);
  await heading(page, 'Enter your code');
  await fill(page, 'Six-digit code', await phone.next());
  await heading(page, 'Recovery codes');
  await page.getByText('You haven’t confirmed that you saved your latest codes.').waitFor();
});

await journey('the service stays away after the last step', async (browser) => {
  const page = await open(browser);
  await signUp(page, newPerson());
  const phone = await phoneWithKey(page);
  await page.context().setOffline(true);
  await fill(page, 'Six-digit code', phone.code());
  await page.getByText('keep the new entry in your app').waitFor();
  await page.context().setOffline(false);
  await click(page, 'Turn on');
  await heading(page, 'Save your recovery codes');
});

await journey('a second tab finishes the setup, and later a replacement', async (browser) => {
  const page = await open(browser);
  await signUp(page, newPerson());
  let phone = await phoneWithKey(page);
  for (const next of ['first', 'replacement']) {
    const other = await page.context().newPage();
    await other.goto(`${URL_ROOT}#/two-factor/set-up`);
    await fill(other, 'Six-digit code', phone.code());
    await heading(other, 'Save your recovery codes');
    await other.getByLabel('I have saved these codes').check();
    await fill(page, 'Six-digit code', phone.code());
    await heading(page, 'Recovery codes');
    await page.getByText('Two-factor authentication is on and your app is set up.').waitFor();
    await other.close();
    if (next === 'first') phone = await phoneWithKey(page);
  }
});

await journey('the answer to a renewal gets lost', async (browser) => {
  const page = await open(browser);
  await signUp(page, newPerson());
  await setUp(page);
  await click(page, 'Continue');
  await click(page, 'Manage recovery codes', 'link');
  await lose(page, 'otp/recovery-codes');
  await click(page, 'Make new codes');
  await page.getByRole('dialog').getByRole('button', { name: 'Make new codes' }).click();
  await page.getByText('Your old recovery codes may no longer work.').waitFor();
  await page.reload();
  await page.getByText('You haven’t confirmed that you saved your latest codes.').waitFor();
  await page.goto(`${URL_ROOT}#/account`);
  await page.getByText('Not saved').waitFor();
});
