// Where a service requires a confirmed address, signing up and signing in say what to do.
import { click, fill, heading, journey, newPerson, open, signIn, visit } from '../harness.mjs';
import { follow, mailOf, openLink } from '../mailbox.mjs';
import { advance } from '../phone.mjs';

await journey('an account is used once its address is confirmed', async (browser) => {
  const person = newPerson();
  const page = await open(browser);
  await visit(page, '/sign-up', 'Create an account');
  await fill(page, 'Name', person.name);
  await fill(page, 'Email address', person.email);
  await fill(page, 'Password', person.password);
  await click(page, 'Create account');
  await page.getByText('Open the link that we have emailed you, then sign in.').waitFor();
  await heading(page, 'Sign in');
  await mailOf('verify', person.email);
  await signIn(page, { ...person, password: 'not my password' });
  await page.getByText('Incorrect email or password.').waitFor();
  await advance(61);
  await fill(page, 'Password', person.password);
  await click(page, 'Sign in');
  await page.getByText('Confirm your email address first').waitFor();
  const { verify } = await mailOf('verify', person.email);
  const phone = await openLink(browser, verify, 'Confirm your email address');
  await click(phone, 'Confirm my email address');
  await heading(phone, 'Your email address is confirmed');
  await click(page, 'Sign in');
  await heading(page, 'Your account');
  await follow(page, verify, 'Confirm your email address');
});
