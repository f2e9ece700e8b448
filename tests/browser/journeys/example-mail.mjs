// The React example's page for links in mails: an address is confirmed, and a password is reset with a code.
import assert from 'node:assert/strict';
import { alert, clickAtOnce, counter, logIn, logOut, openExample, ORIGIN, register, setUpApp, SWITCHES } from '../example.mjs';
import { plugIn } from '../authenticators.mjs';
import { click, fill, heading, journey, newPerson } from '../harness.mjs';
import { mailOf } from '../mailbox.mjs';
import { viewer, VIEWS } from '../views.mjs';

async function follow(page, hash, title) {
  await page.goto('about:blank');
  await page.goto(`${ORIGIN}/${hash}`);
  await heading(page, title);
  assert(!page.url().includes('token'), 'the token is not in the address bar');
}

await journey('links in mails open the React example', async (browser) => {
  const page = await openExample(browser, { viewport: { width: 390, height: 844 }, colorScheme: 'dark', hasTouch: true });
  const see = viewer(page, 'phone-dark');
  const person = newPerson();
  await register(page, person);
  await follow(page, (await mailOf('verify', person.email)).verify, 'Confirm your email address');
  await see('example-link');
  await click(page, 'Confirm');
  await page.getByText('Your email address is confirmed.').waitFor();

  await page.goto(ORIGIN);
  await page.getByText('Confirmed', { exact: true }).waitFor();
  const phone = await setUpApp(page);
  await logOut(page);
  await click(page, 'Forgot your password?', 'link');
  await heading(page, 'Forgot your password?');
  await fill(page, 'Email address', person.email);
  await see('example-forgot');
  await click(page, 'Send a link');
  await page.getByText('If there is an account with this address').waitFor();

  await mailOf('notice-factor_added', person.email);
  await follow(page, (await mailOf('reset', person.email)).reset, 'Choose a new password');
  await fill(page, 'New password', 'eight loud lanterns');
  await click(page, 'Save');
  await fill(page, 'Code or recovery code', phone.code());
  await see('example-reset');
  await click(page, 'Save');
  await page.getByText('Your password was changed. Please log in.').waitFor();
  await logIn(page, { ...person, password: 'eight loud lanterns' });
  await heading(page, 'Confirm it’s you');
  assert.deepEqual(page.faults, []);
}, SWITCHES);

await journey('a link of the React example takes a passkey', async (browser) => {
  const page = await openExample(browser);
  const person = newPerson();
  await register(page, person);
  await follow(page, (await mailOf('verify', person.email)).verify, 'Confirm your email address');
  await click(page, 'Confirm');
  await page.getByText('Your email address is confirmed.').waitFor();
  await page.goto(ORIGIN);
  await plugIn(page, 'key');
  await click(page, 'Add a passkey');
  await page.getByLabel('I have saved these codes').check();
  await click(page, 'Continue');
  await mailOf('notice-factor_added', person.email);
  await logOut(page);
  await page.goto(`${ORIGIN}/forgot`);
  await fill(page, 'Email address', person.email);
  await click(page, 'Send a link');
  await follow(page, (await mailOf('reset', person.email)).reset, 'Choose a new password');
  await fill(page, 'New password', 'eight loud lanterns');
  await click(page, 'Save');
  await fill(page, 'Code or recovery code', '000000');
  const prompts = counter(page, '/passkeys/challenge');
  await clickAtOnce(page, 'Save', 'Use a passkey');
  await alert(page, 'Incorrect code.');
  assert.deepEqual(prompts, [], 'a form does one thing at a time');
  await click(page, 'Use a passkey');
  await page.getByText('Your password was changed. Please log in.').waitFor();
  assert.deepEqual(page.faults, []);
}, SWITCHES);

/** The title of each link's screen, and its button. */
const LINKS = {
  verify: ['Confirm your email address', 'Confirm'],
  disown: ['You did not sign up?', 'Delete this account'],
  'confirm-email': ['Use this address from now on', 'Confirm'],
  'approve-email': ['Approve the change of address', 'Approve'],
  secure: ['Secure your account', 'Secure my account'],
  reset: ['Choose a new password', 'Save'],
};

for (const view of ['desktop-light', 'phone-dark']) {
  await journey(`each link has a screen of the React example, and says if it is no longer valid: ${view}`, async (browser) => {
    const page = await openExample(browser, VIEWS[view]);
    const see = viewer(page, view);
    for (const [kind, [title, button]] of Object.entries(LINKS)) {
      await follow(page, `#/${kind}?token=${'a'.repeat(43)}`, title);
      await see(`example-link-${kind}`);
      if (kind === 'reset') await fill(page, 'New password', 'eight loud lanterns');
      await click(page, button);
      await alert(page, 'This link is no longer valid.');
    }
    assert.deepEqual(page.faults, []);
  }, SWITCHES);
}
