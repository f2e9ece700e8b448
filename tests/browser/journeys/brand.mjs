// The operator's name, logo and colour on every page, in light and dark, on a desktop and on a phone.
import assert from 'node:assert/strict';
import { leadingBack } from '../apps.mjs';
import { SERVICE, URL_ROOT, click, heading, journey, newPerson, open, phoneWithKey, signOut, signUp, visit } from '../harness.mjs';
import { VIEWS, viewer } from '../views.mjs';

const [name, light] = process.argv.slice(2);

const background = (page, element) => element.evaluate((one) => getComputedStyle(one).backgroundColor);
const rgb = (hex) => `rgb(${hex.match(/[^#]{2}/g).map((part) => parseInt(part, 16)).join(', ')})`;

/** The brand in the header: its name and its picture, wider than high. */
async function assertBrand(page) {
  const brand = page.locator('.brand');
  assert.equal((await brand.innerText()).trim(), name);
  await page.waitForFunction(() => document.querySelector('.brand img').complete);
  const { width, height } = await brand.locator('img').evaluate((image) => image.getBoundingClientRect());
  assert.deepEqual([width, height], [96, 32]);
}

for (const view of ['desktop-light', 'desktop-dark', 'phone-light', 'phone-dark', 'narrow-light', 'zoomed-dark']) {
  await journey(`the brand, ${view}`, async (browser) => {
    const page = await open(browser, VIEWS[view]);
    const see = viewer(page, view);
    await heading(page, 'Sign in');
    assert.equal(await page.title(), `Sign in · ${name}`);
    await assertBrand(page);
    const button = page.getByRole('button', { name: 'Sign in', exact: true });
    const isLight = view.endsWith('light');
    assert.equal(await background(page, button) === rgb(light), isLight, 'in dark it is a lighter tone');
    await see('brand-sign-in');
    await click(page, 'Sign in');
    await see('brand-sign-in-empty');

    await signUp(page, newPerson());
    await assertBrand(page);
    await see('brand-account');
    await visit(page, '/two-factor', 'Two-factor authentication');
    await see('brand-two-factor');
    await phoneWithKey(page);
    // The entry in the authenticator app has a name of its own.
    await page.getByText('Your app will call it Acme (').waitFor();
    await see('brand-set-up');
    await visit(page, '/two-factor', 'Two-factor authentication');
    await signOut(page);
    await see('brand-signed-out');

    for (const address of [`${SERVICE}/nowhere`, `${URL_ROOT}#/nowhere`]) {
      await page.goto(address);
      await heading(page, 'This page does not exist');
      assert.equal(await page.title(), `This page does not exist · ${name}`);
      await assertBrand(page);
      await see('brand-missing');
    }
    await page.goto(`${URL_ROOT}${leadingBack('https://evil.example')}`);
    await heading(page, 'Sign in');
    assert.doesNotMatch(await page.locator('html').innerHTML(), /Twofold/);
  });
}
