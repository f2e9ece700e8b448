// The network is lost right before each action and each page: the message is beside the action, nothing typed is lost,
// and trying again works once the network is back. With $STATES a picture of each is kept there.
import assert from 'node:assert/strict';
import { click, enrol, fill, heading, journey, newPerson, open, phoneWithKey, refuse, signIn, signInToCode, signOut, signUp, URL_ROOT, visit } from '../harness.mjs';

const { STATES } = process.env;
const VIEWS = {
  desktop: { colorScheme: 'dark' },
  phone: { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true },
};
const UNREACHABLE = 'The service could not be reached. Check your connection, then try again.';
const KEPT = `${UNREACHABLE} What you typed is still here.`;

const button = (name, role) => (page) => click(page, name, role);
/** What stands in the form that the message is in, if it is in one. */
const typed = (alert) => alert.evaluate((one) => [...one.closest('form')?.elements ?? []].filter((field) => field.matches('input')).map((input) => input.value));

/** Does something without the network, checks what the page says, then does it `again` with the network. */
async function offline(page, name, message, act, again = act) {
  await page.context().setOffline(true);
  await act(page);
  const alert = page.getByRole('alert').filter({ hasText: message });
  await alert.waitFor();
  if (STATES) await page.screenshot({ path: `${STATES}/network-${name}.${page.viewportSize().width}.png` });
  assert.match(await alert.innerText(), message instanceof RegExp ? message : new RegExp(`^${message}$`), name);
  assert(await isSeen(alert), `${name}: the message is in the window and nothing covers it`);
  assert.equal(await page.locator('dialog[open] [aria-disabled], body:not(:has(dialog)) [aria-disabled]').count(), 0, `${name}: the button is ready again`);
  assert.equal(await page.evaluate(() => document.documentElement.scrollWidth - innerWidth), 0, `${name}: nothing scrolls sideways`);
  assert((await typed(alert)).every(Boolean), `${name}: nothing typed is lost`);
  await page.context().setOffline(false);
  await again(page);
}

/** Whether the first and the last line can be read. */
const isSeen = (alert) => alert.evaluate((one) => {
  const { left, width, top, bottom } = one.getBoundingClientRect();
  return [top + 6, bottom - 6].every((y) => document.elementFromPoint(left + width / 2, y) === one);
});

for (const [view, options] of Object.entries(VIEWS)) {
  await journey(`pages without a network, ${view}`, async (browser) => {
    const page = await open(browser, options);
    await signUp(page, newPerson());
    const pages = { '/two-factor': 'Two-factor authentication', '/two-factor/set-up': 'Set up your authenticator app', '/two-factor/recovery-codes': 'Recovery codes',
      '/sessions': 'Sessions', '/password': 'Change your password', '/events': 'Activity', '/delete': 'Delete your account', '/account': 'Your account' };
    for (const [path, name] of Object.entries(pages)) {
      await offline(page, `load${path.replaceAll('/', '-')}`, UNREACHABLE, async () => {
        await page.evaluate((to) => { location.hash = to; }, path);
        await heading(page, 'This page could not be loaded');
      }, button('Try again'));
      await heading(page, name);
    }
    // Who is signed in is not asked to sign in.
    await offline(page, 'brand', UNREACHABLE, button('Twofold', 'link'), button('Try again'));
    await heading(page, 'Your account');
  });

  await journey(`signing up and in without a network, ${view}`, async (browser) => {
    const page = await open(browser, options);
    const person = newPerson();
    await visit(page, '/sign-up', 'Create an account');
    await fill(page, 'Name', person.name);
    await fill(page, 'Email address', person.email);
    await fill(page, 'Password', person.password);
    await offline(page, 'sign-up', KEPT, button('Create account'));
    await heading(page, 'Your account');
    const other = newPerson();
    await page.context().clearCookies();
    await page.reload();
    const { phone, codes } = await enrol(page, other);
    await offline(page, 'sign-in', KEPT, () => signIn(page, other));
    await heading(page, 'Enter your code');
    await offline(page, 'code', KEPT, () => fill(page, 'Six-digit code', phone.code()), button('Continue'));
    await heading(page, 'Your account');
    await offline(page, 'sign-out', `You may still be signed in. ${UNREACHABLE}`, button('Sign out'));
    await page.getByText('You have signed out.').waitFor();
    await signInToCode(page, other);
    await offline(page, 'load-recovery', UNREACHABLE, button('My device is not at hand: use a recovery code', 'link'), button('Try again'));
    await heading(page, 'Enter a recovery code');
    await fill(page, 'Recovery code', codes[0]);
    await offline(page, 'recovery', KEPT, button('Continue'));
    await heading(page, 'Your account');
    await signOut(page);
    await signInToCode(page, other);
    await offline(page, 'start-over', UNREACHABLE, button('Sign in as someone else'));
    await heading(page, 'Sign in');
  });

  await journey(`setting up and turning off without a network, ${view}`, async (browser) => {
    const page = await open(browser, options);
    const person = newPerson();
    await signUp(page, person);
    await phoneWithKey(page);
    await offline(page, 'restart', /The QR code shown here may no longer work\. .* start with a new one\./, button('Start with a new QR code'));
    await page.getByText('This is a new QR code').waitFor();
    const phone = await phoneWithKey(page);
    await fill(page, 'Six-digit code', phone.wrong());
    const wrong = page.getByRole('alert').filter({ hasText: 'Incorrect code.' });
    await wrong.waitFor();
    assert(await isSeen(wrong), 'the error of a field is seen too');
    await offline(page, 'verify', /may already be on, so keep the new entry in your app\./, () => fill(page, 'Six-digit code', phone.code()), button('Turn on'));
    await heading(page, 'Save your recovery codes');
    const codes = await page.locator('.codes code').allInnerTexts();
    await page.getByLabel('I have saved these codes').check();
    await offline(page, 'codes-saved', UNREACHABLE, button('Continue'), button('Try again'));
    await heading(page, 'Two-factor authentication');

    await click(page, 'Manage recovery codes', 'link');
    await heading(page, 'Recovery codes');
    const sure = (name, answer) => async () => {
      await click(page, name);
      await click(page.getByRole('dialog'), answer);
    };
    await offline(page, 'renew', /Your old recovery codes may no longer work\. .* make new codes\./, sure('Make new codes', 'Make new codes'));
    await heading(page, 'Save your recovery codes');
    assert.equal((await page.locator('.codes code').allInnerTexts()).some((code) => codes.includes(code)), false);
    const [usable] = await page.locator('.codes code').allInnerTexts();
    await page.getByLabel('I have saved these codes').check();
    await click(page, 'Continue');
    await heading(page, 'Two-factor authentication');

    const turnOff = sure('Turn off two-factor authentication', 'Turn off');
    const { y } = await page.getByRole('button', { name: 'Turn off' }).boundingBox();
    await offline(page, 'turn-off', UNREACHABLE, turnOff, async () => {
      assert.equal((await page.getByRole('button', { name: 'Turn off' }).boundingBox()).y, y, 'the button keeps its place');
      await refuse(page, 'otp/disable', 403, 'reauthentication_required');
      await turnOff();
    });
    const dialog = page.getByRole('dialog', { name: 'Confirm it’s you' });
    await fill(dialog, 'Password', person.password);
    await fill(dialog, 'Code', usable);
    await page.unroute('**/api/auth/otp/disable');
    await offline(page, 'reauthenticate', KEPT, button('Confirm'));
    await page.getByText('Not set up yet').waitFor();
  });

  await journey(`sessions, activity, password and deletion without a network, ${view}`, async (browser) => {
    const page = await open(browser, options);
    const person = newPerson();
    await signUp(page, person);
    for (const other of [await open(browser), await open(browser)]) {
      await signIn(other, person);
      await heading(other, 'Your account');
    }
    await visit(page, '/sessions', 'Sessions');
    const item = page.getByRole('listitem').filter({ hasText: 'Signed in' }).last();
    await offline(page, 'session', UNREACHABLE, () => item.getByRole('button').click());
    await page.getByText('has been signed out.').waitFor();
    await offline(page, 'other-sessions', UNREACHABLE, button('Sign out all others'));
    await page.getByText('All other sessions have been signed out.').waitFor();

    const event = (n) => ({ id: `${n}`, kind: n % 2 ? 'registered' : 'signed_out', at: new Date(0).toISOString(), ip: '203.0.113.7', user_agent: 'curl' });
    let next = 'cursor';
    await page.context().route('**/api/auth/events?*', async (route) => {
      if (route.request().url().includes('after=')) next = null;
      await route.fulfill({ json: { events: Array.from({ length: 20 }, (_, n) => event(n)), next } });
    });
    await visit(page, '/events', 'Activity');
    await page.route('**/api/auth/events?*', (route) => route.abort());
    await offline(page, 'show-more', UNREACHABLE, button('Show more'), async () => {
      await page.unroute('**/api/auth/events?*');
      await click(page, 'Show more');
    });
    await page.getByText('Showing 40 events.').waitFor();

    await visit(page, '/password', 'Change your password');
    await fill(page, 'Current password', person.password);
    await fill(page, 'New password', 'eight loud lanterns');
    await offline(page, 'password', /Your password may already be the new one\. .* try again\./, button('Change password'));
    await page.getByText('Your password has been changed.').waitFor();
    await visit(page, '/delete', 'Delete your account');
    await fill(page, 'Password', 'eight loud lanterns');
    await offline(page, 'delete', /Your account may already be deleted\. .* try again\./, button('Delete my account'));
    await page.getByText('Your account has been deleted.').waitFor();
  });
}
