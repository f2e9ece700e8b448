// Answers that get lost: the same action again is enough, or the page says what may have happened.
import assert from 'node:assert/strict';
import { click, enrol, fill, heading, journey, lose, newPerson, open, phoneWithKey, setUp, signIn, signInToCode, signOut, signUp, visit } from '../harness.mjs';

await journey('a new account whose answer got lost is entered by the same form', async (browser) => {
  for (const path of ['register', 'login']) {
    const page = await open(browser, { path: '#/sign-up' });
    const person = newPerson();
    await fill(page, 'Name', person.name);
    await fill(page, 'Email address', person.email);
    await fill(page, 'Password', person.password);
    await lose(page, path, { isAll: true });
    await click(page, 'Create account');
    await page.getByText('What you typed is still here.').waitFor();
    await click(page, 'Create account');
    await heading(page, 'Your account');
    await page.context().close();
  }
  // An account of someone else stays one.
  const page = await open(browser);
  const person = newPerson();
  await signUp(page, person);
  await signOut(page);
  await visit(page, '/sign-up', 'Create an account');
  await fill(page, 'Name', 'Eve');
  await fill(page, 'Email address', person.email);
  await fill(page, 'Password', 'not the password');
  await lose(page, 'register');
  await click(page, 'Create account');
  await page.getByText('What you typed is still here.').waitFor();
  await click(page, 'Create account');
  await page.getByText('An account with this email address already exists.').waitFor();
});

await journey('the answer to a sign-in or its code gets lost', async (browser) => {
  const page = await open(browser);
  const person = newPerson();
  const { phone, codes } = await enrol(page, person);
  await lose(page, 'login', { isAll: true });
  await signIn(page, person);
  await page.getByText('What you typed is still here.').waitFor();
  await click(page, 'Sign in');
  await heading(page, 'Enter your code');
  // The cookie came, so the same code is good for it.
  await lose(page, 'otp/validate');
  await fill(page, 'Six-digit code', await phone.next());
  await page.getByText('What you typed is still here.').waitFor();
  await click(page, 'Continue');
  await heading(page, 'Your account');
  await signOut(page);
  await page.unroute('**/api/auth/otp/validate');
  await signInToCode(page, person);
  await click(page, 'My device is not at hand: use a recovery code', 'link');
  await lose(page, 'otp/validate');
  await fill(page, 'Recovery code', codes[0]);
  await click(page, 'Continue');
  await page.getByText('What you typed is still here.').waitFor();
  await click(page, 'Continue');
  await page.getByText('9 of 10 left').waitFor();
  await signOut(page);
  await page.unroute('**/api/auth/otp/validate');
  // Without it, the sign-in begins again. A wrong code may have been counted: the tries left are not known.
  await signInToCode(page, person);
  await lose(page, 'otp/validate');
  await fill(page, 'Six-digit code', phone.wrong());
  await page.getByText('What you typed is still here.').waitFor();
  await click(page, 'Continue');
  await page.getByText('Incorrect code.').waitFor();
  assert.equal(await page.getByText(/(tries|try) left/).count(), 0);
  await page.unroute('**/api/auth/otp/validate');
  await lose(page, 'otp/validate', { isAll: true });
  await fill(page, 'Six-digit code', await phone.next());
  await page.getByText('What you typed is still here.').waitFor();
  await click(page, 'Continue');
  await page.getByText('Your sign-in has ended.').waitFor();
});

await journey('the answer to a new password gets lost', async (browser) => {
  for (const isAll of [false, true]) {
    const page = await open(browser);
    const person = newPerson();
    await signUp(page, person);
    await visit(page, '/password', 'Change your password');
    await fill(page, 'Current password', person.password);
    await fill(page, 'New password', 'eight loud lanterns');
    await lose(page, 'password', { isAll });
    await click(page, 'Change password');
    await page.getByText('Your password may already be the new one.').waitFor();
    await click(page, 'Change password');
    if (isAll) {
      await page.getByText('Your password may already be the new one. If it doesn’t work, use the old one.').waitFor();
      await signIn(page, { ...person, password: 'eight loud lanterns' });
      await heading(page, 'Your account');
    } else {
      await page.getByText('Your password has been changed.').waitFor();
    }
    await page.context().close();
  }
  // An incorrect password stays one.
  const page = await open(browser);
  await signUp(page, newPerson());
  await visit(page, '/password', 'Change your password');
  await fill(page, 'Current password', 'not the password');
  await fill(page, 'New password', 'eight loud lanterns');
  await lose(page, 'password');
  await click(page, 'Change password');
  await page.getByText('Your password may already be the new one.').waitFor();
  await click(page, 'Change password');
  await page.getByText('Incorrect password.').waitFor();
});

await journey('the answer to a deletion gets lost', async (browser) => {
  const page = await open(browser);
  const person = newPerson();
  await signUp(page, person);
  await visit(page, '/delete', 'Delete your account');
  await fill(page, 'Password', person.password);
  await lose(page, 'account');
  await click(page, 'Delete my account');
  await page.getByText('Your account has probably been deleted.').waitFor();
  assert.equal((await page.content()).includes(person.email), false, 'nothing private is left');
});

await journey('other answers get lost, and the same action again is enough', async (browser) => {
  const page = await open(browser);
  const person = newPerson();
  await signUp(page, person);
  await visit(page, '/two-factor/set-up', 'Set up your authenticator app');
  await page.getByText('Can’t scan it?').click();
  await lose(page, 'otp/generate');
  await click(page, 'Start with a new QR code');
  await page.getByText('The QR code shown here may no longer work.').waitFor();
  await click(page, 'Start with a new QR code');
  await page.getByText('This is a new QR code').waitFor();
  await setUp(page);
  const other = await open(browser);
  await signInToCode(other, person);
  await visit(page, '/two-factor', 'Two-factor authentication');
  await lose(page, 'otp/disable');
  for (const answer of ['could not be reached', 'Two-factor authentication is off.']) {
    await click(page, 'Turn off two-factor authentication');
    await click(page.getByRole('dialog'), 'Turn off');
    await page.getByText(answer).waitFor();
  }
  const second = await open(browser);
  await signIn(second, person);
  await heading(second, 'Your account');
  await visit(page, '/sessions', 'Sessions');
  await lose(page, 'sessions/*');
  const session = page.getByRole('listitem').filter({ hasText: 'Signed in' }).last().getByRole('button');
  await session.click();
  await page.getByText('could not be reached').waitFor();
  await session.click();
  await page.getByText('has been signed out.').waitFor();
  await lose(page, 'logout');
  await click(page, 'Sign out');
  await page.getByText('You may still be signed in.').waitFor();
  await signOut(page);
});

await journey('a page that fails after an action still hands over what came of it', async (browser) => {
  const page = await open(browser);
  const person = newPerson();
  await signUp(page, person);
  const phone = await phoneWithKey(page);
  // The answer comes, and the page after it does not.
  const failing = (path) => page.route(`**/api/auth/${path}`, async (route) => {
    if (route.request().method() === 'GET') return route.fallback();
    const response = await route.fetch();
    await page.route('**/api/auth/me', (next) => next.abort());
    return route.fulfill({ response });
  });
  const recover = async () => {
    await page.unrouteAll();
    await click(page, 'Try again');
  };
  await failing('otp/verify');
  await fill(page, 'Six-digit code', phone.code());
  await heading(page, 'This page could not be loaded');
  await page.getByText('Your authenticator app is set up.').waitFor();
  await recover();
  await heading(page, 'Save your recovery codes');
  const codes = await page.locator('.codes code').allInnerTexts();
  assert.equal(codes.length, 10);
  await page.getByLabel('I have saved these codes').check();
  await signOut(page);
  await signInToCode(page, person);
  await click(page, 'My device is not at hand: use a recovery code', 'link');
  await heading(page, 'Enter a recovery code');
  await failing('otp/validate');
  await fill(page, 'Recovery code', codes[0]);
  await click(page, 'Continue');
  await heading(page, 'This page could not be loaded');
  await recover();
  await page.getByText('You signed in with a recovery code.').waitFor();
  // Signed out is signed out, even if the next page fails.
  await failing('logout');
  await click(page, 'Sign out');
  await page.getByText('You have signed out.').waitFor();
  assert.equal((await page.content()).includes(person.email), false, 'nothing private is left');
});

await journey('an answer that breaks off is one that did not come', async (browser) => {
  const page = await open(browser);
  await signUp(page, newPerson());
  await page.evaluate(() => { Response.prototype.blob = () => Promise.reject(new TypeError('network error')); });
  await page.evaluate(() => { location.hash = '#/two-factor/set-up'; });
  await heading(page, 'This page could not be loaded');
  await page.getByText('The service could not be reached.').waitFor();
});
