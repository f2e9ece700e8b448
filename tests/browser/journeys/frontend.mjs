// The tutorial's frontend, on another port: it signs in with cookies, reads errors and shows a QR code.
import assert from 'node:assert/strict';
import { journey, newPerson, SERVICE } from '../harness.mjs';

const FRONTEND = 'http://localhost:3000';
// Its page is made up here, so Chromium does not know that it comes from this machine: hence the switch below.
const API = SERVICE.replace('127.0.0.1', 'localhost');

await journey('a frontend of another origin uses the API', async (browser) => {
  const page = await (await browser.newContext()).newPage();
  await page.route(`${FRONTEND}/`, (route) => route.fulfill({ contentType: 'text/html', body: '<title>Frontend</title>' }));
  await page.goto(`${FRONTEND}/`);
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
}, ['--disable-features=LocalNetworkAccessChecks']);
