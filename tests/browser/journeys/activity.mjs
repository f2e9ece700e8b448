// The account's events as people read them.
import assert from 'node:assert/strict';
import { enrol, fill, heading, journey, newPerson, open, signInToCode, signUp, URL_ROOT } from '../harness.mjs';

const PHONE = { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true };
const AT = Date.parse('2026-03-01T12:00:00Z');
const event = (kind, minutes, ip = '203.0.113.7', n = 0) => ({ id: `${kind}-${minutes}-${n}`, kind, at: new Date(AT - minutes * 60_000).toISOString(), ip, user_agent: 'Firefox/132.0 Linux' });
const times = (count, kind, minutes, ip) => Array.from({ length: count }, (_, n) => event(kind, minutes + n, ip, n));

async function shown(page, events) {
  await page.route('**/api/auth/events?*', (route) => route.fulfill({ json: { events, next: null } }));
  await page.goto(`${URL_ROOT}#/account`);
  await heading(page, 'Your account');
  await page.goto(`${URL_ROOT}#/events`);
  await heading(page, 'Activity');
  const items = await page.locator('.items > li').evaluateAll((all) => all.map((one) => [one.querySelector('strong').textContent, one.classList.contains('alarming')]));
  await page.unroute('**/api/auth/events?*');
  return items;
}

await journey('repeats are one entry, and own mistakes are no alarm', async (browser) => {
  const page = await open(browser);
  await signUp(page, newPerson());
  // The person mistyped, then got it right.
  assert.deepEqual(await shown(page, [event('signed_in_with_code', 1), ...times(3, 'wrong_code', 2), event('registered', 90)]),
    [['Signed in with code', false], ['Wrong code, 3 times', false], ['Account created', false]]);
  // Too many, from elsewhere, long before, or never right.
  assert.deepEqual(await shown(page, [event('signed_in_with_code', 1), ...times(5, 'wrong_code', 2)]),
    [['Signed in with code', false], ['Wrong code, 5 times', true]]);
  assert.deepEqual(await shown(page, [event('signed_in_with_code', 1), ...times(2, 'wrong_code', 2, '198.51.100.9')]),
    [['Signed in with code', false], ['Wrong code, twice', true]]);
  assert.deepEqual(await shown(page, [event('signed_in_with_code', 1), event('wrong_code', 90)]),
    [['Signed in with code', false], ['Wrong code', true]]);
  assert.deepEqual(await shown(page, [...times(2, 'wrong_password', 3), event('signed_in_with_password', 9)]),
    [['Wrong password, several times', true], ['Signed in with password', false]]);
});

await journey('a sign-in with two mistakes, as the service records it', async (browser) => {
  const page = await open(browser, PHONE);
  const person = newPerson();
  const { phone } = await enrol(page, person);
  await signInToCode(page, person);
  for (const left of [4, 3]) {
    await fill(page, 'Six-digit code', phone.wrong());
    await page.getByText(`${left} tries left`).waitFor();
  }
  await fill(page, 'Six-digit code', await phone.next());
  await heading(page, 'Your account');
  await page.goto(`${URL_ROOT}#/events`);
  const entry = page.getByRole('listitem').filter({ hasText: 'Wrong code, twice' });
  await entry.waitFor();
  assert.equal(await entry.evaluate((one) => one.className), '');
  // A phone has no pointer to hover with: the exact time is there to see.
  const exact = await entry.locator('time').last().evaluate((time) => getComputedStyle(time, '::after').content);
  assert.match(exact, /\d{4}, \d\d:\d\d/);
});
