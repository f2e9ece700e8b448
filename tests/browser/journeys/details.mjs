// Smaller promises: copying, printing, an enrolment that is over, losing the network, a page that fails, reloading anywhere.
import assert from 'node:assert/strict';
import { click, fill, heading, journey, newPerson, open, phoneWithKey, refuse, setUp, signInToCode, signOut, signUp, URL_ROOT } from '../harness.mjs';

await journey('copying and printing recovery codes', async (browser) => {
  const page = await open(browser, { permissions: ['clipboard-read', 'clipboard-write'] });
  const person = newPerson();
  await signUp(page, person);
  const { codes } = await setUp(page);
  await click(page, 'Copy');
  await page.getByRole('status').getByText('Copied.').waitFor();
  const copied = await page.evaluate(() => navigator.clipboard.readText());
  assert(codes.every((code) => copied.includes(code)) && copied.includes(person.email));

  await page.evaluate(() => { navigator.clipboard.writeText = () => Promise.reject(new Error('not allowed')); });
  await click(page, 'Copy');
  await page.getByText('The text is selected').waitFor();
  const selected = await page.evaluate(() => String(getSelection()));
  assert(codes.every((code) => selected.includes(code)));

  await page.emulateMedia({ media: 'print' });
  assert(await page.getByText('Each code works once.').isVisible());
  assert(!(await page.getByRole('navigation').isVisible()));
});

await journey('an enrolment that is over is begun again', async (browser) => {
  const page = await open(browser);
  await signUp(page, newPerson());
  const phone = await phoneWithKey(page);
  for (let attempt = 0; attempt < 5; attempt += 1) {
    await fill(page, 'Six-digit code', phone.wrong());
    await page.getByText(/Incorrect code|no longer works/).waitFor();
    await page.getByRole('button', { name: 'Turn on' }).waitFor();
  }
  await page.getByText('That QR code no longer works').waitFor();
  await setUp(page);
});

await journey('an unreachable service is said, and nothing typed is lost', async (browser) => {
  const page = await open(browser);
  await signUp(page, newPerson());
  await page.goto(`${URL_ROOT}#/password`);
  await heading(page, 'Change your password');
  await fill(page, 'Current password', 'seven quiet lanterns');
  await fill(page, 'New password', 'eight loud lanterns');
  await page.context().setOffline(true);
  await click(page, 'Change password');
  await page.getByText('Your password may already be the new one.').waitFor();
  await page.context().setOffline(false);
  await refuse(page, 'password', 503, 'database_unavailable', { 'retry-after': '2' });
  await click(page, 'Change password');
  await page.getByText('can’t answer right now').waitFor();
  await page.unroute('**/api/auth/password');
  await click(page, 'Change password');
  await page.getByText('Your password has been changed.').waitFor();
});

await journey('reloading keeps the place, everywhere', async (browser) => {
  const page = await open(browser);
  const person = newPerson();
  await signUp(page, person);
  await setUp(page);
  const pages = { '/account': 'Your account', '/two-factor': 'Two-factor authentication', '/two-factor/recovery-codes': 'Recovery codes',
    '/sessions': 'Sessions', '/password': 'Change your password', '/events': 'Activity', '/delete': 'Delete your account' };
  for (const [path, name] of Object.entries(pages)) {
    await page.goto(`${URL_ROOT}#${path}`);
    await heading(page, name);
    await page.reload();
    await heading(page, name);
    assert.equal(await page.title(), `${name} · Twofold`);
    assert(page.url().endsWith(`#${path}`));
  }
  // Signed in, nobody needs a sign-in page.
  await page.goto(`${URL_ROOT}#/sign-in`);
  await heading(page, 'Your account');
  // A sign-in half done goes on, or over.
  await signOut(page);
  await signInToCode(page, person);
  await page.goto(`${URL_ROOT}#/events`);
  await page.waitForURL('**#/code?next=/events');
  await click(page, 'Sign in as someone else');
  await page.waitForURL('**#/sign-in?next=/events');
});

await journey('nothing is kept where it does not belong', async (browser) => {
  const page = await open(browser);
  const said = [];
  page.on('console', (message) => said.push(message.text()));
  const person = newPerson();
  await signUp(page, person);
  await setUp(page);
  const kept = await page.evaluate(() => JSON.stringify([{ ...localStorage }, { ...sessionStorage }, document.cookie, location.href]));
  assert.equal(kept, JSON.stringify([{}, {}, '', `${URL_ROOT}#/two-factor/recovery-codes`]));
  assert(!said.join().includes(person.password));
});

await journey('a page that is opened while another one loads is the one that is shown', async (browser) => {
  // On a busy machine the event of a new address comes late.
  const page = await open(browser, { script: () => {
    const listen = window.addEventListener;
    window.addEventListener = (type, listener) => listen.call(window, type,
      type === 'hashchange' ? (event) => setTimeout(() => listener(event), 500) : listener);
  } });
  await heading(page, 'Sign in');
  const asked = page.waitForRequest('**/api/auth/me');
  let answer;
  const held = new Promise((go) => { answer = go; });
  await page.route('**/api/auth/me', async (route) => {
    await held;
    await route.continue();
  });
  const go = (path) => page.evaluate((to) => { location.hash = to; }, path);
  await go('/account');
  await asked;
  await go('/sign-up');
  answer();
  await heading(page, 'Create an account');
});
