// New recovery codes are shown once: leaving them asks first, until they are saved.
import assert from 'node:assert/strict';
import { click, fill, heading, journey, newPerson, open, phoneWithKey, signUp, URL_ROOT } from '../harness.mjs';

/** A new account on the page that shows its codes. */
async function atCodes(browser) {
  const page = await open(browser);
  await signUp(page, newPerson());
  const phone = await phoneWithKey(page);
  await fill(page, 'Six-digit code', phone.code());
  await heading(page, 'Save your recovery codes');
  return page;
}

const codesShown = (page) => page.locator('.codes code').count();

await journey('unsaved codes stay until the person confirms', async (browser) => {
  const page = await atCodes(browser);
  await page.getByText('Not saved yet').waitFor();
  const question = page.getByRole('dialog', { name: 'Leave without saving your recovery codes?' });
  for (const leave of [() => click(page, 'Sessions', 'link'), () => page.evaluate(() => history.back()), () => click(page, 'Sign out')]) {
    await leave();
    await question.waitFor();
    await click(page, 'Stay on this page');
    await question.waitFor({ state: 'detached' });
    assert.equal(await codesShown(page), 10);
    await page.waitForURL(/#\/two-factor\/recovery-codes$/);
  }

  const asked = page.waitForEvent('dialog');
  const reloading = page.reload({ timeout: 5_000 }).catch(() => 'stayed');
  const dialog = await asked;
  assert.equal(dialog.type(), 'beforeunload');
  await dialog.dismiss();
  await reloading;
  assert.equal(await codesShown(page), 10);

  await click(page, 'Continue');
  await page.getByText('Save the codes first').waitFor();
  await page.getByLabel('I have saved these codes').check();
  assert.equal(await page.getByText('Not saved yet').isVisible(), false);
  await click(page, 'Continue');
  await heading(page, 'Two-factor authentication');
  assert.equal(await page.getByText('Not saved').count(), 0);
});

await journey('codes that were left stay marked until they are saved or renewed', async (browser) => {
  const page = await atCodes(browser);
  await click(page, 'Overview', 'link');
  await click(page, 'Leave without saving');
  await heading(page, 'Your account');
  await page.reload();
  await page.getByText('10 of 10 left Not saved').waitFor();
  await click(page, 'Two-factor', 'link');
  await heading(page, 'Two-factor authentication');
  await page.getByText('Not saved').waitFor();
  await click(page, 'Manage recovery codes', 'link');
  await click(page, 'I have them');
  await page.getByText('haven’t confirmed').waitFor({ state: 'detached' });
  await page.goto(`${URL_ROOT}#/account`);
  await heading(page, 'Your account');
  assert.equal(await page.getByText('Not saved').count(), 0);
});
