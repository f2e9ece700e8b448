// The address is changed by links at both addresses, and “This wasn’t me” gives a stolen account back.
import assert from 'node:assert/strict';
import { click, fill, heading, journey, newPerson, open, setUp, signIn, signUp, visit } from '../harness.mjs';
import { follow, mailOf, openLink } from '../mailbox.mjs';
import { advance } from '../phone.mjs';

const NEW = 'eight loud lanterns';

/** Somebody signed in, whose address is confirmed. */
async function confirmed(browser) {
  const person = newPerson();
  const page = await open(browser);
  await signUp(page, person);
  const { verify } = await mailOf('verify', person.email);
  await follow(page, verify, 'Confirm your email address');
  await click(page, 'Confirm my email address');
  await heading(page, 'Your email address is confirmed');
  return { page, person };
}

async function ask(page, person, next) {
  await visit(page, '/email', 'Email address');
  await fill(page, 'New email address', next);
  await fill(page, 'Password', person.password);
  await click(page, 'Send the link');
  await heading(page, 'Email address');
}

await journey('a change that the current address approves', async (browser) => {
  const { page, person } = await confirmed(browser);
  const next = newPerson().email;
  await visit(page, '/account', 'Your account');
  await click(page, 'Change: email address', 'link');
  await heading(page, 'Email address');
  await fill(page, 'New email address', next);
  await fill(page, 'Password', 'not my password');
  await click(page, 'Send the link');
  await page.getByText('Incorrect password.').waitFor();
  await fill(page, 'Password', person.password);
  await page.context().setOffline(true);
  await click(page, 'Send the link');
  await page.getByText('What you typed is still here.').waitFor();
  await page.context().setOffline(false);
  await click(page, 'Send the link');
  await page.getByRole('heading', { name: 'Confirm your new email address' }).waitFor();
  assert.equal(await page.evaluate(() => document.activeElement.textContent), 'Confirm your new email address');
  const notice = await mailOf('notice-email_change_requested', person.email);
  const change = await mailOf('change', next);

  // One a minute: the page says so instead of promising a link.
  await ask(page, person, `other-${next}`);
  await mailOf('notice-email_change_requested', person.email);
  await ask(page, person, next);
  await page.getByText(`No link was sent to ${next}`).waitFor();
  await advance(61);
  await ask(page, person, next);
  const latest = await mailOf('change', next);
  const approve = await mailOf('notice-email_change_requested', person.email);

  const phone = await openLink(browser, change['confirm-email'], 'Confirm your new email address');
  await click(phone, 'Confirm this address');
  await heading(phone, 'This link is no longer valid');
  await follow(phone, notice['approve-email'], 'Approve your new email address');
  await click(phone, 'Approve the change');
  await heading(phone, 'This link is no longer valid');
  await follow(phone, approve['approve-email'], 'Approve your new email address');
  await click(phone, 'Approve the change');
  await heading(phone, 'The change is approved');
  await follow(phone, latest['confirm-email'], 'Confirm your new email address');
  await click(phone, 'Confirm this address');
  await heading(phone, 'Your email address has changed');
  await visit(page, '/account', 'Your account');
  await page.getByRole('definition').filter({ hasText: next }).waitFor();
  assert.equal(await page.getByRole('button', { name: 'Cancel the change' }).count(), 0);
});

await journey('a change that waits, and is cancelled', async (browser) => {
  const { page, person } = await confirmed(browser);
  const next = newPerson().email;
  await ask(page, person, next);
  const change = await mailOf('change', next);
  const phone = await openLink(browser, change['confirm-email'], 'Confirm your new email address');
  await click(phone, 'Confirm this address');
  await heading(phone, 'Your new email address is confirmed');
  // It is shown on both pages.
  await visit(page, '/email', 'Email address');
  await page.getByRole('button', { name: 'Cancel the change' }).waitFor();
  await visit(page, '/account', 'Your account');
  await page.getByRole('heading', { name: 'Your email address will change' }).waitFor();
  await page.context().setOffline(true);
  await click(page, 'Cancel the change');
  await page.getByText('could not be reached').waitFor();
  await page.context().setOffline(false);
  await click(page, 'Cancel the change');
  await page.getByText('The change has been cancelled.').waitFor();
  assert.equal(await page.getByText(next).count(), 0);
  await follow(phone, change['confirm-email'], 'Confirm your new email address');
  await click(phone, 'Confirm this address');
  await heading(phone, 'This link is no longer valid');
  await click(phone, 'Go to your account', 'link');
  await heading(phone, 'Sign in');
});

await journey('an address that another account has', async (browser) => {
  const other = newPerson();
  await signUp(await open(browser), other);
  const { page, person } = await confirmed(browser);
  await ask(page, person, other.email);
  await mailOf('verify', other.email);
  const change = await mailOf('change', other.email);
  await follow(page, change['confirm-email'], 'Confirm your new email address');
  await click(page, 'Confirm this address');
  await page.getByText('Another account uses this email address.').waitFor();
});

await journey('“This wasn’t me” takes the account back', async (browser) => {
  const { page, person } = await confirmed(browser);
  await advance(1);
  await visit(page, '/password', 'Change your password');
  await fill(page, 'Current password', person.password);
  await fill(page, 'New password', NEW);
  await click(page, 'Change password');
  await page.getByText('Your password has been changed.').waitFor();
  const { secure } = await mailOf('notice-password_changed', person.email);
  const phone = await openLink(browser, secure, 'Secure your account');
  await phone.context().setOffline(true);
  await click(phone, 'Secure my account');
  await phone.getByText('could not be reached').waitFor();
  await phone.context().setOffline(false);
  await click(phone, 'Secure my account');
  await heading(phone, 'Your account is secured');
  const { reset } = await mailOf('reset', person.email);
  await page.reload();
  await heading(page, 'Sign in');
  await signIn(page, { ...person, password: NEW });
  await page.getByText('Incorrect email or password.').waitFor();
  await follow(phone, secure, 'Secure your account');
  await click(phone, 'Secure my account');
  await heading(phone, 'This link is no longer valid');
  await follow(phone, reset, 'Set a new password');
  await fill(phone, 'New password', person.password);
  await click(phone, 'Set password');
  await phone.getByText('Your new password is set.').waitFor();
  await signIn(phone, person);
  await heading(phone, 'Your account');
});

await journey('“This wasn’t me” asks for the code of an older app, in the tab that is signed in', async (browser) => {
  const { page, person } = await confirmed(browser);
  const { phone } = await setUp(page);
  await mailOf('notice-factor_added', person.email);
  await advance(60);
  await visit(page, '/password', 'Change your password');
  await fill(page, 'Current password', person.password);
  await fill(page, 'New password', NEW);
  await click(page, 'Change password');
  await page.getByText('Your password has been changed.').waitFor();
  const { secure } = await mailOf('notice-password_changed', person.email);
  await follow(page, secure, 'Secure your account');
  await click(page, 'Secure my account');
  await fill(page, 'Code', phone.wrong());
  await click(page, 'Secure my account');
  await page.getByText('Incorrect code.').waitFor();
  await fill(page, 'Code', await phone.next());
  await click(page, 'Secure my account');
  await heading(page, 'Your account is secured');
  assert.equal(await page.getByRole('button', { name: 'Sign out' }).count(), 0, 'this tab is signed out, too');
  await mailOf('reset', person.email);
});
