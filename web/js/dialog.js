// Questions in a dialog. The browser's own dialog keeps the focus inside and restores it afterwards.

import { Cancelled } from './api.js';
import { button, el, freshId } from './dom.js';

/**
 * Asks; resolves once `content(done)` calls `done`, and rejects with Cancelled when the person, or a change
 * of the page, closes it.
 */
export function ask(heading, content) {
  return new Promise((resolve, reject) => {
    const id = freshId('dialog');
    const dialog = el('dialog', { 'aria-labelledby': id, onclose: () => {
      dialog.remove();
      reject(new Cancelled());
    } });
    const done = (answer) => {
      resolve(answer);
      dialog.close();
    };
    dialog.append(el('h2', { id }, heading), ...content(done, () => dialog.close()).filter(Boolean));
    document.body.append(dialog);
    dialog.showModal();
  });
}

/** Asks before something that cannot be undone. */
export function confirm(heading, text, action, otherwise = 'Cancel') {
  return ask(heading, (done, close) => [
    el('p', text),
    el('div.buttons',
      button(action, () => done(), { class: 'danger' }),
      button(otherwise, close, { autofocus: true })),
  ]);
}
