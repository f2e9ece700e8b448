// A session that has grown stale: what is sensitive asks in place, then goes on by itself.
import { click, drawn, fill, heading, journey, newPerson, open, signUp, URL_ROOT } from '../harness.mjs';
import { advance } from '../phone.mjs';

await journey('proving oneself again, in place', async (browser) => {
  const person = newPerson();
  const page = await open(browser);
  await signUp(page, person);
  await advance(20 * 60);
  const dialog = page.getByRole('dialog', { name: 'Confirm it’s you' });

  // A page that needs it asks as it opens; who declines is led back.
  await click(page, 'Two-factor', 'link');
  await click(page, 'Set up two-factor authentication', 'link');
  await dialog.waitFor();
  await page.keyboard.press('Escape');
  // The heading was there all along.
  await page.waitForURL(/#\/two-factor$/);
  await drawn(page);
  await click(page, 'Set up two-factor authentication', 'link');
  await fill(dialog, 'Password', 'not my password');
  await click(dialog, 'Confirm');
  await dialog.getByText('Incorrect password.').waitFor();
  await fill(dialog, 'Password', person.password);
  await click(dialog, 'Confirm');
  await heading(page, 'Set up your authenticator app');

  await advance(20 * 60);
  await page.goto(`${URL_ROOT}#/password`);
  await heading(page, 'Change your password');
  await fill(page, 'Current password', person.password);
  await fill(page, 'New password', 'eight loud lanterns');
  await click(page, 'Change password');
  await fill(dialog, 'Password', person.password);
  await click(dialog, 'Confirm');
  await page.getByText('Your password has been changed.').waitFor();
});
