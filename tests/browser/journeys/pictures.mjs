// The README's pictures: `make screenshots`.
import { click, fill, heading, journey, newPerson, open, setUp, signOut, signUp, URL_ROOT, visit } from '../harness.mjs';

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
    await heading(page, 'Two-factor authentication');
    await visit(page, '/account', 'Your account');
    await take('account');
    await signOut(page);
    await fill(page, 'Email address', person.email);
    await fill(page, 'Password', person.password);
    await page.reload();
    await heading(page, 'Sign in');
    await take('sign-in');
  });
}
