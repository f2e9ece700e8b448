// Links in emails that need a second factor take a passkey.
import assert from 'node:assert/strict';
import { addFirstPasskey, plugIn, secondFactor, WITHOUT_AUTOFILL } from '../authenticators.mjs';
import { assertAccessible, click, fill, heading, journey, newPerson, open, signIn, signOut, signUp, visit } from '../harness.mjs';
import { follow, mailOf } from '../mailbox.mjs';
import { advance } from '../phone.mjs';

const NEW = ['eight loud lanterns', 'nine small lanterns'];

/** Somebody with a passkey and a confirmed address. */
async function withPasskey(browser) {
  const page = await open(browser, { script: WITHOUT_AUTOFILL });
  const person = newPerson();
  await signUp(page, person);
  const { verify } = await mailOf('verify', person.email);
  await follow(page, verify, 'Confirm your email address');
  await click(page, 'Confirm my email address');
  await heading(page, 'Your email address is confirmed');
  await plugIn(page, 'key');
  await addFirstPasskey(page);
  await mailOf('notice-factor_added', person.email);
  return { page, person };
}

await journey('a forgotten password is reset with a passkey', async (browser) => {
  const { page, person } = await withPasskey(browser);
  await signOut(page);
  await visit(page, '/forgot', 'Forgot your password?');
  await fill(page, 'Email address', person.email);
  await click(page, 'Send the link');
  const { reset } = await mailOf('reset', person.email);
  await follow(page, reset, 'Set a new password');
  await fill(page, 'New password', NEW[0]);
  await click(page, 'Set password');
  const button = page.getByRole('button', { name: 'Use a passkey' });
  await button.waitFor();
  assert.equal(await button.evaluate((one) => one === document.activeElement), true, 'the passkey is next');
  await assertAccessible(page, 'a reset that takes a passkey');
  // What is in the form when the passkey is used counts.
  await fill(page, 'New password', NEW[1]);
  await button.click();
  await page.getByText('Your new password is set.').waitFor();
  await mailOf('notice-password_reset', person.email);
  await signIn(page, { ...person, password: NEW[1] });
  await secondFactor(page);
});

await journey('“This wasn’t me” takes a passkey that is older than the notice', async (browser) => {
  const { page, person } = await withPasskey(browser);
  // What is as new as the event would be removed.
  await advance(60);
  await visit(page, '/password', 'Change your password');
  await fill(page, 'Current password', person.password);
  await fill(page, 'New password', NEW[0]);
  await click(page, 'Change password');
  const { secure } = await mailOf('notice-password_changed', person.email);
  await follow(page, secure, 'Secure your account');
  await click(page, 'Secure my account');
  await page.getByRole('button', { name: 'Use a passkey' }).waitFor();
  await assertAccessible(page, '“This wasn’t me” that takes a passkey');
  await click(page, 'Use a passkey');
  await heading(page, 'Your account is secured');
  const { reset } = await mailOf('reset', person.email);
  await follow(page, reset, 'Set a new password');
});
