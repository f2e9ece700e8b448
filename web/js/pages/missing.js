import { el } from '../dom.js';

export function missing() {
  return el('section.card',
    el('h1', 'This page does not exist'),
    el('p', 'Check the address, or start from your account.'),
    el('a.button.primary', { href: '#/sign-in' }, 'Go to your account'));
}
