// The operator chooses the name that apps show. The pages use that one, and call it nothing else.
import assert from 'node:assert/strict';
import { journey, newPerson, open, phoneWithKey, setUp, signInToCode, signOut, signUp } from '../harness.mjs';

await journey('an issuer other than the product', async (browser) => {
  const page = await open(browser);
  const person = newPerson();
  await signUp(page, person);
  await phoneWithKey(page);
  await page.getByText(`Your app will call it Acme Works (${person.email}).`).waitFor();
  await setUp(page);
  await signOut(page);
  await signInToCode(page, person);
  await page.getByText(`the code it shows for ${person.email}`).waitFor();
  assert.doesNotMatch(await page.getByRole('main').innerText(), /Twofold/);
});
