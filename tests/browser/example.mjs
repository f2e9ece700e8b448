// The React example, built, on an origin of its own. Its files are served here, with the address of the service under test.
import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { extname, join } from 'node:path';
import { click, fill, heading, SERVICE } from './harness.mjs';
import { Phone } from './phone.mjs';

export const ORIGIN = 'http://localhost:3000';
export const API = SERVICE.replace('127.0.0.1', 'localhost');
/** The page is made up here, so Chromium does not know that it comes from this machine. */
export const SWITCHES = ['--disable-features=LocalNetworkAccessChecks'];

const TYPES = { '.html': 'text/html', '.js': 'text/javascript', '.css': 'text/css' };
const folder = process.argv[2];

/** Opens the example in a browser that shares nothing with others. A fault of the page fails the journey. */
export async function openExample(browser, { path = '/', ...options } = {}) {
  const context = await browser.newContext({ viewport: { width: 1280, height: 900 }, ...options });
  await context.grantPermissions(['clipboard-write'], { origin: ORIGIN });
  await context.route(`${ORIGIN}/**`, (route) => {
    const asked = join(folder, new URL(route.request().url()).pathname);
    const file = extname(asked) && existsSync(asked) ? asked : join(folder, 'index.html');
    const body = readFileSync(file, 'utf8').replaceAll('http://localhost:8000', API);
    return route.fulfill({ contentType: TYPES[extname(file)] ?? 'application/octet-stream', body });
  });
  const page = await context.newPage();
  page.setDefaultTimeout(45_000);
  const faults = [];
  page.on('pageerror', (error) => faults.push(error.stack));
  page.on('console', (message) => {
    if (message.type() === 'error' && !message.text().startsWith('Failed to load resource')) faults.push(message.text());
  });
  page.faults = faults;
  await page.goto(ORIGIN + path);
  return page;
}

export const alert = (page, text) => page.getByRole('alert').filter({ hasText: text }).waitFor();

/** Counts the calls of a path. */
export function counter(page, path) {
  const calls = [];
  page.on('request', (request) => {
    if (request.method() !== 'OPTIONS' && request.url().endsWith(path)) calls.push(request.method());
  });
  return calls;
}

/** Clicks buttons in one task: nothing is drawn between them. */
export async function clickAtOnce(place, ...names) {
  const buttons = names.map((name) => place.getByRole('button', { name, exact: true }).elementHandle());
  const [first, ...others] = await Promise.all(buttons);
  await first.evaluate((button, rest) => { for (const one of [button, ...rest]) one.click(); }, others);
}

export async function register(page, person) {
  await page.goto(`${ORIGIN}/register`);
  await signUp(page, person);
}

/** Fills in the form that creates an account. */
export async function signUp(page, person) {
  await heading(page, 'Create an account');
  await fill(page, 'Name', person.name);
  await fill(page, 'Email address', person.email);
  await fill(page, 'Password', person.password);
  await click(page, 'Create account');
  await heading(page, `Hello, ${person.name}`);
}

export async function logIn(page, { email, password }) {
  await heading(page, 'Log in');
  await fill(page, 'Email address', email);
  await fill(page, 'Password', password);
  await click(page, 'Log in');
}

export async function logOut(page) {
  await click(page, 'Log out');
  await heading(page, 'Log in');
}

/** Sets an authenticator app up, and says that the recovery codes are saved. */
export async function setUpApp(page) {
  await click(page, 'Set up an app');
  const phone = new Phone(await page.locator('.key').innerText());
  await fill(page, 'Six-digit code', phone.code());
  await click(page, 'Turn on');
  await page.getByLabel('I have saved these codes').check();
  await click(page, 'Continue');
  return phone;
}
