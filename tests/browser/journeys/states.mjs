// Every state of every page: axe finds nothing in it, and nothing scrolls sideways. With $STATES a picture of each is kept there.
import assert from 'node:assert/strict';
import { click, fill, heading, journey, newPerson, open, phoneWithKey, refuse, setUp, signInToCode, signOut, signUp, URL_ROOT, visit as visitPage } from '../harness.mjs';
import { VIEWS, viewer } from '../views.mjs';

const chosen = process.argv.slice(2);

async function tour(browser, view) {
  const page = await open(browser, VIEWS[view]);
  const see = viewer(page, view);
  const visit = (path, name) => visitPage(page, path, name);
  const person = newPerson('Ada Lovelace');

  await signedOut(page, see, visit, person);
  await signUp(page, person);
  await see('account-without-2fa');
  await visit('/two-factor', 'Two-factor authentication');
  await see('two-factor-off');
  await settingUp(page, see, visit);
  const { phone, codes } = await setUp(page);
  await see('recovery-codes-saved');
  await signedIn(page, see, visit, person);
  await offline(page, see, visit);
  await dialogs(page, see, visit);
  await secondStep(page, see, person, phone, codes);
}

async function signedOut(page, see, visit, person) {
  await visit('/sign-in', 'Sign in');
  await see('sign-in');
  await click(page, 'Sign in');
  await see('sign-in-empty');
  await fill(page, 'Email address', person.email);
  await fill(page, 'Password', 'wrong password');
  await click(page, 'Sign in');
  await page.getByText('Incorrect email or password.').waitFor();
  await see('sign-in-wrong');

  await refuse(page, 'login', 429, 'too_many_attempts', { 'retry-after': '29' });
  await click(page, 'Sign in');
  await page.getByText('Try again in').waitFor();
  await see('sign-in-waiting');
  await page.unroute('**/api/auth/login');

  await fill(page, 'Email address', `other-${person.email}`);
  await page.route('**/api/auth/login', (route) => route.abort());
  await click(page, 'Sign in');
  await page.getByText('could not be reached').waitFor();
  assert.equal(await page.getByLabel('Password', { exact: true }).inputValue(), 'wrong password', 'nothing typed is lost');
  await see('sign-in-unreachable');
  await page.unroute('**/api/auth/login');

  await visit('/sign-up', 'Create an account');
  await see('sign-up');
  await fill(page, 'Name', 'Ada');
  await fill(page, 'Email address', 'ada');
  await fill(page, 'Password', 'short');
  await click(page, 'Show password');
  await click(page, 'Create account');
  await page.getByText('a password of at least 8 characters').waitFor();
  await see('sign-up-faults');
  await visit('/nowhere', 'This page does not exist');
  await see('missing');
  await visit('/two-factor', 'Sign in');
}

async function settingUp(page, see, visit) {
  await visit('/two-factor/set-up', 'Set up your authenticator app');
  await page.waitForFunction(() => document.querySelector('.qr').naturalWidth > 0);
  await see('set-up');
  await phoneWithKey(page);
  await page.locator('code.key').scrollIntoViewIfNeeded();
  await see('set-up-by-hand');
  for (const code of ['000000', '000001']) {
    await fill(page, 'Six-digit code', code);
    await page.getByText('Incorrect code').waitFor();
    await page.getByRole('button', { name: 'Turn on' }).waitFor();
  }
  await page.getByText('If it keeps happening').waitFor();
  await see('set-up-clock-hint');
  // A reload keeps the QR code; its key is not shown twice.
  await page.reload();
  await page.getByText('Can’t scan it?').click();
  await page.getByText('The key is only shown when setup starts').waitFor();
  await see('set-up-reloaded');
  await click(page, 'Start with a new QR code');
  await page.getByText('This is a new QR code').waitFor();
}

async function signedIn(page, see, visit, person) {
  await elsewhere(person, 'Mozilla/5.0 (X11; Linux x86_64; rv:132.0) Gecko/20100101 Firefox/132.0');
  await elsewhere(person, 'curl/8.9.1');
  await visit('/account', 'Your account');
  await see('account-with-2fa');
  await visit('/two-factor', 'Two-factor authentication');
  await see('two-factor-on');
  await visit('/two-factor/recovery-codes', 'Recovery codes');
  await see('recovery-codes-left');
  await page.route('**/api/auth/otp/recovery-codes', (route) => route.fulfill({ json: { remaining: 2 } }));
  await page.reload();
  await page.getByText('You are running out').waitFor();
  await see('recovery-codes-few');
  await page.unroute('**/api/auth/otp/recovery-codes');
  await page.route('**/api/auth/sessions', (route) => route.fulfill({ json: { sessions: someSessions() } }));
  await visit('/sessions', 'Sessions');
  await see('sessions');
  await page.unroute('**/api/auth/sessions');
  await visit('/password', 'Change your password');
  await fill(page, 'Current password', 'nottheone');
  await fill(page, 'New password', 'a new password');
  await click(page, 'Change password');
  await page.getByText('Incorrect password.').waitFor();
  await see('password-wrong');
  await page.route('**/api/auth/events?*', (route) => route.fulfill({ json: someEvents(route.request().url()) }));
  await visit('/events', 'Activity');
  await see('events');
  await click(page, 'Show more');
  await page.getByText('Showing 40 events.').waitFor();
  await see('events-more');
  await page.unroute('**/api/auth/events?*');
  await visit('/delete', 'Delete your account');
  await see('delete');
  await refuse(page, 'sessions', 503, 'database_unavailable', { 'retry-after': '2' });
  await visit('/sessions', 'This page could not be loaded');
  await see('page-failed');
  await page.unroute('**/api/auth/sessions');
  await click(page, 'Try again');
  await heading(page, 'Sessions');
}

/** Errors beside buttons: in the header, and in a row of a list. */
async function offline(page, see, visit) {
  await page.route('**/api/auth/sessions', (route) => route.fulfill({ json: { sessions: someSessions() } }));
  await visit('/account', 'Your account');
  await visit('/sessions', 'Sessions');
  await page.route('**/api/auth/**', (route) => route.abort());
  await page.getByRole('banner').getByRole('button', { name: 'Sign out' }).click();
  await page.getByText('You may still be signed in.').waitFor();
  await page.getByRole('button', { name: 'Sign out Safari on iPhone' }).click();
  await page.getByRole('listitem').getByText('could not be reached').waitFor();
  await see('sessions-offline');
  await page.unroute('**/api/auth/**');
  await page.unroute('**/api/auth/sessions');
}

async function dialogs(page, see, visit) {
  await visit('/two-factor/recovery-codes', 'Recovery codes');
  await click(page, 'Make new codes');
  await page.getByRole('dialog').waitFor();
  await see('dialog-renew');
  await page.keyboard.press('Escape');
  await page.route('**/api/auth/otp/recovery-codes', (route) => (route.request().method() === 'POST'
    ? route.fulfill({ json: { recovery_codes: Array(10).fill('abcdef-012345-ghjkmn-6789vw') } }) : route.fallback()));
  await click(page, 'Make new codes');
  await page.getByRole('dialog').getByRole('button', { name: 'Make new codes' }).click();
  await heading(page, 'Save your recovery codes');
  await click(page, 'Continue');
  await page.getByText('Save the codes first').waitFor();
  await see('recovery-codes-shown');
  await page.evaluate(() => { location.hash = '#/account'; });
  await page.getByRole('dialog', { name: 'Leave without saving' }).waitFor();
  await see('dialog-leave');
  await click(page, 'Leave without saving');
  await heading(page, 'Your account');
  await see('account-codes-unsaved');
  await visit('/two-factor/recovery-codes', 'Recovery codes');
  await see('recovery-codes-unsaved');
  await click(page, 'I have them');
  await page.unroute('**/api/auth/otp/recovery-codes');
  await visit('/two-factor', 'Two-factor authentication');
  await click(page, 'Turn off two-factor authentication');
  await page.getByRole('dialog', { name: 'Turn off two-factor authentication?' }).waitFor();
  await see('dialog-turn-off');
  await refuse(page, 'otp/disable', 403, 'reauthentication_required');
  await page.getByRole('dialog').getByRole('button', { name: 'Turn off' }).click();
  await page.getByRole('dialog', { name: 'Confirm it’s you' }).waitFor();
  await see('dialog-confirm-identity');
  await fill(page, 'Password', 'not my password');
  await fill(page, 'Code', '000000');
  await click(page, 'Confirm');
  await page.getByText('Incorrect password.').waitFor();
  await see('dialog-confirm-identity-wrong');
  await click(page, 'Cancel');
  await page.unroute('**/api/auth/otp/disable');
}

async function secondStep(page, see, person, phone, codes) {
  // On a narrow screen the header has no room for the address, but the way out is always there.
  await signOut(page);
  await see('signed-out');
  await signInToCode(page, person);
  await see('code');
  await fill(page, 'Six-digit code', phone.wrong());
  await page.getByText('Incorrect code').waitFor();
  await see('code-wrong');
  await refuse(page, 'otp/validate', 429, 'too_many_attempts', { 'retry-after': '900' });
  await fill(page, 'Six-digit code', phone.wrong());
  await page.getByText('Try again in').waitFor();
  await see('code-locked');
  await page.unroute('**/api/auth/otp/validate');
  await click(page, 'My device is not at hand: use a recovery code', 'link');
  await heading(page, 'Enter a recovery code');
  await fill(page, 'Recovery code', 'abcd-efgh');
  await click(page, 'Continue');
  await page.getByText('A recovery code has 24').waitFor();
  await see('code-recovery-malformed');
  await fill(page, 'Recovery code', codes[0].replace(/.$/, (last) => (last === '0' ? '1' : '0')));
  await click(page, 'Continue');
  await page.getByText('Incorrect recovery code').waitFor();
  await see('code-recovery');
  for (const left of [2, 1, 0]) {
    await click(page, 'Continue');
    await page.getByText(left ? /(2 tries|one try) left/ : 'this sign-in has ended').waitFor();
    await page.getByRole('button', { name: left ? 'Continue' : 'Sign in', exact: true }).waitFor();
  }
  await see('sign-in-ended');
  await signInToCode(page, person);
  await click(page, 'My device is not at hand: use a recovery code', 'link');
  await fill(page, 'Recovery code', codes[0]);
  await click(page, 'Continue');
  await page.getByText('You have 9 left').waitFor();
  await see('account-after-recovery');
}

/** Another browser of the same person; it stops at the code. */
const elsewhere = ({ email, password }, userAgent) => fetch(new URL('/api/auth/login', URL_ROOT), {
  method: 'POST', headers: { 'content-type': 'application/json', 'user-agent': userAgent }, body: JSON.stringify({ email, password }),
});

const before = (minutes) => new Date(Date.now() - minutes * 60_000).toISOString();
const AGENTS = ['Mozilla/5.0 (X11; Linux x86_64; rv:132.0) Gecko/20100101 Firefox/132.0',
  'Mozilla/5.0 (iPhone; CPU iPhone OS 18_1 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.1 Mobile/15E148 Safari/604.1',
  'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/131.0.0.0 Safari/537.36 Edg/131.0.0.0', 'curl/8.9.1'];

const someSessions = () => AGENTS.map((agent, n) => ({
  id: `s${n}`, current: n === 0, kind: n === 3 ? 'bearer' : 'cookie', aal: n === 2 ? 'aal1' : 'aal2', created_at: before(3 + n * 700),
  last_seen_at: before(n * 47), expires_at: before(-60), ip: n === 1 ? '2001:db8:85a3:8d3:1319:8a2e:370:7348' : `203.0.113.${n}`, user_agent: agent,
}));

const KINDS = ['signed_in_with_code', 'wrong_code', 'wrong_code', 'recovery_codes_renewed', 'signed_in_with_recovery_code', 'recovery_code_used',
  'codes_locked', 'authenticator_reset_by_operator', 'sessions_ended_by_change', 'password_changed', 'reauthenticated', 'session_ended',
  'signed_in_with_bearer', 'sign_in_refused', 'enrolment_confirmed', 'enrolment_begun', 'a_kind_of_tomorrow', 'signed_out', 'signed_in_with_password', 'registered'];

const someEvents = (url) => ({
  next: url.includes('after=') ? null : 'cursor',
  events: KINDS.map((kind, n) => ({
    id: `${url.length}-${n}`, kind, at: before(n ** 3), ip: kind.endsWith('operator') ? null : '203.0.113.7',
    user_agent: kind.endsWith('operator') ? null : AGENTS[n % 3],
  })),
});

for (const view of chosen) {
  await journey(`states, ${view}`, (browser) => tour(browser, view));
}
