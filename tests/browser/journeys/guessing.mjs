// Wrong codes: the hint, the end of the challenge, the lock with its countdown, the way in by a recovery code.
import assert from 'node:assert/strict';
import { click, fill, heading, journey, newPerson, open, setUp, signIn, signUp, URL_ROOT } from '../harness.mjs';
import { advance } from '../phone.mjs';

await journey('wrong codes until the lock', async (browser) => {
  const person = newPerson();
  const page = await open(browser);
  await signUp(page, person);
  const { phone, codes } = await setUp(page);
  await click(page, 'Sign out');
  await page.getByText('You are signed out.').waitFor();

  // Five end a challenge, ten lock the codes.
  for (const round of [1, 2]) {
    await signIn(page, person);
    await heading(page, 'Enter your code');
    for (const attempt of [1, 2, 3, 4, 5]) {
      await enter(page, phone.wrong());
      await page.getByText('That code is not right').waitFor();
      if (attempt > 1) await page.getByText('The clock of your phone may be off').waitFor();
    }
    await enter(page, phone.wrong());
    if (round === 1) await page.getByText('Your sign-in has ended.').waitFor();
  }
  await page.getByText(/Your sign-in has ended|Too many attempts/).waitFor();
  if (await page.getByText('Your sign-in has ended').isVisible()) {
    await signIn(page, person);
    await heading(page, 'Enter your code');
    await enter(page, phone.wrong());
  }
  const locked = page.getByRole('button', { name: /Try again in 1\d:\d\d/ });
  await locked.waitFor();
  assert.equal(await locked.getAttribute('aria-disabled'), 'true');

  await click(page, 'No phone? Use a recovery code', 'link');
  await fill(page, 'Recovery code', codes[3]);
  await click(page, 'Continue');
  await heading(page, 'Your account');
});

await journey('a lock ends by itself', async (browser) => {
  const person = newPerson();
  const page = await open(browser);
  await signUp(page, person);
  const { phone } = await setUp(page);
  await click(page, 'Sign out');
  for (let wrong = 0; wrong < 10; wrong += 1) {
    if (wrong % 5 === 0) {
      await page.goto(URL_ROOT);
      await signIn(page, person);
      await heading(page, 'Enter your code');
    }
    await enter(page, phone.wrong());
    await page.getByText('That code is not right').waitFor();
    await page.getByRole('button', { name: 'Continue' }).waitFor();
    if (wrong % 5 === 4) await click(page, 'Sign in as someone else');
  }
  await signIn(page, person);
  await heading(page, 'Enter your code');
  await enter(page, phone.wrong());
  await page.getByRole('button', { name: /Try again in 1\d:\d\d/ }).waitFor();
  await advance(15 * 60);
  await page.goto(URL_ROOT);
  await signIn(page, person);
  await heading(page, 'Enter your code');
  await enter(page, await phone.next());
  await heading(page, 'Your account');
});

await journey('wrong passwords: the seconds count down to the button', async (browser) => {
  const page = await open(browser);
  await page.clock.install();
  const stranger = newPerson();
  for (let attempt = 0; attempt < 5; attempt += 1) {
    await signIn(page, stranger);
    await page.getByText('do not belong together').waitFor();
    await page.getByRole('button', { name: 'Sign in', exact: true }).waitFor();
  }
  await click(page, 'Sign in');
  await page.getByRole('button', { name: /Try again in (30|29|28) s/ }).waitFor();
  await page.clock.runFor(12_000);
  await page.getByRole('button', { name: /Try again in 1\d s/ }).waitFor();
  await page.clock.runFor(20_000);
  await page.getByRole('button', { name: 'Sign in', exact: true }).waitFor();
  await page.getByRole('status').getByText('You can try again now.').waitFor();
  assert.equal(await page.getByLabel('Password', { exact: true }).inputValue(), stranger.password, 'nothing typed is lost');

  // A wait belongs to an address: another one need not wait.
  await click(page, 'Sign in');
  await page.getByText('Too many attempts').waitFor();
  await fill(page, 'E-mail address', newPerson().email);
  await page.getByRole('button', { name: 'Sign in', exact: true }).waitFor();
});

async function enter(page, code) {
  await fill(page, 'Six-digit code', code);
  await click(page, 'Continue');
}
