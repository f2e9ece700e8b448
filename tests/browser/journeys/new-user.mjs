// From nothing to an account with two factors, through every page, to no account.
import assert from 'node:assert/strict';
import { click, drawn, fill, heading, journey, newPerson, open, setUp, signIn, signInToCode, signOut, signUp } from '../harness.mjs';

await journey('a new user, end to end', async (browser) => {
  const person = newPerson();
  const page = await open(browser);
  await heading(page, 'Sign in');
  await signUp(page, person);

  const { phone, codes } = await setUp(page);
  assert.equal(codes.length, 10);
  const [file] = await Promise.all([page.waitForEvent('download'), click(page, 'Download')]);
  assert.equal(file.suggestedFilename(), 'recovery-codes.txt');
  await click(page, 'Continue');
  await click(page, 'Manage recovery codes', 'link');
  await page.getByText('10 of 10 left').waitFor();

  await signOut(page);
  await page.goBack();
  await page.waitForURL('**#/sign-in?next=/two-factor');
  await drawn(page);
  assert(!(await page.content()).includes(person.email), 'nothing private after signing out');

  // A private page, asked for while signed out, is where one lands.
  await page.goto(`${page.url().split('#')[0]}#/sessions`);
  await page.waitForURL('**#/sign-in?next=/sessions');
  await heading(page, 'Sign in');
  await signInToCode(page, person);
  assert.equal(await page.title(), 'Enter your code · Twofold');
  await page.reload();
  await heading(page, 'Enter your code');
  await fill(page, 'Six-digit code', (await phone.next()).replace(/(...)/, '$1 '));
  await heading(page, 'Sessions');

  await click(page, 'Activity', 'link');
  await page.getByText('Two-factor authentication turned on').waitFor();
  await page.getByText('Account created').waitFor();
  await page.reload();
  await heading(page, 'Activity');

  await click(page, 'Two-factor', 'link');
  await click(page, 'Turn off two-factor authentication');
  await page.getByRole('dialog').getByRole('button', { name: 'Turn off' }).click();
  await page.getByText('Not set up yet').waitFor();

  await click(page, 'Overview', 'link');
  await click(page, 'Delete this account', 'link');
  await fill(page, 'Password', 'not my password');
  await click(page, 'Delete my account');
  await page.getByText('Incorrect password.').waitFor();
  assert.equal(await page.getByLabel('Password', { exact: true }).evaluate((input) => input === document.activeElement), true);
  await fill(page, 'Password', person.password);
  await click(page, 'Delete my account');
  await page.getByText('Your account has been deleted.').waitFor();
  await signIn(page, person);
  await page.getByText('Incorrect email or password.').waitFor();
});
