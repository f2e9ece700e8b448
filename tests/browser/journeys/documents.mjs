// Swagger UI and ReDoc: they render, load nothing from elsewhere, and "Try it out" gets its answer.
import assert from 'node:assert/strict';
import { assertAccessible, click, heading, journey, newPerson, open, SERVICE, signUp } from '../harness.mjs';

await journey('Swagger UI tries calls of both contracts out', async (browser) => {
  const page = await open(browser);
  const person = newPerson();
  await signUp(page, person);
  await page.goto(`${SERVICE}/docs`);

  // It says how to sign in; calls stand in the order of their use, with what they do.
  await page.getByRole('heading', { name: 'How to sign in here' }).waitFor();
  const calls = page.locator('#operations-tag-Authentication + div .opblock');
  await calls.first().waitFor();
  const paths = await calls.locator('.opblock-summary-path').evaluateAll((all) => all.map((one) => one.dataset.path));
  const inOrder = ['register', 'login', 'otp/validate', 'password/forgot', 'password/reset'];
  assert.deepEqual(paths, inOrder.map((call) => `/api/auth/${call}`));
  for (const text of await calls.locator('.opblock-summary-description').all()) assert(await text.isVisible());

  // The cookie of the web UI goes along.
  const me = await tryOut(page, 'operations-Sessions-getCurrentUser');
  assert.equal(me.status(), 200);
  assert.equal((await me.json()).user.email, person.email);

  // HTTP Basic for a token, and the token for whoami.
  await authorize(page, 'basicCredentials', { '#auth-basic-username': person.email, '#auth-basic-password': person.password });
  const traded = await tryOut(page, 'operations-Basic_API-exchangeCredentials');
  assert.equal(traded.status(), 200);
  await authorize(page, 'bearerToken', { input: (await traded.json()).token });
  const whoami = await tryOut(page, 'operations-Basic_API-getUsername');
  assert.equal(whoami.status(), 200);
  assert.equal(await whoami.json(), person.email);
});

await journey('ReDoc shows every call', async (browser) => {
  const page = await open(browser, { start: `${SERVICE}/redoc`, colorScheme: 'dark' });
  await page.getByRole('heading', { name: /^Twofold/ }).first().waitFor();
  await page.getByRole('heading', { name: 'Register a user' }).waitFor();
  assert.equal(await page.evaluate(() => getComputedStyle(document.body).margin), '0px', 'no frame around it');
  await page.getByRole('heading', { name: 'Enable or disable two-factor authentication' }).waitFor();
});

await journey('on a phone, what a group of calls is about can be read', async (browser) => {
  const page = await open(browser, { start: `${SERVICE}/docs`, viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true });
  const group = page.locator('.opblock-tag small').first();
  await group.waitFor();
  assert((await group.boundingBox()).width > 200);
});

await journey('a documents page whose program does not arrive says so after a while', async (browser) => {
  for (const path of ['/docs', '/redoc']) {
    const page = await open(browser);
    await page.route('**/vendor/*.js', (route) => route.abort());
    await page.route('**/docs/swagger.js', (route) => route.abort());
    await page.goto(`${SERVICE}${path}`);
    const late = page.getByText('Check your connection, then reload the page.');
    const opacity = () => late.evaluate((one) => getComputedStyle(one).opacity);
    assert.equal(await opacity(), '0');
    await page.evaluate(() => document.getAnimations().forEach((one) => one.finish()));
    assert.equal(await opacity(), '1');
    await page.unrouteAll();
    await page.reload();
    await page.getByRole('heading', { name: /^Twofold/ }).first().waitFor();
    assert.equal(await late.count(), 0);
    await page.context().close();
  }
});

await journey('an unknown address is a page with a way on', async (browser) => {
  for (const path of ['/nowhere', '/static/js/nowhere.html', '/nowhere/else']) {
    const page = await open(browser, { start: `${SERVICE}${path}` });
    await heading(page, 'This page does not exist');
    await assertAccessible(page, path);
    await click(page, 'Go to your account', 'link');
    await heading(page, 'Sign in');
    await page.context().close();
  }
});

async function authorize(page, scheme, fields) {
  await page.locator('.auth-wrapper > .btn.authorize').click();
  const form = page.locator('.auth-container', { has: page.locator('h4', { hasText: scheme }) });
  for (const [field, value] of Object.entries(fields)) await form.locator(field).fill(value);
  await form.locator('button[type=submit]').click();
  await page.locator('.close-modal').click();
}

async function tryOut(page, id) {
  const call = page.locator(`[id="${id}"]`);
  await call.locator('.opblock-summary-control').click();
  await call.getByRole('button', { name: 'Try it out' }).click();
  const answered = page.waitForResponse((response) => response.request().resourceType() === 'fetch');
  await call.getByRole('button', { name: 'Execute' }).click();
  const answer = await answered;
  await call.locator('.live-responses-table .response').first().waitFor();
  return answer;
}
