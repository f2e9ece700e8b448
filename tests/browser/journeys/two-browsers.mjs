// One browser changes the password or ends the session; the other is out, and lands where it was afterwards.
import { click, fill, heading, journey, newPerson, open, signIn, signUp, URL_ROOT } from '../harness.mjs';

await journey('two browsers', async (browser) => {
  const person = newPerson();
  const desk = await open(browser);
  await signUp(desk, person);
  const other = await open(browser, { path: '#/events', userAgent: 'Mozilla/5.0 (Android 15; Mobile; rv:132.0) Gecko/132.0 Firefox/132.0' });
  await heading(other, 'Sign in');
  await signIn(other, person);
  await heading(other, 'Activity');

  // Ended from the list.
  await click(desk, 'Sessions', 'link');
  await click(desk, 'Sign out Firefox on Android');
  await desk.getByText('Firefox on Android has been signed out.').waitFor();
  await click(other, 'Sessions', 'link');
  await heading(other, 'Sign in');
  await other.getByText('Your sign-in has ended.').waitFor();
  await signIn(other, person);
  await heading(other, 'Sessions');

  // A new password ends it as well; a form that was open elsewhere says so.
  await other.goto(`${URL_ROOT}#/password`);
  await heading(other, 'Change your password');
  await click(desk, 'Password', 'link');
  await heading(desk, 'Change your password');
  await fill(desk, 'Current password', person.password);
  await fill(desk, 'New password', 'eight loud lanterns');
  await click(desk, 'Change password');
  await desk.getByText('Your password has been changed.').waitFor();
  await fill(other, 'Current password', person.password);
  await fill(other, 'New password', 'something else');
  await click(other, 'Change password');
  await other.getByText('Your sign-in has ended.').waitFor();
  await signIn(other, person);
  await other.getByText('Incorrect email or password.').waitFor();
  await signIn(other, { ...person, password: 'eight loud lanterns' });
  await heading(other, 'Change your password');

  // All others at once.
  await desk.goto(`${URL_ROOT}#/sessions`);
  await click(desk, 'Sign out all others');
  await desk.getByText('All other sessions have been signed out.').waitFor();
  await other.reload();
  await heading(other, 'Sign in');
});
