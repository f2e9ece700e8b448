// Apps at other origins than the service, which send people to its sign-in page and wait for them to come back.
import assert from 'node:assert/strict';
import { SERVICE, open, URL_ROOT } from './harness.mjs';

export const APP = 'http://localhost:3000';
// Not in CLIENT_ORIGIN, but a port of localhost.
export const VITE = 'http://localhost:5173';

/** The address of a page that leads back to `address` once somebody has signed in. */
export const leadingBack = (address, path = '/sign-in') => `#${path}?return_to=${encodeURIComponent(address)}`;

/** Opens a page, as `open` does, in a browser in which the apps exist. No address of theirs may reach the service. */
export async function openWithApps(browser, options = {}) {
  const page = await open(browser, { ...options, apps: [APP, VITE], path: '#/sign-in' });
  for (const app of [APP, VITE]) {
    await page.route(`${app}/**`, (route) => {
      assert.equal(route.request().headers().referer, undefined);
      return route.fulfill({ contentType: 'text/html', body: `<title>App</title><h1>${app}</h1>` });
    });
  }
  page.on('request', (request) => {
    const { origin, pathname, search } = new URL(request.url());
    if (origin === SERVICE) assert.doesNotMatch(pathname + search, /return_to|3000|5173/);
  });
  page.on('dialog', (dialog) => assert.fail(`a page asks: ${dialog.message()}`));
  return page;
}

/** Opens the address afresh, as a link of an app does. */
export async function follow(page, fragment) {
  await page.goto('about:blank');
  await page.goto(URL_ROOT + fragment);
}

/** Resolves once the browser is back at exactly this address. */
export const back = (page, address) => page.waitForURL((url) => url.href === address);
