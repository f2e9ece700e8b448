// A passkey, by its button, by autofill and as second factor, leads back to the app that sent the person.
import { APP, back, follow, leadingBack, openWithApps } from '../apps.mjs';
import { addFirstPasskey, plugIn, WITHOUT_AUTOFILL } from '../authenticators.mjs';
import { click, heading, journey, newPerson, signIn, signUp } from '../harness.mjs';

const PAGE = `${APP}/orders`;

/** Signs up in a browser with a passkey, and leaves. */
async function withPasskey(page, kind) {
  const person = newPerson();
  await signUp(page, person);
  const authenticator = await plugIn(page, kind);
  await addFirstPasskey(page);
  await page.context().clearCookies();
  return { person, authenticator };
}

await journey('a passkey alone, by its button', async (browser) => {
  const page = await openWithApps(browser, { script: WITHOUT_AUTOFILL });
  await withPasskey(page, 'platform');
  await follow(page, leadingBack(PAGE));
  await click(page, 'Sign in with a passkey');
  await back(page, PAGE);
});

await journey('a passkey alone, by autofill', async (browser) => {
  const page = await openWithApps(browser);
  const { authenticator } = await withPasskey(page, 'synced');
  await authenticator.touch(true);
  await follow(page, leadingBack(PAGE));
  await back(page, PAGE);
});

await journey('a passkey after the password', async (browser) => {
  const page = await openWithApps(browser, { script: WITHOUT_AUTOFILL });
  const { person } = await withPasskey(page, 'key');
  await follow(page, leadingBack(PAGE));
  await signIn(page, person);
  await heading(page, 'Use your passkey');
  await page.reload();
  await click(page, 'Use your passkey');
  await back(page, PAGE);
});
