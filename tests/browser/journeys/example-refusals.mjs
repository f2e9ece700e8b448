// The React example where the service can't be reached, refuses or is busy: each is a sentence beside the form or on the page.
import assert from 'node:assert/strict';
import { alert, API, logIn, openExample, ORIGIN, register, setUpApp, signUp, SWITCHES } from '../example.mjs';
import { click, fill, heading, journey, newPerson, refuse } from '../harness.mjs';
import { advance } from '../phone.mjs';
import { viewer } from '../views.mjs';

const CORS = { 'access-control-allow-origin': ORIGIN, 'access-control-allow-credentials': 'true', 'access-control-expose-headers': 'retry-after' };
const BUSY = 'The service is busy. Please try again in a moment.';
const UNREACHABLE = 'The service could not be reached. Check your connection, then try again.';

await journey('the React example and a service that does not answer', async (browser) => {
  const page = await openExample(browser);
  const see = viewer(page, 'desktop-light');
  const person = newPerson();
  await register(page, person);
  await page.context().route(`${API}/**`, (route) => route.abort());
  await click(page, 'Log out');
  await alert(page, UNREACHABLE);
  await page.reload();
  await heading(page, 'This page could not be loaded');
  await alert(page, UNREACHABLE);
  await see('example-unreachable');
  await page.context().unroute(`${API}/**`);
  await click(page, 'Try again');
  await heading(page, `Hello, ${person.name}`);
  await click(page, 'Log out');
  await page.context().route(`${API}/**`, (route) => route.abort());
  await logIn(page, person);
  await alert(page, UNREACHABLE);
  await page.context().unroute(`${API}/**`);

  // 429, by the service itself.
  for (let attempt = 1; attempt <= 5; attempt += 1) {
    await logIn(page, { ...person, password: `not the password ${attempt}` });
    await alert(page, 'Incorrect email or password.');
    await page.getByRole('button', { name: 'Log in', exact: true }).and(page.locator(':not([aria-disabled=true])')).waitFor();
  }
  await logIn(page, person);
  await alert(page, 'Too many attempts. Please try again in 30 seconds.');
  await see('example-too-many-attempts');

  // 503: the client waits for the time in Retry-After, tries once more, then shows the error.
  let calls = 0;
  page.on('request', (request) => { calls += Number(request.method() === 'POST' && request.url().endsWith('/login')); });
  await refuse(page, 'login', 503, 'busy', { ...CORS, 'retry-after': '0' }, BUSY);
  await logIn(page, person);
  await alert(page, BUSY);
  assert.equal(calls, 2);
  assert.deepEqual(page.faults, []);
}, SWITCHES);

await journey('the React example and parts of a page that do not load', async (browser) => {
  const page = await openExample(browser);
  const see = viewer(page, 'desktop-light');
  await register(page, newPerson());
  await setUpApp(page);
  const parts = ['passkeys', 'otp/recovery-codes', 'sessions', 'devices'];
  // Sentences that say which part it was.
  const said = (part) => `The ${part} could not be read.`;
  for (const part of parts) await refuse(page, part, 500, 'internal_error', CORS, said(part));
  await page.reload();
  await alert(page, said('passkeys'));
  await alert(page, said('otp/recovery-codes'));
  await see('example-profile-unread');
  await click(page, 'Sessions', 'link');
  await alert(page, said('sessions'));
  await alert(page, said('devices'));
  await see('example-sessions-unread');

  // A service without passkeys has none to show.
  await page.unroute('**/api/auth/passkeys');
  await refuse(page, 'passkeys', 404, 'passkeys_not_available', CORS);
  await click(page, 'Profile', 'link');
  await alert(page, said('otp/recovery-codes'));
  await page.getByRole('heading', { name: 'Passkeys' }).waitFor({ state: 'detached' });
  assert.deepEqual(page.faults, []);
}, SWITCHES);

await journey('the React example asks again after its user went back instead of answering', async (browser) => {
  const page = await openExample(browser);
  const person = newPerson();
  await heading(page, 'Log in');
  await click(page, 'Create an account', 'link');
  await signUp(page, person);
  await advance(16 * 60);
  const confirm = page.getByRole('dialog', { name: 'Confirm it’s you' });
  await click(page, 'Set up an app');
  await confirm.waitFor();
  await page.goBack();
  await heading(page, 'Log in');
  await page.goForward();
  await heading(page, `Hello, ${person.name}`);
  await click(page, 'Set up an app');
  await confirm.waitFor();
  await fill(confirm, 'Password', person.password);
  await click(confirm, 'Confirm');
  await page.getByRole('dialog', { name: 'Set up your authenticator app' }).waitFor();
  assert.deepEqual(page.faults, []);
}, SWITCHES);

await journey('a damaged link in a mail opens its page in the React example', async (browser) => {
  const page = await openExample(browser, { path: '/#/verify?token=%' });
  await heading(page, 'Confirm your email address');
  assert.deepEqual(page.faults, []);
}, SWITCHES);
