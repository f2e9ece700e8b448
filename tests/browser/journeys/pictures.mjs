// The README's pictures: `make screenshots`.
import { click, fill, heading, journey, newPerson, open, setUp, signUp, URL_ROOT } from '../harness.mjs';

for (const colorScheme of ['light', 'dark']) {
  await journey(`pictures, ${colorScheme}`, async (browser) => {
    const page = await open(browser, { viewport: { width: 960, height: 640 }, colorScheme });
    const take = (name) => page.screenshot({ path: `${process.env.PICTURES}/${name}-${colorScheme}.png` });
    const person = { ...newPerson(), email: `ada-${colorScheme}@example.com` };
    await signUp(page, person);
    await page.goto(`${URL_ROOT}#/two-factor/set-up`);
    await page.waitForFunction(() => document.querySelector('.qr')?.naturalWidth > 0);
    await take('set-up');
    await setUp(page);
    await click(page, 'Continue');
    await page.goto(`${URL_ROOT}#/account`);
    await heading(page, 'Your account');
    await page.waitForFunction(() => !document.querySelector('main[aria-busy]'));
    await take('account');
    await click(page, 'Sign out');
    await page.getByText('You have signed out.').waitFor();
    await fill(page, 'Email address', person.email);
    await fill(page, 'Password', person.password);
    await page.reload();
    await heading(page, 'Sign in');
    await take('sign-in');
  });
}
