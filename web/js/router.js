// From the address to a page: who may see it, what is drawn, where the focus goes.

import { Cancelled } from './api.js';
import { announce, el, focusOn } from './dom.js';
import { CODE_DUE, SIGNED_IN, SIGNED_OUT, look, me } from './identity.js';
import { plainly } from './words.js';

const ENDED = 'Your sign-in has ended. Please sign in again.';

const main = document.getElementById('main');
let routes = {};
let drawShell;
let handover = {};
let rendering = 0;

/**
 * Starts with a table of path → {access, page} and with what draws the shell around a page. Access is
 * 'public', 'code' (a sign-in that waits for its code), 'private' or 'any'.
 */
export function start(table, shell) {
  routes = table;
  drawShell = shell;
  window.addEventListener('hashchange', render);
  // The back-forward cache brings back a page as it was, signed in or not.
  window.addEventListener('pageshow', (event) => { if (event.persisted) render(); });
  render();
}

/**
 * Goes to a page in the place of this one, so that “back” does not lead into what is over. What is handed over
 * lives until that page is drawn, and never in the address.
 */
export function replace(path, given = {}) {
  handover = given;
  if (location.hash === `#${path}`) render();
  else location.replace(`#${path}`);
}

/** Draws the present page anew. */
export const redraw = () => replace(location.hash.slice(1));

/** Where to go once signed in: the private page that was asked for, or the account. */
export function wanted() {
  const { next } = here();
  return routes[next]?.access === 'private' ? next : '/account';
}

/** A public page's path that remembers where the person wanted to go. */
export function keeping(path, next = here().next) {
  return routes[next]?.access === 'private' ? `${path}?next=${next}` : path;
}

/** Leaves the page when an error says that it may no longer be seen; says whether it did. */
export function leftFor(error) {
  if (error instanceof Cancelled) return true;
  if (error.code === 'otp_required' && routes[here().path]?.access === 'private') redraw();
  else if (error.code === 'not_authenticated' || error.code === 'login_expired') expired();
  else return false;
  return true;
}

function expired() {
  const { path, next } = here();
  replace(keeping('/sign-in', routes[path]?.access === 'private' ? path : next), { notice: ENDED });
}

function here() {
  const [path, query] = location.hash.slice(1).split('?');
  return { path: path || '/sign-in', next: new URLSearchParams(query).get('next') };
}

async function render() {
  const mine = ++rendering;
  const given = handover;
  handover = {};
  const route = routes[here().path] ?? routes['/missing'];
  // Whoever has moved on meanwhile is not to be pulled back.
  const isStale = () => mine !== rendering;
  announce('');
  document.querySelectorAll('dialog').forEach((dialog) => dialog.close());
  main.setAttribute('aria-busy', 'true');
  try {
    const wasIn = me();
    const standing = await standingAt(route);
    if (isStale()) return;
    const away = detour(route, standing, wasIn && ENDED);
    if (away) return replace(...away);
    const content = await route.page(given);
    if (!isStale()) show(content, route, given);
  } catch (error) {
    if (isStale()) return;
    if (error instanceof Cancelled) replace(route.within ?? '/account');
    else if (!leftFor(error)) show(failure(error), route, given);
  }
}

async function standingAt({ access }) {
  try {
    return await look();
  } catch (error) {
    // A form to sign in is of use even while nothing is known; it says itself what is wrong.
    if (access === 'public') return SIGNED_OUT;
    throw error;
  }
}

/** Where to go, and what to hand over, when the page is not for who stands like this. */
function detour({ access, entry }, standing, notice) {
  if (access === 'any') return null;
  if (standing === SIGNED_IN) return access === 'private' ? null : [wanted()];
  if (access === 'private') return [keeping(standing === CODE_DUE ? '/code' : '/sign-in', here().path), { notice }];
  if (standing === CODE_DUE) return entry ? [keeping('/code')] : null;
  return access === 'code' ? [keeping('/sign-in'), { notice: ENDED }] : null;
}

function show(content, route, given) {
  const isFirst = !main.querySelector('h1');
  drawShell(me(), route.within ?? here().path);
  main.replaceChildren(content);
  const heading = main.querySelector('h1');
  document.title = `${heading.textContent} · Twofold`;
  main.removeAttribute('aria-busy');
  if (!isFirst) {
    window.scrollTo(0, 0);
    focusOn(main.querySelector('[data-focus]') ?? heading);
  }
  if (given.announcement) announce(given.announcement);
}

function failure(error) {
  return el('section.card',
    el('h1', 'This page could not be loaded'),
    el('p', { role: 'alert' }, plainly(error)),
    el('button.primary', { type: 'button', onclick: redraw }, 'Try again'));
}
