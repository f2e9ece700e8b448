// Passwords are masked; pasting, autofill and password managers work in every form that asks for a secret.
import assert from 'node:assert/strict';
import { heading, journey, newPerson, open, setUp, signUp, URL_ROOT } from '../harness.mjs';

/** The fields that a person sees or a password manager finds, as “autocomplete type”, in order. */
const fieldsOf = (scope) => scope.locator('form input').evaluateAll((inputs) => inputs.map((input) => `${input.autocomplete} ${input.type}`));
const byPurpose = (page, purpose) => page.locator(`input[autocomplete~="${purpose}"]`);
const submit = (page) => page.locator('form button[type=submit]').click();

/** Pastes by the keyboard, as a person does. */
async function paste(page, field, text) {
  await page.evaluate((copied) => navigator.clipboard.writeText(copied), text);
  await field.focus();
  await page.keyboard.press('Control+V');
}

const withClipboard = { permissions: ['clipboard-read', 'clipboard-write'] };

await journey('every form names its fields for a password manager and masks passwords', async (browser) => {
  const page = await open(browser);
  await byPurpose(page, 'current-password').waitFor();
  assert.deepEqual(await fieldsOf(page), ['username webauthn email', 'current-password password']);
  await page.goto(`${URL_ROOT}#/sign-up`);
  await byPurpose(page, 'new-password').waitFor();
  assert.deepEqual(await fieldsOf(page), ['name text', 'username email', 'new-password password']);

  const person = newPerson();
  await signUp(page, person);
  await page.goto(`${URL_ROOT}#/password`);
  await byPurpose(page, 'new-password').waitFor();
  assert.deepEqual(await fieldsOf(page), ['username email', 'current-password password', 'new-password password']);
  // The address is not asked for here: it says to the manager whose password is changed.
  assert.equal(await byPurpose(page, 'username').inputValue(), person.email);
  await page.goto(`${URL_ROOT}#/delete`);
  // The page before has such a field too.
  await byPurpose(page, 'new-password').waitFor({ state: 'detached' });
  await byPurpose(page, 'current-password').waitFor();
  assert.deepEqual(await fieldsOf(page), ['username email', 'current-password password']);

  await page.goto(`${URL_ROOT}#/two-factor/set-up`);
  await byPurpose(page, 'one-time-code').waitFor();
  await setUp(page);
  await page.context().clearCookies();
  await page.goto(`${URL_ROOT}#/sign-in`);
  await page.reload();
  await byPurpose(page, 'username').fill(person.email);
  await byPurpose(page, 'current-password').fill(person.password);
  await submit(page);
  await byPurpose(page, 'one-time-code').waitFor();
  assert.deepEqual(await fieldsOf(page), [' checkbox', 'one-time-code text']);
});

await journey('a password is masked until its owner asks to see it', async (browser) => {
  const page = await open(browser, { path: '#/sign-up' });
  const field = page.locator('input[name=password]');
  await field.fill('seven quiet lanterns');
  assert.equal(await field.getAttribute('type'), 'password');
  const toggle = page.getByRole('button', { name: /password$/ });
  await toggle.click();
  assert.equal(await field.getAttribute('type'), 'text');
  assert.equal(await field.inputValue(), 'seven quiet lanterns');
  await toggle.click();
  assert.equal(await field.getAttribute('type'), 'password');
});

await journey('guidance stands beside a new password before anything is typed', async (browser) => {
  const page = await open(browser, { path: '#/sign-up' });
  const person = newPerson();
  for (const path of ['sign-up', 'password']) {
    if (path === 'password') await signUp(page, person);
    await page.goto(`${URL_ROOT}#/${path}`);
    const field = byPurpose(page, 'new-password');
    await field.waitFor();
    const described = (await field.getAttribute('aria-describedby')).split(' ').map((id) => `#${id}`).join(', ');
    const texts = await page.locator(described).filter({ visible: true }).allInnerTexts();
    assert.match(texts.join(' '), /\b8 characters/, `#/${path} says how long a password has to be`);
    assert.match(texts.join(' '), /words/, `#/${path} says what makes a good one`);
  }
});

await journey('what is pasted is taken whole, and signs in', async (browser) => {
  const page = await open(browser, { path: '#/sign-up', ...withClipboard });
  const person = { ...newPerson(), password: ` ${'correct Horse 🔑 '.repeat(10)}` };
  await page.locator('input[name=name]').fill(person.name);
  await paste(page, byPurpose(page, 'username'), person.email);
  await paste(page, byPurpose(page, 'new-password'), person.password);
  assert.equal(await byPurpose(page, 'new-password').inputValue(), person.password);
  await submit(page);
  await heading(page, 'Your account');

  // The same characters are the password; the ones without the space at the end are not.
  await page.context().clearCookies();
  await page.goto(`${URL_ROOT}#/sign-in`);
  await page.reload();
  await paste(page, byPurpose(page, 'username'), person.email);
  await paste(page, byPurpose(page, 'current-password'), person.password.trimEnd());
  await submit(page);
  await page.locator('[role=alert]:not(:empty)').first().waitFor();
  await byPurpose(page, 'current-password').fill('');
  await paste(page, byPurpose(page, 'current-password'), person.password);
  await submit(page);
  await heading(page, 'Your account');
});

await journey('what a password manager fills in without any event is sent', async (browser) => {
  const page = await open(browser);
  const person = newPerson();
  await signUp(page, person);
  await page.context().clearCookies();
  await page.goto(`${URL_ROOT}#/sign-in`);
  await page.reload();
  for (const [purpose, value] of [['username', person.email], ['current-password', person.password]]) {
    await byPurpose(page, purpose).evaluate((input, filled) => { input.value = filled; }, value);
  }
  await submit(page);
  await heading(page, 'Your account');
});

await journey('a code may be pasted with the space that an app shows in it', async (browser) => {
  const page = await open(browser, withClipboard);
  const person = newPerson();
  await signUp(page, person);
  const { phone } = await setUp(page);
  await page.context().clearCookies();
  await page.goto(`${URL_ROOT}#/sign-in`);
  await page.reload();
  await byPurpose(page, 'username').fill(person.email);
  await byPurpose(page, 'current-password').fill(person.password);
  await submit(page);
  const validated = page.waitForResponse('**/api/auth/otp/validate');
  await paste(page, byPurpose(page, 'one-time-code'), (await phone.next()).replace(/(...)/, '$1 '));
  await page.keyboard.press('Enter');
  assert.equal((await validated).status(), 200);
  await heading(page, 'Your account');
});
