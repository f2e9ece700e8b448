// The React example from a registration to a second factor and back, on another origin than the service's. Each screen is looked at.
import assert from 'node:assert/strict';
import { alert, clickAtOnce, counter, logIn, logOut, openExample, ORIGIN, register, SWITCHES } from '../example.mjs';
import { click, fill, heading, journey, newPerson } from '../harness.mjs';
import { advance, Phone } from '../phone.mjs';
import { viewer, VIEWS } from '../views.mjs';

const view = process.argv[3];

async function registered(page, see, person) {
  await page.waitForURL(`${ORIGIN}/login`);
  await heading(page, 'Log in');
  await see('example-login');
  await click(page, 'Log in');
  await page.getByText('Please enter a valid email address.').waitFor();
  await see('example-login-invalid');
  await logIn(page, person);
  await alert(page, 'Incorrect email or password.');

  const calls = counter(page, '/auth/register');
  await click(page, 'Create an account', 'link');
  await heading(page, 'Create an account');
  await see('example-register');
  await fill(page, 'Name', person.name);
  await fill(page, 'Email address', person.email);
  await fill(page, 'Password', person.password);
  await clickAtOnce(page, 'Create account', 'Create account');
  await heading(page, `Hello, ${person.name}`);
  assert.deepEqual(calls, ['POST'], 'a form is sent once');
  await page.reload();
  await heading(page, `Hello, ${person.name}`);
  await see('example-profile');
}

async function setUp(page, see) {
  await click(page, 'Set up an app');
  const dialog = page.getByRole('dialog', { name: 'Set up your authenticator app' });
  await dialog.getByRole('img', { name: 'QR code' }).waitFor();
  await see('example-set-up');
  const phone = new Phone(await dialog.locator('.key').innerText());
  await fill(dialog, 'Six-digit code', phone.wrong());
  await click(dialog, 'Turn on');
  await alert(dialog, 'Incorrect code.');
  await fill(dialog, 'Six-digit code', phone.code());
  await click(dialog, 'Turn on');
  const saving = page.getByRole('dialog', { name: 'Save your recovery codes' });
  await saving.waitFor();
  const codes = await saving.locator('.codes code').allInnerTexts();
  assert.equal(codes.length, 10);
  await see('example-recovery-codes');
  await page.keyboard.press('Escape');
  await page.keyboard.press('Escape');
  assert(await saving.isVisible(), 'codes that are not saved do not go away');
  await click(saving, 'Copy');
  await saving.getByText('Copied.').waitFor();
  await saving.getByLabel('I have saved these codes').check();
  await click(saving, 'Continue');
  await page.getByText('10 of 10 left').waitFor();
  await see('example-profile-on');
  return { phone, codes };
}

async function secondFactor(page, see, person, { phone, codes }) {
  await page.goto(`${ORIGIN}/activity`);
  await heading(page, 'Log in');
  await logIn(page, person);
  await heading(page, 'Confirm it’s you');
  await see('example-code');
  await page.reload();
  await fill(page, 'Six-digit code', phone.wrong());
  await click(page, 'Continue');
  await alert(page, 'Incorrect code.');
  await fill(page, 'Six-digit code', await phone.next());
  await click(page, 'Continue');
  await heading(page, 'Activity');
  await page.getByText('Signed in with code').waitFor();
  await see('example-activity');
  await click(page, 'Sessions', 'link');
  await page.getByText('This session').waitFor();
  await see('example-sessions');
  await logOut(page);
  await logIn(page, person);
  await click(page, 'Use a recovery code instead');
  await fill(page, 'Recovery code', codes[0]);
  await see('example-recovery-code');
  await click(page, 'Continue');
  await heading(page, `Hello, ${person.name}`);
  await page.getByText('9 of 10 left').waitFor();
}

async function turnOff(page, see, person, { phone }) {
  await advance(16 * 60);
  await click(page, 'Turn off');
  await see('example-sure');
  await click(page, 'Yes');
  const dialog = page.getByRole('dialog', { name: 'Confirm it’s you' });
  await fill(dialog, 'Password', 'not my password');
  await fill(dialog, 'Code or recovery code', '000000');
  await click(dialog, 'Confirm');
  await alert(dialog, 'This password is not correct.');
  await see('example-reauthentication');
  await fill(dialog, 'Password', person.password);
  await fill(dialog, 'Code or recovery code', await phone.next());
  await click(dialog, 'Confirm');
  await page.getByText('Off: your password is enough to log in.').waitFor();
}

await journey(`the React example, ${view}`, async (browser) => {
  const page = await openExample(browser, VIEWS[view]);
  const see = viewer(page, view);
  const person = newPerson();
  await registered(page, see, person);
  const enrolled = await setUp(page, see);
  await logOut(page);
  await secondFactor(page, see, person, enrolled);
  await turnOff(page, see, person, enrolled);

  // A session that another browser ends is noticed by the next call.
  const other = await openExample(browser);
  await logIn(other, person);
  await click(other, 'Sessions', 'link');
  await click(other, 'Log out all others');
  await other.getByText('All other sessions have ended.').waitFor();
  await click(page, 'Sessions', 'link');
  await heading(page, 'Log in');
  assert.deepEqual([...page.faults, ...other.faults], []);
}, SWITCHES);
