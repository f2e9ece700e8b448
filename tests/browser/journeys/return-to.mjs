// An app sends people to the sign-in page. They come back to it however they sign in, and never to a foreign page.
import assert from 'node:assert/strict';
import { APP, VITE, back, follow, leadingBack, openWithApps } from '../apps.mjs';
import { PASSWORD, SERVICE, URL_ROOT, click, drawn, enrol, fill, heading, journey, newPerson, signIn, signInToCode, signUp, visit } from '../harness.mjs';
import { VIEWS, viewer } from '../views.mjs';

const PAGE = `${APP}/orders?sort=new&after=a%2Fb#last`;

/** Ends the session without a page of the UI. */
const leave = (page) => page.context().clearCookies();

await journey('signing up and signing in lead back to the app', async (browser) => {
  const page = await openWithApps(browser);
  const person = newPerson();
  await follow(page, leadingBack(PAGE));
  await click(page, 'Create an account', 'link');
  await fill(page, 'Name', person.name);
  await fill(page, 'Email address', person.email);
  await fill(page, 'Password', person.password);
  await click(page, 'Create account');
  await back(page, PAGE);

  await leave(page);
  await follow(page, leadingBack(PAGE, '/sign-up'));
  await click(page, 'Sign in', 'link');
  await heading(page, 'Sign in');
  await page.reload();
  await signIn(page, { ...person, password: 'not the password' });
  await page.getByText('Incorrect email or password.').waitFor();
  await click(page, 'Forgot your password?', 'link');
  await heading(page, 'Forgot your password?');
  await click(page, 'Send the link');
  await heading(page, 'Check your email');
  await click(page, 'Back to sign-in', 'link');
  await heading(page, 'Sign in');
  await signIn(page, person);
  await back(page, PAGE);

  // An app that writes the address as it is gets as far as the first &.
  await leave(page);
  await follow(page, `#/sign-in?return_to=${VITE}/?page=2`);
  await signIn(page, person);
  await back(page, `${VITE}/?page=2`);
});

await journey('an account that exists already, by the form for new ones', async (browser) => {
  const page = await openWithApps(browser);
  const person = newPerson();
  await follow(page, leadingBack(PAGE, '/sign-up'));
  await page.route('**/api/auth/login', (route) => route.abort(), { times: 1 });
  await fill(page, 'Name', person.name);
  await fill(page, 'Email address', person.email);
  await fill(page, 'Password', person.password);
  await click(page, 'Create account');
  await page.getByText('could not be reached').waitFor();
  await click(page, 'Create account');
  await back(page, PAGE);
});

await journey('a second factor comes between', async (browser) => {
  const page = await openWithApps(browser);
  const person = newPerson();
  const { phone, codes } = await enrol(page, person);
  await follow(page, leadingBack(PAGE));
  await signInToCode(page, person);
  await page.reload();
  await heading(page, 'Enter your code');
  await fill(page, 'Six-digit code', await phone.next());
  await back(page, PAGE);

  await leave(page);
  await follow(page, leadingBack(PAGE));
  await signInToCode(page, person);
  // The app sends them once more while the code is due.
  await follow(page, leadingBack(PAGE));
  await heading(page, 'Enter your code');
  await click(page, 'My device is not at hand: use a recovery code', 'link');
  await fill(page, 'Recovery code', codes[0]);
  await click(page, 'Continue');
  await back(page, PAGE);

  // The sign-in ends, by choice or by wrong codes, and another one begins.
  await leave(page);
  await follow(page, leadingBack(PAGE));
  await signInToCode(page, person);
  await click(page, 'Sign in as someone else');
  await signInToCode(page, person);
  for (let left = 4; left >= 0; left -= 1) {
    await fill(page, 'Six-digit code', phone.wrong());
    await page.getByText(left ? /tries left|one try left/ : 'this sign-in has ended').waitFor();
    await drawn(page);
    if (left) await page.getByRole('button', { name: 'Continue', exact: true }).waitFor();
  }
  await signIn(page, person);
  await fill(page, 'Six-digit code', await phone.next());
  await back(page, PAGE);
});

await journey('who is signed in goes back at once, and an app cannot make that a loop', async (browser) => {
  const page = await openWithApps(browser);
  await signUp(page, newPerson());
  await follow(page, leadingBack(PAGE));
  await back(page, PAGE);
  // Another app is another matter.
  await follow(page, leadingBack(`${VITE}/`));
  await back(page, `${VITE}/`);

  let visits = 0;
  await page.route(`${APP}/blind`, (route) => {
    visits += 1;
    const body = `<title>App</title><script>location.href = ${JSON.stringify(URL_ROOT + leadingBack(`${APP}/blind`))}</script>`;
    return route.fulfill({ contentType: 'text/html', body });
  });
  await page.goto(`${APP}/blind`);
  await heading(page, 'You are signed in');
  assert.equal(visits, 1);
  for (const view of ['desktop-light', 'phone-dark', 'narrow-light']) {
    await page.setViewportSize(VIEWS[view].viewport);
    await page.emulateMedia({ colorScheme: VIEWS[view].colorScheme });
    await viewer(page, view)('sent-back');
  }
  await page.reload();
  await heading(page, 'You are signed in');
  await page.unroute(`${APP}/blind`);
  await click(page, 'Go back to localhost:3000', 'link');
  await back(page, `${APP}/blind`);

  // A minute later the app may send people again.
  await follow(page, leadingBack(PAGE));
  await heading(page, 'You are signed in');
  await page.evaluate((origin) => sessionStorage.setItem(`returned-to-${origin}`, Date.now() - 60_000), APP);
  await follow(page, leadingBack(PAGE));
  await back(page, PAGE);
  // Signing in is no loop.
  await leave(page);
  await follow(page, leadingBack(PAGE));
  await heading(page, 'Sign in');
});

const FOREIGN = [
  '//evil.example', '\\\\evil.example', '/\\evil.example', 'evil.example', '/account', '', ' ', 'null',
  'https://evil.example', 'http:evil.example', 'http:/evil.example', 'http://evil.example:3000/', 'https://localhost:3000/',
  'http://localhost:3000@evil.example/', 'http://localhost:3000%40evil.example/', 'http://localhost:3000:80@evil.example/',
  'http://evil.example\\@localhost:3000/', 'http://evil.example#@localhost:3000/', 'http://evil.example?http://localhost:3000',
  'http://localhost.:3000/', 'http://localhost.evil.example:3000/', 'http://localhost:3000.evil.example/', 'http://app.localhost:3000/',
  'http://localhost:*/', 'http://127.0.0.1:3000/', 'http://[::1]:3000/', 'http://0.0.0.0:3000/', 'http://2130706433:3000/',
  'javascript:alert(1)', 'JavaScript:alert(1)', 'java\tscript:alert(1)', 'java\nscript:alert(1)', '\u0001javascript:alert(1)', ' javascript:alert(1)',
  'javascript://localhost:3000/%0aalert(1)', 'javascript:http://localhost:3000/', 'data:text/html,<script>alert(1)</script>',
  'blob:http://localhost:3000/5f2b1f7e-0000-4000-8000-000000000000', 'filesystem:http://localhost:3000/temporary/x', 'view-source:http://localhost:3000/',
  'ftp://localhost:3000/', 'ws://localhost:3000/', 'file:///etc/passwd', 'about:blank',
];

// What a browser makes of them is an address of the app.
const ALIKE = [
  ['HTTP://LOCALHOST:3000/x', `${APP}/x`], ['http:\\\\localhost:3000\\x', `${APP}/x`], ['\t http://local\nhost:3000/x ', `${APP}/x`],
  ['http:localhost:3000/x', `${APP}/x`], ['http://localhost:03000/x', `${APP}/x`], ['http://loc%61lhost:3000/x', `${APP}/x`],
  ['http://localhost:3000/../x?to=//evil.example', `${APP}/x?to=//evil.example`], ['http://localhost:3000//evil.example/', `${APP}//evil.example/`],
];

await journey('no other page is led to', async (browser) => {
  const page = await openWithApps(browser);
  const person = newPerson();
  await signUp(page, person);
  const staysAtHome = async (fragment) => {
    await follow(page, fragment);
    await heading(page, 'Your account');
    assert.equal(page.url(), `${URL_ROOT}#/account`, fragment);
  };
  for (const address of FOREIGN) {
    await staysAtHome(leadingBack(address));
    await staysAtHome(`#/sign-in?return_to=${address.replaceAll(/[#\t\n]/g, encodeURIComponent)}`);
  }
  for (const path of ['/sign-up', '/code', '/code/app']) await staysAtHome(leadingBack('//evil.example', path));
  // Encoded twice it is no address; the first of two counts, whatever the second is; and nothing but this name does.
  for (const query of [`return_to=${encodeURIComponent(encodeURIComponent(PAGE))}`, 'return_to=https://evil.example&return_to=http://localhost:3000/',
    'next=https://evil.example', 'next=//evil.example', 'RETURN_TO=http://localhost:3000/']) {
    await staysAtHome(`#/sign-in?${query}`);
  }
  for (const [address, led] of ALIKE) {
    await page.evaluate(() => sessionStorage.clear());
    await follow(page, leadingBack(address));
    await back(page, led);
    await follow(page, '#/account');
  }
  // Signing in leads no further than being signed in.
  await leave(page);
  await follow(page, leadingBack('https://evil.example'));
  await signIn(page, person);
  await heading(page, 'Your account');
  // The message about a loop leads nowhere else either, and mentions no loop.
  for (const query of [`?return_to=${encodeURIComponent('https://evil.example')}`, '']) {
    await visit(page, `/returned${query}`, 'You are signed in');
    assert.equal(await page.locator('main p').innerText(), 'We don’t know which app you came from. Open the app again, or go to your account.');
    assert.deepEqual(await page.locator('main a').evaluateAll((links) => links.map(({ href }) => href)), [`${URL_ROOT}#/account`]);
  }
  await viewer(page, 'desktop-light')('returned-from-nowhere');
});

await journey('the service itself can be gone back to', async (browser) => {
  const page = await openWithApps(browser);
  const person = newPerson();
  await signUp(page, person);
  await follow(page, leadingBack(`${URL_ROOT}#/sessions`));
  await heading(page, 'Sessions');
  await page.evaluate(() => sessionStorage.clear());
  // A chain of addresses ends where it ends.
  await follow(page, leadingBack(URL_ROOT + leadingBack(URL_ROOT + leadingBack(`${URL_ROOT}#/password`))));
  await page.getByRole('heading', { level: 1, name: /You are signed in|Change your password/ }).waitFor();
  await leave(page);
  await follow(page, leadingBack(`${SERVICE}/health/live`));
  await signIn(page, { email: person.email, password: PASSWORD });
  await back(page, `${SERVICE}/health/live`);
});
