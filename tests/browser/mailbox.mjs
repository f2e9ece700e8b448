// Emails and the links in them, as a person opens them.
import assert from 'node:assert/strict';
import { heading, open, SERVICE } from './harness.mjs';
import { nextMail } from './phone.mjs';

export { nextMail };

export const PHONE = { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true };

/** The next email, which must be of this kind. */
export async function mailOf(kind, address) {
  const mail = await nextMail(address);
  assert.equal(mail.kind, kind);
  return mail;
}

/** Opens a link in a new browser, as a mail program does. */
export async function openLink(browser, hash, title, options = PHONE) {
  const page = await open(browser, { ...options, start: 'about:blank' });
  await follow(page, hash, title);
  return page;
}

/** Opens a link in a tab. The token leaves the address bar before the first call, and opening calls nothing that changes anything. */
export async function follow(page, hash, title) {
  const calls = [];
  const watch = (request) => {
    const { referer = '' } = request.headers();
    if (request.url().includes('/api/')) calls.push([request.method(), request.url(), page.url(), referer]);
  };
  page.on('request', watch);
  const entries = page.url().startsWith(SERVICE) ? await page.evaluate(() => history.length) : 0;
  if (entries) await page.evaluate((to) => { location.hash = to; }, hash);
  else await page.goto(`${SERVICE}/${hash}`);
  await heading(page, title);
  page.off('request', watch);
  assert(calls.length, 'the page asks who is signed in');
  for (const [method, url, address, referer] of calls) {
    assert.equal(method, 'GET', `opening a link uses nothing: ${url}`);
    assert(!`${url} ${address} ${referer}`.includes('token='), 'the token is in no address that a call is made from');
  }
  assert(!page.url().includes('token'), 'the token is not in the address bar');
  if (entries) assert(await page.evaluate(() => history.length) <= entries + 1);
}
