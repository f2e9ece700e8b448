// Wrong codes: the hint, the end of the challenge, the lock with its countdown, the way in by a recovery code.
import assert from 'node:assert/strict';
import { click, enrol, fill, heading, journey, newPerson, open, signIn, signInToCode, signUp, URL_ROOT } from '../harness.mjs';
import { advance } from '../phone.mjs';

await journey('wrong codes until the lock', async (browser) => {
  const person = newPerson();
  const page = await open(browser);
  const { phone, codes } = await enrol(page, person);

  // Five end a challenge, ten lock the codes.
  for (const round of [1, 2]) {
    await signInToCode(page, person);
    await page.getByText(`the code it shows for ${person.email}`).waitFor();
    for (const left of ['4 tries', '3 tries', '2 tries', 'one try']) {
      await enter(page, phone.wrong());
      await page.getByText(`You have ${left} left.`).waitFor();
      if (left !== '4 tries') await page.getByText('If it keeps happening').waitFor();
    }
    // A reload keeps the count, the name and the focus.
    if (round === 1) await page.reload();
    await enter(page, phone.wrong());
    await heading(page, 'Sign in');
    await page.getByText('Too many wrong tries, so this sign-in has ended').waitFor();
    assert.equal(await page.getByLabel('Email address').inputValue(), person.email);
  }
  await signInToCode(page, person);
  await enter(page, phone.wrong());
  const locked = page.getByRole('button', { name: /Try again in 1\d:\d\d/ });
  await locked.waitFor();
  assert.equal(await locked.getAttribute('aria-disabled'), 'true');
  await page.getByText('but a recovery code does').waitFor();

  await click(page, 'My device is not at hand: use a recovery code', 'link');
  await fill(page, 'Recovery code', codes[3]);
  await click(page, 'Continue');
  await heading(page, 'Your account');
});

await journey('what cannot be a code is not sent', async (browser) => {
  const person = newPerson();
  const page = await open(browser);
  const { phone, codes } = await enrol(page, person);
  await signInToCode(page, person);
  let sent = 0;
  page.on('request', (request) => { sent += request.url().endsWith('/otp/validate') ? 1 : 0; });
  for (const typed of ['12345', 'abcdef', '1234567']) {
    // Typed at once, so that no six digits stand there in between.
    await fill(page, 'Six-digit code', typed);
    await click(page, 'Continue');
    await page.getByText('The code has six digits.').waitFor();
    assert.equal(await page.getByText('If it keeps happening').count(), 0);
    await fill(page, 'Six-digit code', '');
  }
  await click(page, 'My device is not at hand: use a recovery code', 'link');
  await fill(page, 'Recovery code', phone.code());
  await click(page, 'Continue');
  await page.getByText('looks like a code from your authenticator app').waitFor();
  await fill(page, 'Recovery code', codes[0].slice(1));
  await click(page, 'Continue');
  await page.getByText('A recovery code has 24 letters and digits.').waitFor();
  assert.equal(sent, 0);
  await fill(page, 'Recovery code', ` ${codes[0].toUpperCase().replaceAll('-', ' ').replaceAll('0', 'O')}`);
  await click(page, 'Continue');
  await heading(page, 'Your account');
});

await journey('a code has the focus after a reload, and submits itself', async (browser) => {
  const person = newPerson();
  const page = await open(browser);
  const { phone } = await enrol(page, person);
  await signInToCode(page, person);
  await page.reload();
  await page.getByText(`the code it shows for ${person.email}`).waitFor();
  await page.keyboard.type(await phone.next());
  await heading(page, 'Your account');
});

await journey('a lock ends by itself', async (browser) => {
  const person = newPerson();
  const page = await open(browser);
  const { phone } = await enrol(page, person);
  for (let wrong = 0; wrong < 10; wrong += 1) {
    if (wrong % 5 === 0) {
      await signInToCode(page, person);
    }
    await enter(page, phone.wrong());
    await page.getByText(/left\.$|has ended/).waitFor();
    await page.getByRole('button', { name: /^(Continue|Sign in)$/ }).waitFor();
  }
  await signInToCode(page, person);
  await enter(page, phone.wrong());
  await page.getByRole('button', { name: /Try again in 1\d:\d\d/ }).waitFor();
  await advance(15 * 60);
  await page.goto(URL_ROOT);
  await signInToCode(page, person);
  await enter(page, await phone.next());
  await heading(page, 'Your account');
});

await journey('a password too short to be one is an incorrect one', async (browser) => {
  const page = await open(browser);
  await signIn(page, { email: newPerson().email, password: 'short' });
  await page.getByText('Incorrect email or password.').waitFor();
  await signUp(page, newPerson());
  await page.goto(`${URL_ROOT}#/delete`);
  await fill(page, 'Password', 'short');
  await click(page, 'Delete my account');
  await page.getByText('Incorrect password.').waitFor();
});

await journey('wrong passwords: the seconds count down to the button', async (browser) => {
  const page = await open(browser);
  await page.clock.install();
  const stranger = newPerson();
  for (let attempt = 0; attempt < 5; attempt += 1) {
    await signIn(page, stranger);
    await page.getByText('Incorrect email or password.').waitFor();
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
  await fill(page, 'Email address', newPerson().email);
  await page.getByRole('button', { name: 'Sign in', exact: true }).waitFor();
});

async function enter(page, code) {
  await fill(page, 'Six-digit code', code);
}
