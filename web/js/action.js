// Runs actions that may fail: one at a time, with a wait if the service asks for one.

import { announce, el } from './dom.js';
import { leftFor } from './router.js';
import { clock } from './time.js';
import { plainly } from './words.js';

/**
 * What a button does. It stays focusable while it is busy or has to wait, so that a keyboard does not lose
 * its place; `aria-disabled` says so, and `run` keeps to it.
 */
export class Attempt {
  #ticking;

  constructor(button, alert, busy) {
    Object.assign(this, { button, alert, busy, name: [...button.childNodes] });
  }

  /** Does the work unless it is under way; errors go to `tell`. */
  async run(work, tell) {
    if (this.button.getAttribute('aria-disabled')) return;
    this.say('');
    this.#hold(this.busy);
    try {
      await work();
      this.#release();
    } catch (error) {
      this.#release();
      if (leftFor(error)) return;
      tell(error);
      if (error.status === 429 && error.wait) this.#wait(error.wait);
    }
  }

  say(text) {
    this.alert.textContent = text;
    // Below the button it may lie outside the window or behind the navigation.
    if (text) this.alert.scrollIntoView({ block: 'nearest' });
  }

  /** Ends a wait early: what it was for has changed. */
  forgive() {
    if (!this.#ticking) return;
    this.#release();
    this.say('');
  }

  #wait(seconds) {
    // Measured by the clock, because a browser slows the timers of a hidden page.
    const end = Date.now() + seconds * 1000;
    const tick = () => {
      const left = Math.ceil((end - Date.now()) / 1000);
      if (left > 0 && this.button.isConnected) return this.#hold(`Try again in ${clock(left)}`);
      this.forgive();
      if (this.button.isConnected) announce('You can try again now.');
    };
    this.#ticking = setInterval(tick, 250);
    tick();
  }

  #hold(label) {
    this.button.setAttribute('aria-disabled', 'true');
    if (this.button.textContent !== label) this.button.textContent = label;
  }

  #release() {
    clearInterval(this.#ticking);
    this.#ticking = undefined;
    this.button.removeAttribute('aria-disabled');
    this.button.replaceChildren(...this.name);
  }
}

/** A button that does something. Its error is shown beside it, after `failed`, if given. */
export function actionButton(name, work, { kind = '', busy = 'One moment…', label, failed } = {}) {
  const alert = el('p.error', { role: 'alert' });
  const button = el('button', { type: 'button', class: kind, 'aria-label': label, onclick: () => attempt.run(work, tell) }, name);
  const attempt = new Attempt(button, alert, busy);
  const tell = (error) => attempt.say([failed, plainly(error)].filter(Boolean).join(' '));
  return el('div.action', button, alert);
}
