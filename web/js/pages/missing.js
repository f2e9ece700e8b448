import { el } from '../dom.js';

export function missing() {
  return el('section.card',
    el('h1', 'Page not found'),
    el('p', 'There is nothing at this address.'),
    el('a.button.primary', { href: '#/sign-in' }, 'Go to the start'));
}
