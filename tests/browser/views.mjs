// Windows to look at a state in, and what must hold in each: axe finds nothing, nothing scrolls sideways, and a finger can hit every button.
import assert from 'node:assert/strict';
import { assertAccessible } from './harness.mjs';

const { STATES } = process.env;
export const VIEWS = {
  'desktop-light': { viewport: { width: 1280, height: 900 }, colorScheme: 'light' },
  'desktop-dark': { viewport: { width: 1280, height: 900 }, colorScheme: 'dark' },
  'phone-light': { viewport: { width: 390, height: 844 }, colorScheme: 'light', hasTouch: true },
  'phone-dark': { viewport: { width: 390, height: 844 }, colorScheme: 'dark', hasTouch: true },
  'narrow-light': { viewport: { width: 320, height: 640 }, colorScheme: 'light' },
  // 1280 x 900 at 200 %
  'zoomed-dark': { viewport: { width: 640, height: 450 }, colorScheme: 'dark' },
};
// What axe sees does not depend on the width alone: once in light and once in dark is enough.
const AXE = ['desktop-light', 'phone-dark'];

/** Returns what checks a state of a page, by its name. With $STATES it keeps a picture there. */
export const viewer = (page, view) => async (state) => {
  await page.mouse.move(0, 0);
  if (STATES) await page.screenshot({ path: `${STATES}/${state}.${view}.png` });
  if (AXE.includes(view)) await assertAccessible(page, `${state}, ${view}`);
  const excess = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
  assert(excess <= 0, `${state} scrolls sideways by ${excess} px`);
  if (VIEWS[view].viewport.width < 500) await assertTargets(page, state);
};

async function assertTargets(page, state) {
  const small = await page.evaluate(() => [...document.querySelectorAll('a, button, input, summary')]
    .filter((one) => one.checkVisibility() && !one.closest('p, .skip') && !one.matches('.skip'))
    .map((one) => one.closest('label') ?? one)
    .map((one) => ({ name: one.textContent || one.name, height: one.getBoundingClientRect().height }))
    .filter(({ height }) => height < 44));
  assert.deepEqual(small, [], `targets below 44 px in ${state}`);
}
