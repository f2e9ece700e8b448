// The frame of every page: the service's name, the sign-out button and the navigation.

import { NAME, el, icon } from './dom.js';
import { signOut } from './identity.js';
import { actionButton } from './action.js';
import { mayLeave, replace } from './router.js';

const PLACES = [
  ['/account', 'Overview', 'home'],
  ['/two-factor', 'Two-factor', 'shield'],
  ['/sessions', 'Sessions', 'screen'],
  ['/password', 'Password', 'key'],
  ['/events', 'Activity', 'clock'],
];

const LOGO = document.querySelector('[rel=icon]').href;
const top = document.getElementById('top');
const places = document.getElementById('places');
let drawnFor = null;

document.getElementById('skip').addEventListener('click', (event) => {
  // Only the router changes the address.
  event.preventDefault();
  document.getElementById('main').focus();
});

/** Draws the header and, while signed in, the navigation. */
export function drawShell(account, place) {
  const email = account?.user.email;
  if (drawnFor !== email) top.replaceChildren(...header(email));
  else top.querySelectorAll('.error').forEach((error) => { error.textContent = ''; });
  drawnFor = email;
  document.body.classList.toggle('signed-in', Boolean(account));
  places.hidden = !account;
  places.replaceChildren(el('ul', PLACES.map((one) => link(one, place))));
}

function header(email) {
  const name = el('a.brand', { href: '#/sign-in' }, el('img', { src: LOGO, alt: '', width: 32, height: 32 }), NAME);
  if (!email) return [name];
  return [name, el('div.who', el('span.email', email), signOutButton())];
}

export function signOutButton(label) {
  return actionButton('Sign out', async () => {
    await mayLeave();
    await signOut();
    replace('/sign-in', { notice: 'You have signed out.' });
  }, { busy: 'Signing out…', label, failed: 'You may still be signed in.' });
}

function link([path, name, drawing], present) {
  const current = path === present && 'page';
  return el('li', el('a', { href: `#${path}`, 'aria-current': current }, icon(drawing), name));
}
