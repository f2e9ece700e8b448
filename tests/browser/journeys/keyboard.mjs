// Keyboard alone: from signing up to signing out, without a mouse; the focus is where the eye goes.
import assert from 'node:assert/strict';
import { heading, journey, newPerson, open, Phone, refuse } from '../harness.mjs';

await journey('keyboard alone', async (browser) => {
  const person = newPerson();
  const page = await open(browser);
  await heading(page, 'Sign in');
  const press = (key) => page.keyboard.press(key);
  const focused = () => page.evaluate(() => {
    const one = document.activeElement;
    return one.getAttribute('aria-label') ?? one.labels?.[0]?.textContent ?? one.textContent;
  });
  const tabTo = async (name) => {
    for (let step = 0; step < 40; step += 1) {
      if (await focused() === name) return;
      await press('Tab');
    }
    assert.fail(`no way to “${name}” by Tab; at “${await focused()}”`);
  };
  const type = async (name, text) => {
    await tabTo(name);
    await page.keyboard.type(text);
  };

  await press('Tab');
  assert.equal(await focused(), 'Skip to the content');
  await press('Enter');
  assert.equal(await page.evaluate(() => document.activeElement.id), 'main');
  await tabTo('Create an account');
  await press('Enter');
  await heading(page, 'Create an account');
  assert.equal(await focused(), 'Create an account', 'the heading has the focus');

  // The first faulty field gets the focus.
  await type('Name', person.name);
  await press('Enter');
  assert.equal(await focused(), 'Email address');
  await page.keyboard.type(person.email);
  await tabTo('Show password');
  await press('Space');
  assert.equal(await focused(), 'Hide password');
  await page.keyboard.press('Shift+Tab');
  await page.keyboard.type(person.password);
  await press('Enter');
  await heading(page, 'Your account');

  await tabTo('Set it up');
  await press('Enter');
  await heading(page, 'Set up your authenticator app');
  await tabTo('Can’t scan it?');
  await press('Enter');
  const phone = new Phone(await page.locator('code.key').innerText());
  await type('Six-digit code', phone.code());
  await heading(page, 'Save your recovery codes');
  await tabTo('Continue');
  await press('Enter');
  await page.getByText('Save the codes first').waitFor();
  assert.equal(await focused(), 'I have saved these codes');
  await press('Space');
  await press('Enter');
  await heading(page, 'Two-factor authentication');

  // A dialog takes the focus, keeps it and gives it back.
  await refuse(page, 'otp/disable', 403, 'reauthentication_required');
  await tabTo('Turn off two-factor authentication');
  await press('Enter');
  await page.getByRole('dialog').waitFor();
  assert.equal(await focused(), 'Cancel', 'the harmless answer has the focus');
  await page.keyboard.press('Shift+Tab');
  assert.equal(await focused(), 'Turn off');
  await press('Enter');
  await page.getByRole('dialog', { name: 'Confirm it’s you' }).waitFor();
  assert.equal(await focused(), 'Password');
  await press('Escape');
  await page.getByRole('dialog').waitFor({ state: 'detached' });
  assert.equal(await focused(), 'Turn off two-factor authentication');

  // And once more to its end: the call goes on by itself.
  await page.getByRole('button', { name: 'Turn off two-factor authentication', disabled: false }).waitFor();
  await press('Enter');
  await page.getByRole('dialog', { name: 'Turn off two-factor authentication?' }).waitFor();
  await page.keyboard.press('Shift+Tab');
  await press('Enter');
  await page.getByRole('dialog', { name: 'Confirm it’s you' }).waitFor();
  await page.unroute('**/api/auth/otp/disable');
  await page.keyboard.type(person.password);
  await type('Code', await phone.next());
  await press('Enter');
  await page.getByText('Not set up yet').waitFor();

  await page.keyboard.press('Home');
  await tabTo('Sign out');
  await press('Enter');
  await page.getByText('You have signed out.').waitFor();
  assert.equal(await focused(), 'Sign in');
});
