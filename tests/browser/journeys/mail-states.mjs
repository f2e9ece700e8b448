// Every state of the pages that links in emails lead to, and of the account's address: as in states.mjs.
import { click, fill, heading, journey, open, PASSWORD, setUp, signOut, signUp, visit as visitPage } from '../harness.mjs';
import { follow, mailOf } from '../mailbox.mjs';
import { advance } from '../phone.mjs';
import { VIEWS, viewer } from '../views.mjs';

const OVER = 'This link is no longer valid';

/** Long enough to need a second line everywhere. */
const address = (view, name) => `${name}.${'of-a-long-family-'.repeat(2)}${view}@${'department.'.repeat(2)}example.com`;

async function tour(browser, view) {
  const page = await open(browser, VIEWS[view]);
  const see = viewer(page, view);
  const visit = (path, name) => visitPage(page, path, name);
  const person = { name: 'Ada Lovelace', email: address(view, 'ada'), password: PASSWORD };
  await visit('/forgot', 'Forgot your password?');
  await see('forgot');
  await signUp(page, person);
  await see('account-unconfirmed');
  await unconfirmed(page, see, visit, person);
  await changing(page, see, visit, person, address(view, 'lovelace'));
  await signedOut(page, see, person);
}

async function unconfirmed(page, see, visit, { email }) {
  const { verify, disown } = await mailOf('verify', email);
  await visit('/email', 'Email address');
  await see('email-unconfirmed');
  await page.route('**/api/auth/email/verification', (route) => route.abort());
  await click(page, 'Send the link again');
  await page.getByText('could not be reached').waitFor();
  await see('email-unconfirmed-offline');
  await page.unroute('**/api/auth/email/verification');
  await follow(page, disown, 'Delete an account you didn’t create');
  await see('disown');
  await follow(page, verify, 'Confirm your email address');
  await see('verify');
  await page.reload();
  await heading(page, 'Open the link in your email again');
  await see('link-without-token');
  await follow(page, verify, 'Confirm your email address');
  await click(page, 'Confirm my email address');
  await heading(page, 'Your email address is confirmed');
  await see('verify-done');
  await follow(page, disown, 'Delete an account you didn’t create');
  await click(page, 'Delete the account');
  await heading(page, OVER);
  await see('link-over');
}

async function changing(page, see, visit, { email, password }, next) {
  const ask = async () => {
    await visit('/email', 'Email address');
    await fill(page, 'New email address', next);
    await fill(page, 'Password', password);
    await click(page, 'Send the link');
  };
  await visit('/email', 'Email address');
  await see('email-confirmed');
  await click(page, 'Send the link');
  await page.getByText('Enter the new email address.').waitFor();
  await see('email-faults');
  await ask();
  await page.getByRole('heading', { name: 'Confirm your new email address' }).waitFor();
  await see('email-pending');
  await visit('/account', 'Your account');
  await see('account-pending');
  const change = await mailOf('change', next);
  const notice = await mailOf('notice-email_change_requested', email);
  await follow(page, change['confirm-email'], 'Confirm your new email address');
  await see('confirm');
  await click(page, 'Confirm this address');
  await heading(page, 'Your new email address is confirmed');
  await see('confirm-waits');
  await visit('/email', 'Email address');
  await see('email-waits');
  await click(page, 'Cancel the change');
  await page.getByText('The change has been cancelled.').waitFor();
  await mailOf('notice-email_change_cancelled', email);
  await see('email-cancelled');
  await ask();
  await page.getByText('No link was sent').waitFor();
  await see('email-not-sent');
  await follow(page, notice['approve-email'], 'Approve your new email address');
  await see('approve');
  await visit('/password', 'Change your password');
  await see('password');
}

async function signedOut(page, see, { email }) {
  await setUp(page);
  await mailOf('notice-factor_added', email);
  await signOut(page);
  await see('sign-in');
  await fill(page, 'Email address', email);
  await click(page, 'Forgot your password?', 'link');
  await heading(page, 'Forgot your password?');
  await page.route('**/api/auth/password/forgot', (route) => route.abort());
  await click(page, 'Send the link');
  await page.getByText('could not be reached').waitFor();
  await see('forgot-offline');
  await page.unroute('**/api/auth/password/forgot');
  await click(page, 'Send the link');
  await heading(page, 'Check your email');
  await see('forgot-sent');
  const { reset } = await mailOf('reset', email);
  await follow(page, reset, 'Set a new password');
  await see('reset');
  await fill(page, 'New password', 'eight loud lanterns');
  await click(page, 'Set password');
  await page.getByLabel('Code', { exact: true }).waitFor();
  await see('reset-code');
  await fill(page, 'Code', '12');
  await click(page, 'Set password');
  await page.getByText('Enter the six digits your app shows').waitFor();
  await see('reset-code-malformed');
  await advance(31 * 60);
  await fill(page, 'Code', '000000');
  await click(page, 'Set password');
  await heading(page, OVER);
  await see('reset-over');
  await securing(page, see, email);
}

async function securing(page, see, email) {
  await click(page, 'Send a new link', 'link');
  await fill(page, 'Email address', email);
  await click(page, 'Send the link');
  await mailOf('reset', email);
  // No session is needed for the page, nor a valid link.
  await follow(page, '#/secure?token=mail-none', 'Secure your account');
  await see('secure');
  await page.route('**/api/auth/secure', (route) => route.fulfill({ status: 403, contentType: 'application/problem+json', body: '{"code":"otp_required"}' }));
  await click(page, 'Secure my account');
  await page.getByLabel('Code', { exact: true }).waitFor();
  await see('secure-code');
  await page.unroute('**/api/auth/secure');
  await page.route('**/api/auth/secure', (route) => route.fulfill({ status: 204 }));
  await fill(page, 'Code', '123456');
  await click(page, 'Secure my account');
  await heading(page, 'Your account is secured');
  await see('secured');
  await page.unroute('**/api/auth/secure');
}

for (const view of process.argv.slice(2)) {
  await journey(`states of mail, ${view}`, (browser) => tour(browser, view));
}
