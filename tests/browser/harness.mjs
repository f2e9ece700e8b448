// What every journey shares: a fresh person, a phone that computes codes, steps that are told.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { launch } from './chromium.mjs';
import { Phone } from './phone.mjs';

export { Phone } from './phone.mjs';
const { resolve } = createRequire(join(process.env.BROWSER_CACHE, 'package.json'));
const AXE = readFileSync(resolve('axe-core/axe.min.js'), 'utf8');
const RULES = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'];

export const SERVICE = process.env.SERVICE;
export const URL_ROOT = `${SERVICE}/static/index.html`;
/** The same service at an IP address. */
export const SERVICE_AT_IP = SERVICE.replace('localhost', '127.0.0.1');
export const PASSWORD = 'seven quiet lanterns';

const faults = [];

let browser;

/** Runs a journey; the process ends with 1 if it fails, or if a page did what no page may. The journeys of a file share a browser, which the first one starts, but no context. */
export async function journey(name, run, args = []) {
  browser ??= await launch(args);
  faults.length = 0;
  try {
    await run(browser);
    assert.deepEqual(faults, []);
    console.log(`ok   ${name}`);
  } catch (error) {
    console.error(`FAIL ${name}\n${error.stack}`);
    process.exitCode = 1;
    await snapshot(browser, name);
  } finally {
    await Promise.all(browser.contexts().map((context) => context.close()));
  }
}

/** Ends the browser of the journeys. */
export const endBrowser = () => browser?.close();

async function snapshot(browser, name) {
  for (const page of browser.contexts().flatMap((context) => context.pages())) {
    console.error(page.url(), '\n', await page.locator('body').innerText());
    await page.screenshot({ path: join(process.env.FAILURES, `${name.replaceAll(/\W+/g, '-')}.png`) });
  }
}

/** A page of a browser that shares nothing with the others; `script` runs first in each of its pages. Errors, violations of the policy and hosts other than those of `apps` are faults. */
export async function open(browser, { path = '', start = URL_ROOT, script, apps = [], ...options } = {}) {
  const context = await browser.newContext({ viewport: { width: 1280, height: 900 }, ...options });
  if (script) await context.addInitScript(script);
  const page = await context.newPage();
  // On a busy machine the vendored documentation takes its time.
  page.setDefaultTimeout(45_000);
  page.on('pageerror', (error) => faults.push(error.message));
  page.on('console', (message) => {
    // A refusal that the page shows is an error to the console; a fault of the page is another one.
    const isRefusal = message.text().startsWith('Failed to load resource');
    if (message.type() === 'error' && !isRefusal) faults.push(message.text());
  });
  page.on('request', (request) => {
    const { protocol, origin } = new URL(request.url());
    if (protocol.startsWith('http') && ![SERVICE, SERVICE_AT_IP, ...apps].includes(origin)) faults.push(`loads ${request.url()}`);
  });
  await page.goto(start + path);
  return page;
}

let people = 0;
export const newPerson = (name = 'Ada Lovelace') => ({ name, email: `person-${Date.now()}-${++people}@example.com`, password: PASSWORD });

export const heading = (page, name) => page.getByRole('heading', { level: 1, name, exact: true }).waitFor();
/** Resolves once the page that the address names is drawn. */
export const drawn = (page) => page.waitForFunction(() => !document.querySelector('main[aria-busy]'));

/** Opens a page by its address. */
export async function visit(page, path, name) {
  await page.goto(`${URL_ROOT}#${path}`);
  await heading(page, name);
  await drawn(page);
}

export const click = (page, name, role = 'button') => page.getByRole(role, { name, exact: true }).click();
export const fill = (page, label, text) => page.getByLabel(label, { exact: true }).fill(text);

export async function signUp(page, person) {
  await page.goto(`${URL_ROOT}#/sign-up`);
  await fill(page, 'Name', person.name);
  await fill(page, 'Email address', person.email);
  await fill(page, 'Password', person.password);
  await click(page, 'Create account');
  await heading(page, 'Your account');
}

export async function signIn(page, { email, password }) {
  await fill(page, 'Email address', email);
  await fill(page, 'Password', password);
  await click(page, 'Sign in');
}

/** Signs in with the password; a code is due then. */
export async function signInToCode(page, person) {
  await signIn(page, person);
  await heading(page, 'Enter your code');
}

export async function signOut(page) {
  await click(page, 'Sign out');
  await page.getByText('You have signed out.').waitFor();
}

/** Signs up, sets 2FA up and signs out; gives the phone and the codes. */
export async function enrol(page, person) {
  await signUp(page, person);
  const enrolled = await setUp(page);
  await signOut(page);
  return enrolled;
}

/** Sets 2FA up by the key and says that the recovery codes are saved; gives the phone and the codes. */
export async function setUp(page) {
  const phone = await phoneWithKey(page);
  await fill(page, 'Six-digit code', phone.code());
  await heading(page, 'Save your recovery codes');
  const codes = await page.locator('.codes code').allInnerTexts();
  await page.getByLabel('I have saved these codes').check();
  return { phone, codes };
}

/** Opens the set-up page, unless it is open, and adds its key to a phone. */
export async function phoneWithKey(page) {
  if (!page.url().endsWith('#/two-factor/set-up')) await page.goto(`${URL_ROOT}#/two-factor/set-up`);
  const key = page.locator('code.key');
  await key.waitFor({ state: 'attached' });
  if (!await key.isVisible()) await page.getByText('Can’t scan it?').click();
  return new Phone(await key.innerText());
}

/** Fails unless axe finds nothing; `where` names the state. */
export async function assertAccessible(page, where) {
  if (await page.evaluate(() => !window.axe)) await page.evaluate(AXE);
  const violations = await page.evaluate(async (rules) => {
    const result = await window.axe.run({ runOnly: rules, resultTypes: ['violations'] });
    return result.violations.map(({ id, nodes }) => [id, nodes.map(({ html }) => html)]);
  }, RULES);
  assert.deepEqual(violations, [], `axe in ${where}`);
}

/** Answers of the service are replaced by a problem. */
export const refuse = (page, path, status, code, headers = {}, detail = 'Detail.') => page.route(`**/api/auth/${path}`, (route) => route.fulfill({
  status, headers: { 'content-type': 'application/problem+json', ...headers },
  body: JSON.stringify({ type: 'about:blank', title: code, status, detail, code, message: detail, request_id: 'abc123' }),
}));

/** Lets a call reach the service once and loses its answer: all of it, or all but its cookies. */
export async function lose(page, path, { isAll = false } = {}) {
  const context = page.context();
  const cookies = await context.cookies();
  let isLost = false;
  await page.route(`**/api/auth/${path}`, async (route) => {
    if (isLost || route.request().method() === 'GET') return route.fallback();
    isLost = true;
    await route.fetch();
    if (isAll) {
      await context.clearCookies();
      await context.addCookies(cookies);
    }
    return route.abort();
  });
}
