// What goes wrong with passkeys: the page says what happened and what to do, and the same button works afterwards.
import assert from 'node:assert/strict';
import { addFirstPasskey, addPasskey, plugIn, secondFactor, WITHOUT_AUTOFILL } from '../authenticators.mjs';
import { click, fill, heading, journey, lose, newPerson, open, refuse, SERVICE, SERVICE_AT_IP, signIn, signOut, signUp, URL_ROOT, visit } from '../harness.mjs';

const CLOSED = 'The passkey prompt was closed before it was done.';
const twoFactor = (page) => visit(page, '/two-factor', 'Two-factor authentication');

/** A prompt that the person closes, or leaves open until it ends; navigator.credentials says the same of both. */
const endPrompts = (page, minutes = 0) => page.evaluate((waited) => {
  const end = async () => {
    const now = Date.now();
    Date.now = () => now + waited * 60_000;
    throw new DOMException('The operation either timed out or was not allowed.', 'NotAllowedError');
  };
  navigator.credentials.get = end;
  navigator.credentials.create = end;
}, minutes);

await journey('a prompt that is closed or times out', async (browser) => {
  const page = await open(browser, { script: WITHOUT_AUTOFILL });
  const person = newPerson();
  await signUp(page, person);
  const key = await plugIn(page, 'wrongPin');
  await twoFactor(page);
  await fill(page, 'Name of the new passkey', 'Blue key');
  await click(page, 'Add a passkey');
  await page.getByText(CLOSED).waitFor();
  assert.equal(await page.getByLabel('Name of the new passkey').inputValue(), 'Blue key', 'nothing typed is lost');
  await key.unplug();
  await plugIn(page, 'key');
  await click(page, 'Add a passkey');
  await heading(page, 'Save your recovery codes');
  await page.getByLabel('I have saved these codes').check();

  await signOut(page);
  await endPrompts(page);
  await click(page, 'Sign in with a passkey');
  await page.getByText(CLOSED).waitFor();
  await signIn(page, person);
  await click(page, 'Use your passkey');
  await page.getByText(CLOSED).waitFor();
  await endPrompts(page, 6);
  await click(page, 'Use your passkey');
  await page.getByText('The passkey prompt was open for too long. Try again.').waitFor();
  // None of them was a try.
  await page.reload();
  await secondFactor(page);
});

await journey('a passkey that is registered already, and one too many', async (browser) => {
  const page = await open(browser, { script: WITHOUT_AUTOFILL });
  await signUp(page, newPerson());
  await plugIn(page, 'platform');
  await addFirstPasskey(page);
  await click(page, 'Add a passkey');
  await page.getByText('already has a passkey for your account. Use another one.').waitFor();
  await refuse(page, 'passkeys/options', 409, 'too_many_passkeys');
  await click(page, 'Add a passkey');
  await page.getByText('Detail.').waitFor();
});

await journey('a page at an IP address', async (browser) => {
  const page = await open(browser, { start: `${SERVICE_AT_IP}/static/index.html` });
  const advice = page.getByText(`Passkeys do not work at an IP address. Open ${SERVICE} instead.`);
  await click(page, 'Sign in with a passkey');
  await advice.waitFor();
  const person = newPerson();
  await click(page, 'Create an account', 'link');
  await fill(page, 'Name', person.name);
  await fill(page, 'Email address', person.email);
  await fill(page, 'Password', person.password);
  await click(page, 'Create account');
  await heading(page, 'Your account');
  await click(page, 'Two-factor', 'link');
  await advice.waitFor();
  await page.getByRole('link', { name: 'Set up two-factor authentication' }).waitFor();
  assert.equal(await page.getByRole('button', { name: 'Add a passkey' }).count(), 0);
});

await journey('a service without passkeys', async (browser) => {
  const page = await open(browser, { script: WITHOUT_AUTOFILL });
  await refuse(page, 'passkeys**', 404, 'passkeys_not_available');
  await refuse(page, 'passkeys/**', 404, 'passkeys_not_available');
  await click(page, 'Sign in with a passkey');
  await page.getByText('Detail.').waitFor();
  // The request for autofill shows it before anybody presses the button.
  const other = await open(browser, { start: 'about:blank' });
  await refuse(other, 'passkeys/**', 404, 'passkeys_not_available');
  await other.goto(URL_ROOT);
  await heading(other, 'Sign in');
  await other.getByRole('button', { name: 'Sign in with a passkey' }).waitFor({ state: 'hidden' });
  await signUp(page, newPerson());
  await twoFactor(page);
  await page.getByRole('link', { name: 'Set up two-factor authentication' }).waitFor();
  assert.equal(await page.getByRole('heading', { name: 'Passkeys' }).count(), 0);
});

await journey('a browser without passkeys', async (browser) => {
  const page = await open(browser, { script: () => { delete window.PublicKeyCredential; } });
  await click(page, 'Sign in with a passkey');
  await page.getByText('This browser can’t use passkeys.').waitFor();
  await signUp(page, newPerson());
  await twoFactor(page);
  await page.getByText('This browser can’t use passkeys.').waitFor();
});

await journey('a browser that does not convert passkeys to JSON', async (browser) => {
  const page = await open(browser, { script: () => {
    if (!window.PublicKeyCredential) return;
    delete PublicKeyCredential.parseCreationOptionsFromJSON;
    delete PublicKeyCredential.parseRequestOptionsFromJSON;
    delete PublicKeyCredential.prototype.toJSON;
    delete PublicKeyCredential.isConditionalMediationAvailable;
  } });
  const person = newPerson();
  await signUp(page, person);
  const laptop = await plugIn(page, 'platform');
  await addFirstPasskey(page);
  await signOut(page);
  await click(page, 'Sign in with a passkey');
  await heading(page, 'Your account');
  await laptop.unplug();
  await plugIn(page, 'u2f');
  await addPasskey(page);
  await signOut(page);
  await signIn(page, person);
  await secondFactor(page);
});

await journey('the network is lost, and answers are', async (browser) => {
  const page = await open(browser, { script: WITHOUT_AUTOFILL });
  const person = newPerson();
  await signUp(page, person);
  await plugIn(page, 'platform');
  await twoFactor(page);
  const offline = async (...names) => {
    await page.context().setOffline(true);
    for (const name of names) await click(page, name);
    await page.getByText('could not be reached').waitFor();
    await page.context().setOffline(false);
  };
  await offline('Add a passkey');
  // The answer that has the recovery codes gets lost.
  await lose(page, 'passkeys');
  await click(page, 'Add a passkey');
  await page.getByText('Your passkey may already be added.').waitFor();
  await page.reload();
  await page.getByText('Not saved').waitFor();
  await click(page, 'Manage recovery codes', 'link');
  await click(page, 'Make new codes');
  await click(page.getByRole('dialog'), 'Make new codes');
  await heading(page, 'Save your recovery codes');
  await page.getByLabel('I have saved these codes').check();
  await signOut(page);
  await offline('Sign in with a passkey');
  await lose(page, 'passkeys/sign-in');
  await click(page, 'Sign in with a passkey');
  await page.getByText('could not be reached').waitFor();
  await click(page, 'Sign in with a passkey');
  await heading(page, 'Your account');
  await signOut(page);
  await signIn(page, person);
  await heading(page, 'Use your passkey');
  await offline('Use your passkey');
  await lose(page, 'passkeys/validate');
  await click(page, 'Use your passkey');
  await page.getByText('could not be reached').waitFor();
  await secondFactor(page);
});

await journey('passkeys that are not accepted end the sign-in', async (browser) => {
  const page = await open(browser, { script: WITHOUT_AUTOFILL });
  const person = newPerson();
  await signUp(page, person);
  await plugIn(page, 'key');
  await addFirstPasskey(page);
  await signOut(page);
  await signIn(page, person);
  await heading(page, 'Use your passkey');
  // The signature is changed on its way.
  await page.route('**/api/auth/passkeys/validate', (route) => {
    const sent = route.request().postDataJSON();
    sent.credential.response.signature = sent.credential.response.signature.replace(/.{4}$/, 'AAAA');
    return route.continue({ postData: sent });
  });
  for (const left of ['4 tries', '3 tries', '2 tries', 'one try']) {
    await click(page, 'Use your passkey');
    await page.getByText(`This passkey was not accepted. Try again, or choose another way. You have ${left} left.`).waitFor();
  }
  await click(page, 'Use your passkey');
  await heading(page, 'Sign in');
  await page.getByText('Too many wrong tries, so this sign-in has ended.').waitFor();
});
