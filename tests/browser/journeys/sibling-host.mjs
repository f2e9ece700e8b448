// Two hosts of one site: what the one sets for both must not be a session at the other.
import assert from 'node:assert/strict';
import { journey, newPerson, SERVICE } from '../harness.mjs';

// Chromium takes hosts under localhost for as safe as TLS, so `Secure` cookies work there.
const at = (host) => SERVICE.replace('127.0.0.1', `${host}.site.localhost`);
const NAME = '__Host-twofold_session';
const MAP = '--host-resolver-rules=MAP *.site.localhost 127.0.0.1';

/** Registers somebody and signs them in outside the browser; gives the session's token. */
async function token(person) {
  const call = (path, body) => fetch(`${SERVICE}/api/auth/${path}`, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) });
  assert.equal((await call('register', person)).status, 201);
  const login = await call('login', person);
  const line = login.headers.getSetCookie().find((cookie) => cookie.startsWith(`${NAME}=`));
  return line.slice(NAME.length + 1, line.indexOf(';'));
}

const me = (page) => page.evaluate(async () => {
  const answer = await fetch('/api/auth/me');
  return answer.ok ? (await answer.json()).user.email : answer.status;
});

await journey('a cookie of a sibling host is not the session', async (browser) => {
  const [ada, eve] = [newPerson('Ada'), newPerson('Eve')];
  const context = await browser.newContext();
  const evil = await context.newPage();
  await evil.goto(`${at('evil')}/health/live`);
  const plant = (prefix, value) => evil.evaluate((cookie) => { document.cookie = cookie; }, `${prefix}${NAME}=${value}; Domain=site.localhost; Path=/api`);
  const stolen = await token(eve);
  await plant('', stolen);
  for (const space of ['\u2000', '\u00a0', '\u3000']) await plant(space, stolen);

  const page = await context.newPage();
  const sent = page.waitForRequest('**/api/auth/me');
  await page.goto(`${at('auth')}/health/live`);
  assert.equal(await me(page), 401);
  // The journey tests something only while Chromium sends such cookies, and refuses the exact name.
  const { cookie } = await (await sent).allHeaders();
  assert.equal(cookie.split(';').length, 3);
  assert(!cookie.split('; ').includes(`${NAME}=${stolen}`));

  await context.addCookies([{ name: NAME, value: await token(ada), url: 'https://auth.site.localhost', httpOnly: true, secure: true, sameSite: 'Lax' }]);
  assert.equal(await me(page), ada.email);
}, [MAP]);
