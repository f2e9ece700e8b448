// A frontend on another port: it signs in with cookies, reads errors and shows a QR code, and runs the README's sample.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { journey, newPerson, SERVICE } from '../harness.mjs';
import { Phone } from '../phone.mjs';

const FRONTEND = 'http://localhost:3000';
// Its page is made up here, so Chromium does not know that it comes from this machine: hence the switch below.
const API = SERVICE.replace('127.0.0.1', 'localhost');
const SWITCHES = ['--disable-features=LocalNetworkAccessChecks'];

async function frontend(browser) {
  const page = await (await browser.newContext()).newPage();
  await page.route(`${FRONTEND}/`, (route) => route.fulfill({ contentType: 'text/html', body: '<title>Frontend</title>' }));
  await page.goto(`${FRONTEND}/`);
  return page;
}

await journey('a frontend of another origin uses the API', async (browser) => {
  const page = await frontend(browser);
  const call = (path, body) => page.evaluate(async ([url, sent]) => {
    const options = { method: sent ? 'POST' : 'GET', credentials: 'include', headers: { 'content-type': 'application/json' } };
    const answer = await fetch(url, sent ? { ...options, body: JSON.stringify(sent) } : options);
    return [answer.status, await answer.json()];
  }, [`${API}${path}`, body]);

  const person = newPerson();
  assert.equal((await call('/api/auth/register', person))[0], 201);
  const [refused, problem] = await call('/api/auth/login', { ...person, password: 'not the password' });
  assert.deepEqual([refused, problem.code], [400, 'incorrect_credentials']);
  assert.equal((await call('/api/auth/login', person))[0], 200);
  assert.equal((await call('/api/auth/otp/generate', {}))[0], 200);
  // An image is asked for without CORS: Cross-Origin-Resource-Policy decides.
  const width = await page.evaluate(async (src) => {
    const image = new Image();
    image.src = src;
    await image.decode();
    return image.naturalWidth;
  }, `${API}/api/auth/otp/qr`);
  assert(width > 0);
}, SWITCHES);

await journey("the README's sample runs in a page of another origin", async (browser) => {
  const page = await frontend(browser);
  await page.exposeFunction('codeOf', (base32) => new Phone(base32).code());
  const readme = readFileSync(new URL('../../../README.md', import.meta.url), 'utf8');
  const [, sample] = /```js\n(.*?)\n```/s.exec(readme);
  const script = sample.replaceAll('http://localhost:8000', API).replace('token: code', 'token: await codeOf(base32)');
  const outcome = await page.evaluate(`(async () => { ${script}\n return { user, otpauth_url, recovery_codes }; })()`);
  assert.equal(outcome.recovery_codes.length, 10);
  assert.match(outcome.otpauth_url, /^otpauth:/);
  assert.deepEqual([outcome.user.email, outcome.user.otp_verified], ['ada@example.com', true]);
}, SWITCHES);
