// Where things are: errors beside buttons, the toast, the focus, a phone's order, the first answer.
import assert from 'node:assert/strict';
import { click, heading, journey, newPerson, open, phoneWithKey, setUp, signIn, signUp, URL_ROOT } from '../harness.mjs';

const PHONE = { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true };
const box = (locator) => locator.boundingBox();

for (const [view, options] of [['desktop', {}], ['phone', PHONE]]) {
  await journey(`an error beside a button keeps the layout, ${view}`, async (browser) => {
    const person = newPerson();
    const other = await open(browser);
    await signUp(other, person);
    const page = await open(browser, options);
    await signIn(page, person);
    await heading(page, 'Your account');
    await page.goto(`${URL_ROOT}#/sessions`);
    await heading(page, 'Sessions');
    await page.context().setOffline(true);
    const banner = page.getByRole('banner');
    const row = page.getByRole('listitem').filter({ hasText: 'Sign out' }).last();
    for (const area of [banner, row]) {
      const button = area.getByRole('button');
      const before = await box(button);
      await button.click();
      const error = area.getByText('could not be reached');
      await error.waitFor();
      const after = await box(button);
      assert.equal(Math.round(after.width), Math.round(before.width), 'the button keeps its width');
      assert.equal(Math.round(after.x), Math.round(before.x), 'the button keeps its place');
      assert((await box(error)).height < 80, 'the error is not broken letter by letter');
    }
    assert.equal(await page.evaluate(() => document.documentElement.scrollWidth - innerWidth), 0);
  });
}

await journey('the toast covers neither the header nor a button on a phone', async (browser) => {
  const page = await open(browser, PHONE);
  await signUp(page, newPerson());
  await setUp(page);
  await page.evaluate(() => { navigator.clipboard.writeText = () => Promise.resolve(); });
  await click(page, 'Continue');
  await heading(page, 'Two-factor authentication');
  await click(page, 'Turn off two-factor authentication');
  await page.getByRole('dialog').getByRole('button', { name: 'Turn off' }).click();
  const toast = page.getByRole('status').filter({ hasText: 'Two-factor authentication is off.' });
  await toast.waitFor();
  const { y, height } = await box(toast);
  for (const other of [page.getByRole('banner'), page.getByRole('heading', { level: 1 })]) {
    const there = await box(other);
    assert(there.y + there.height <= y + 1 || there.y >= y + height - 1, 'nothing lies below the toast');
  }
});

await journey('a heading that got the focus shows no box', async (browser) => {
  const page = await open(browser);
  await heading(page, 'Sign in');
  await page.getByRole('link', { name: 'Create an account' }).focus();
  await page.keyboard.press('Enter');
  await heading(page, 'Create an account');
  const style = await page.evaluate(() => [document.activeElement.tagName, getComputedStyle(document.activeElement).outlineStyle]);
  assert.deepEqual(style, ['H1', 'none']);
});

await journey('a slow first answer shows that the page is loading', async (browser) => {
  const page = await open(browser);
  await heading(page, 'Sign in');
  let answer;
  const held = new Promise((resolve) => { answer = resolve; });
  await page.route('**/api/auth/me', async (route) => {
    await held;
    await route.continue();
  });
  await page.reload();
  await page.getByText('Loading…').waitFor();
  answer();
  await heading(page, 'Sign in');
});

await journey('a program that does not arrive is said after a while', async (browser) => {
  const page = await open(browser);
  await page.route('**/js/form.js', (route) => route.abort());
  await page.reload();
  const late = page.getByText('Check your connection, then reload the page.');
  const isShown = () => late.evaluate((one) => getComputedStyle(one).opacity === '1');
  assert.equal(await isShown(), false, 'not at once');
  await page.evaluate(() => document.getAnimations().forEach((one) => one.finish()));
  assert.equal(await isShown(), true);
  await page.unroute('**/js/form.js');
  await page.reload();
  await heading(page, 'Sign in');
});

await journey('on a phone the app and the key come before the QR code', async (browser) => {
  const page = await open(browser, PHONE);
  const person = newPerson();
  await signUp(page, person);
  await phoneWithKey(page);
  const code = await box(page.getByRole('img', { name: 'QR code' }));
  for (const way of [page.getByRole('link', { name: 'Open in authenticator app' }), page.getByRole('button', { name: 'Copy key' })]) {
    assert((await box(way)).y < code.y);
  }
  assert.match(await page.getByRole('link', { name: 'Open in authenticator app' }).getAttribute('href'), /^otpauth:/);
});
