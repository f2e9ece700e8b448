// A service that sends no email offers nothing that needs it, and says so where such a page is opened by hand.
import assert from 'node:assert/strict';
import { click, heading, journey, newPerson, open, signUp, visit } from '../harness.mjs';

await journey('without mail', async (browser) => {
  const page = await open(browser);
  await heading(page, 'Sign in');
  assert.equal(await page.getByText('Forgot').count(), 0);
  await visit(page, '/forgot', 'Forgot your password?');
  await page.getByText('This service sends no email.').waitFor();
  assert.equal(await page.getByRole('textbox').count(), 0);
  await visit(page, '/verify?token=mail-none', 'Confirm your email address');
  await click(page, 'Confirm my email address');
  await page.getByText('This service sends no email.').waitFor();
  await signUp(page, newPerson());
  for (const text of ['onfirmed', 'Confirm your', 'Send the link']) assert.equal(await page.getByText(text).count(), 0, text);
  assert.equal(await page.getByRole('link', { name: 'Change: email address' }).count(), 0);
  await visit(page, '/email', 'Email address');
  await page.getByText('This service sends no email').waitFor();
  await visit(page, '/password', 'Change your password');
  assert.equal(await page.getByText('Forgot').count(), 0);
});
