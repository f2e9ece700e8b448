// The samples of docs/frontend.md, built, in a browser: they sign a user up and in.
import assert from 'node:assert/strict';
import { openExample, SWITCHES } from '../../browser/example.mjs';
import { click, fill, heading, journey, newPerson } from '../../browser/harness.mjs';
import { Phone } from '../../browser/phone.mjs';

const person = newPerson();
let phone;

async function logIn(page, password) {
  await fill(page, 'Email', person.email);
  await fill(page, 'Password', password);
  await click(page, 'Log in');
}

async function enterCode(page, button) {
  await fill(page, 'Code', await phone.next());
  await click(page, button);
}

await journey('the sample for Vite', async (browser) => {
  const page = await openExample(browser, { path: '/plain.html' });
  await click(page, 'Sign up');
  for (const [label, value] of [['Name', person.name], ['Email', person.email], ['Password', person.password]]) await fill(page, label, value);
  await click(page, 'Sign up');
  await heading(page, `Hello, ${person.name}`);
  await click(page, 'Set up two-factor authentication');
  await page.waitForFunction(() => document.querySelector('img')?.naturalWidth > 0);
  phone = new Phone(await page.locator('img + p').innerText());
  await fill(page, 'Code', phone.code());
  await click(page, 'Turn on');
  await heading(page, 'Save these codes');
  assert.equal((await page.locator('pre').innerText()).split('\n').length, 10);
  await click(page, 'I have saved them');
  await click(page, 'Log out');
  await logIn(page, person.password);
  await enterCode(page, 'Confirm it’s you');
  await heading(page, `Hello, ${person.name}`);
  await page.reload();
  await heading(page, `Hello, ${person.name}`);
  assert.deepEqual(page.faults, []);
}, SWITCHES);

for (const name of ['vue', 'svelte']) {
  await journey(`the sample for ${name}`, async (browser) => {
    const page = await openExample(browser, { path: `/${name}.html` });
    await logIn(page, 'not the password');
    await page.getByRole('alert').filter({ hasText: 'password' }).waitFor();
    await logIn(page, person.password);
    await enterCode(page, 'Continue');
    const greeting = page.getByText(`Hello, ${person.name}`);
    await greeting.waitFor();
    await page.reload();
    await greeting.waitFor();
    await click(page, 'Log out');
    await page.getByRole('button', { name: 'Log in' }).waitFor();
    assert.deepEqual(page.faults, []);
  }, SWITCHES);
}
console.log('ok');
