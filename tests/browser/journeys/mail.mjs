// Links that confirm an address, delete a foreign account and reset a password: on a phone, twice, too late, and without a network.
import assert from 'node:assert/strict';
import { click, fill, heading, journey, lose, newPerson, open, phoneWithKey, setUp, signIn, signInToCode, signOut, signUp, URL_ROOT, visit } from '../harness.mjs';
import { follow, mailOf, openLink } from '../mailbox.mjs';
import { advance } from '../phone.mjs';

const OVER = 'This link is no longer valid';
const NEW = 'eight loud lanterns';
const OTHERS = ['nine small lanterns', 'ten tall lanterns'];

/** Does it without the network: the page says so, and the same action works once the network is back. */
async function offlineFirst(page, act) {
  await page.context().setOffline(true);
  await act();
  await page.getByText(/(could not be reached|No answer came)/).waitFor();
  await page.context().setOffline(false);
  await act();
}

await journey('a link from the registration confirms the address, on a phone', async (browser) => {
  const person = newPerson();
  const page = await open(browser);
  await signUp(page, person);
  const first = await mailOf('verify', person.email);
  await heading(page, 'Your account');
  await page.getByText('Not confirmed').waitFor();
  await advance(61);
  await offlineFirst(page, () => click(page, 'Send the link again'));
  await page.getByText('We have sent you a link.').waitFor();
  const { verify } = await mailOf('verify', person.email);

  const replaced = await openLink(browser, first.verify, 'Confirm your email address');
  await click(replaced, 'Confirm my email address');
  await heading(replaced, OVER);

  const phone = await openLink(browser, verify, 'Confirm your email address');
  await phone.reload();
  await heading(phone, 'Open the link in your email again');
  await follow(phone, verify, 'Confirm your email address');
  await offlineFirst(phone, () => click(phone, 'Confirm my email address'));
  await heading(phone, 'Your email address is confirmed');
  await follow(phone, verify, 'Confirm your email address');
  await click(phone, 'Confirm my email address');
  await heading(phone, OVER);
  await click(phone, 'Go to your account', 'link');
  await heading(phone, 'Sign in');
  await signIn(phone, person);
  await heading(phone, 'Email address');
  assert.equal(await phone.getByText('Send the link again').count(), 0);

  // The tab that was open all along learns it from the button, and a link that was used from the account.
  await click(page, 'Send the link again');
  await page.getByText('Your email address is confirmed.').waitFor();
  assert.equal(await page.getByText('Not confirmed').count(), 0);
  await follow(page, verify, 'Confirm your email address');
  await click(page, 'Confirm my email address');
  await heading(page, 'Your email address is confirmed');
});

await journey('a link that is too old leads to a new one, whose answer gets lost', async (browser) => {
  const person = newPerson();
  const page = await open(browser);
  await signUp(page, person);
  const old = await mailOf('verify', person.email);
  await advance(24 * 3600 + 1);
  await follow(page, old.verify, 'Confirm your email address');
  await click(page, 'Confirm my email address');
  await heading(page, OVER);
  await click(page, 'Go to your account', 'link');
  // A session does not live that long either.
  await signIn(page, person);
  await heading(page, 'Email address');
  await click(page, 'Send the link again');
  const { verify } = await mailOf('verify', person.email);
  await follow(page, verify, 'Confirm your email address');
  await page.keyboard.press('Tab');
  assert.equal(await page.evaluate(() => document.activeElement.textContent), 'Confirm my email address', 'the button is next to the heading');
  await lose(page, 'email/verify');
  await page.keyboard.press('Enter');
  await page.getByText('could not be reached').waitFor();
  await click(page, 'Confirm my email address');
  await heading(page, 'Your email address is confirmed');
});

await journey('an account that a stranger created is deleted', async (browser) => {
  const person = newPerson();
  const page = await open(browser);
  await signUp(page, person);
  const { disown } = await mailOf('verify', person.email);
  const phone = await openLink(browser, disown, 'Delete an account you didn’t create');
  await offlineFirst(phone, () => click(phone, 'Delete the account'));
  await heading(phone, 'The account has been deleted');
  assert.equal(await phone.evaluate(() => document.activeElement.textContent), 'The account has been deleted');
  await follow(phone, disown, 'Delete an account you didn’t create');
  await click(phone, 'Delete the account');
  await heading(phone, OVER);
  await page.reload();
  await heading(page, 'Sign in');
});

await journey('a link in a tab with unsaved recovery codes asks before they are left', async (browser) => {
  const person = newPerson();
  const page = await open(browser);
  await signUp(page, person);
  const { verify } = await mailOf('verify', person.email);
  const phone = await phoneWithKey(page);
  await fill(page, 'Six-digit code', phone.code());
  await heading(page, 'Save your recovery codes');
  const openIt = () => page.evaluate((to) => { location.hash = to; }, verify);
  await openIt();
  await page.getByRole('dialog').waitFor();
  assert(!page.url().includes('token'), 'the token has left the address bar by then');
  await click(page, 'Stay on this page');
  await page.waitForURL(/#\/two-factor\/recovery-codes$/);
  assert.equal(await page.locator('.codes code').count(), 10);
  await openIt();
  await click(page, 'Leave without saving');
  await heading(page, 'Confirm your email address');
  await click(page, 'Confirm my email address');
  await heading(page, 'Your email address is confirmed');
});

/** Somebody with 2FA, signed out on the sign-in page, who knows only the address. */
async function locked(browser) {
  const person = newPerson();
  const page = await open(browser);
  await signUp(page, person);
  const { verify } = await mailOf('verify', person.email);
  await follow(page, verify, 'Confirm your email address');
  await click(page, 'Confirm my email address');
  await heading(page, 'Your email address is confirmed');
  const { phone, codes } = await setUp(page);
  await mailOf('notice-factor_added', person.email);
  await signOut(page);
  return { page, person, phone, codes };
}

async function askForLink(page, email) {
  await fill(page, 'Email address', email);
  await click(page, 'Forgot your password?', 'link');
  await heading(page, 'Forgot your password?');
  assert.equal(await page.getByLabel('Email address').inputValue(), email, 'what was typed is kept');
  await offlineFirst(page, () => click(page, 'Send the link'));
  await heading(page, 'Check your email');
  return mailOf('reset', email);
}

await journey('a forgotten password is reset with a code and by the keyboard', async (browser) => {
  const { page, person, phone, codes } = await locked(browser);
  const { reset } = await askForLink(page, person.email);
  const other = await openLink(browser, reset, 'Set a new password');
  // A password that is refused leaves the link alive.
  await fill(other, 'New password', 'short');
  await click(other, 'Set password');
  await other.getByText('a password of at least 8 characters').waitFor();
  await fill(other, 'New password', NEW);
  await other.keyboard.press('Enter');
  const code = other.getByLabel('Code', { exact: true });
  await code.waitFor();
  assert.equal(await code.evaluate((input) => input === document.activeElement), true, 'the code is next');
  assert.equal(await other.getByLabel('New password', { exact: true }).inputValue(), NEW, 'what was typed is kept');
  await other.keyboard.type('12');
  await other.keyboard.press('Enter');
  await other.getByText('Enter the six digits your app shows').waitFor();
  await fill(other, 'Code', phone.wrong());
  await click(other, 'Set password');
  await other.getByText('Incorrect code.').waitFor();
  await fill(other, 'Code', await phone.next());
  await offlineFirst(other, () => click(other, 'Set password'));
  await other.getByText('Your new password is set.').waitFor();
  await heading(other, 'Sign in');
  await mailOf('notice-password_reset', person.email);
  await advance(30);
  await signInToCode(other, { ...person, password: NEW });
  await fill(other, 'Six-digit code', await phone.next());
  await heading(other, 'Your account');

  // A recovery code does it, too; and the link of a tab that is signed in ends its session.
  await advance(61);
  await visit(other, '/password', 'Change your password');
  await click(other, 'Forgot your current password?', 'link');
  await heading(other, 'Forgot your password?');
  await click(other, 'Send the link');
  const second = await mailOf('reset', person.email);
  await follow(other, second.reset, 'Set a new password');
  await fill(other, 'New password', OTHERS[0]);
  await click(other, 'Set password');
  await fill(other, 'Code', codes[0]);
  await click(other, 'Set password');
  await other.getByText('Your new password is set.').waitFor();
  await follow(other, second.reset, 'Set a new password');
  await fill(other, 'New password', OTHERS[1]);
  await click(other, 'Set password');
  await heading(other, OVER);
  await click(other, 'Send a new link', 'link');
  await heading(other, 'Forgot your password?');
});

await journey('a reset that got no answer, one that is too late, and one in another account’s browser', async (browser) => {
  const person = newPerson();
  const page = await open(browser);
  await signUp(page, person);
  await mailOf('verify', person.email);
  await signOut(page);
  const late = await askForLink(page, person.email);
  await advance(31 * 60);
  await follow(page, late.reset, 'Set a new password');
  await fill(page, 'New password', NEW);
  await click(page, 'Set password');
  await heading(page, OVER);
  await click(page, 'Send a new link', 'link');
  await fill(page, 'Email address', person.email);
  await click(page, 'Send the link');
  const { reset } = await mailOf('reset', person.email);
  await follow(page, reset, 'Set a new password');
  await fill(page, 'New password', NEW);
  await lose(page, 'password/reset');
  await click(page, 'Set password');
  await page.getByText('Your password may already be the new one.').waitFor();
  await click(page, 'Set password');
  await page.getByText('your new password may already be set').waitFor();
  await signIn(page, { ...person, password: NEW });
  await heading(page, 'Your account');

  const other = newPerson();
  const theirs = await open(browser);
  await signUp(theirs, other);
  await advance(61);
  await visit(page, '/forgot', 'Forgot your password?');
  await click(page, 'Send the link');
  await mailOf('notice-password_reset', person.email);
  const third = await mailOf('reset', person.email);
  await follow(theirs, third.reset, 'Set a new password');
  await fill(theirs, 'New password', OTHERS[0]);
  await click(theirs, 'Set password');
  await theirs.getByText(`You are still signed in as ${other.email}.`).waitFor();
  await page.goto(`${URL_ROOT}#/account`);
  await page.reload();
  await heading(page, 'Sign in');
});
