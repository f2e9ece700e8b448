// Whether axe sees anything at all.
import assert from 'node:assert/strict';
import { assertAccessible, heading, journey, open } from '../harness.mjs';

// The canary: where text is not drawn, axe finds no bad contrast and would call everything good.
await journey('axe sees bad contrast', async (browser) => {
  const page = await open(browser);
  await heading(page, 'Sign in');
  await page.evaluate(() => { document.querySelector('h1').style.color = '#ddd'; });
  await assert.rejects(assertAccessible(page, 'canary'), /color-contrast/);
});
