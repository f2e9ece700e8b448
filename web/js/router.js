// From the address to a page: who may see it, what is drawn, where the focus goes.

import { Cancelled } from './api.js';
import { announce, button, card, el, focusOn, here, NAME } from './dom.js';
import { CODE_DUE, SIGNED_IN, SIGNED_OUT, forget, look, me } from './identity.js';
import { hasReturned, noteReturn } from './kept.js';
import { takeToken } from './mail-links.js';
import { plainly } from './words.js';

const ENDED = 'Your sign-in has ended. Sign in again to continue.';

const main = document.getElementById('main');
let routes = {};
let drawShell;
let handover = {};
let rendering = 0;
let guard = null;

/**
 * Starts with a table of path → {access, page} and with what draws the shell around a page. Access is
 * 'public', 'code' (a sign-in that waits for its code), 'private' or 'any'.
 */
export function start(table, shell) {
  takeToken();
  routes = table;
  drawShell = shell;
  window.addEventListener('hashchange', navigated);
  // The back-forward cache brings back a page as it was, signed in or not.
  window.addEventListener('pageshow', (event) => { if (event.persisted) render(); });
  window.addEventListener('beforeunload', (event) => { if (guard) event.preventDefault(); });
  render();
}

/** Replaces this page: “back” does not return to it. `given` is for the new page, and never in its address. */
export function replace(path, given = {}) {
  guard = null;
  handover = given;
  if (location.hash === `#${path}`) render();
  else location.replace(`#${path}`);
}

/** Hands something over to the page that a link opens. */
export const hand = (given) => { handover = given; };

export const redraw = (given) => replace(location.hash.slice(1), given);

/** Asks before the present page is left: `ask` rejects when the person stays. Without it, leaving is free again. */
export function guardPage(ask) {
  guard = ask ? { ask, at: location.hash } : null;
}

/** Resolves once the present page may be left, and rejects with Cancelled when the person stays. */
export async function mayLeave() {
  if (guard) await guard.ask();
}

async function navigated() {
  takeToken();
  if (!guard) return render();
  const isAsking = document.querySelector('dialog');
  if (isAsking || location.hash === guard.at) return undefined;
  try {
    await mayLeave();
  } catch {
    // The page is still shown, so restore its address.
    return history.pushState(null, '', guard.at);
  }
  return render();
}

/** The address of the app that sent the person here to sign in, if its pages may call the service. */
export function caller() {
  try {
    const url = new URL(here().query.get('return_to'));
    const origins = document.documentElement.dataset.origins.split(' ');
    // In development “:*” is any port.
    const isKnown = [url.origin, url.origin.replace(/:\d+$/, ':*')].some((origin) => origins.includes(origin));
    return isKnown && /^https?:$/.test(url.protocol) ? url : null;
  } catch {
    return null;
  }
}

/** Goes on once signed in: back to an app, to the private page that was asked for, or to the account. */
export function goOn(given) {
  const url = caller();
  if (!url) return replace(asked() ?? '/account', given);
  noteReturn(url.origin);
  location.replace(url.href);
  // What led here stays busy until the app's page arrives.
  return new Promise(() => {});
}

/** The same for someone who was signed in already. */
function passOn() {
  const url = caller();
  return url && hasReturned(url.origin) ? replace(keeping('/returned')) : goOn();
}

/** The private page that was asked for: this one, or the one that the address names. */
const asked = (path) => [path, here().query.get('next')].find((one) => routes[one]?.access === 'private');

/** A path that remembers where the person wanted to go. */
export function keeping(path, from) {
  const url = caller();
  const next = asked(from);
  if (url) return `${path}?return_to=${encodeURIComponent(url.href)}`;
  return next ? `${path}?next=${next}` : path;
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
  forget();
  replace(keeping('/sign-in', here().path), { notice: ENDED });
}

async function render() {
  guard = null;
  const mine = ++rendering;
  const given = handover;
  handover = {};
  const route = routes[here().path];
  if (!route) return location.replace('missing.html');
  // A user who has opened another page since then stays there, also before the event that says so.
  const { hash } = location;
  const isStale = () => mine !== rendering || hash !== location.hash;
  announce('');
  document.querySelectorAll('dialog').forEach((dialog) => dialog.close());
  main.setAttribute('aria-busy', 'true');
  try {
    const wasIn = me();
    const standing = await standingAt(route);
    if (isStale()) return;
    const away = detour(route, standing, wasIn && ENDED);
    if (away) return away();
    const content = await route.page(given);
    if (!isStale()) show(content, route, given);
  } catch (error) {
    if (isStale()) return;
    if (error instanceof Cancelled) replace(route.within ?? '/account');
    else if (!leftFor(error)) show(failure(error, given), route, { announcement: given.announcement });
  }
}

async function standingAt({ access }) {
  try {
    return await look();
  } catch (error) {
    // The sign-in form is useful even while the service is away; it says so when it is sent.
    if (access === 'public') return me() ? SIGNED_IN : SIGNED_OUT;
    throw error;
  }
}

/** What to do instead when the page is not open to this visitor. */
function detour({ access, entry }, standing, notice) {
  if (access === 'any') return null;
  if (standing === SIGNED_IN) return access === 'private' ? null : passOn;
  if (access === 'private') return () => replace(keeping(standing === CODE_DUE ? '/code' : '/sign-in', here().path), { notice });
  if (standing === CODE_DUE) return entry ? () => replace(keeping('/code')) : null;
  return access === 'code' ? () => replace(keeping('/sign-in'), { notice: ENDED }) : null;
}

function show(content, route, given) {
  const isFirst = !main.querySelector('h1');
  drawShell(me(), route.within ?? here().path);
  main.replaceChildren(content);
  const heading = main.querySelector('h1');
  if (given.banner) (main.querySelector('h1 + .lead') ?? heading).after(given.banner);
  document.title = `${heading.textContent} · ${NAME}`;
  main.removeAttribute('aria-busy');
  if (!isFirst) window.scrollTo(0, 0);
  const start = main.querySelector('[data-focus]') ?? (isFirst ? null : heading);
  if (start) focusOn(start);
  if (given.announcement) announce(given.announcement);
}

/** Trying again hands over the same: new recovery codes exist nowhere else. */
function failure(error, given) {
  return card('This page could not be loaded',
    el('p', { role: 'alert' }, plainly(error)),
    button('Try again', () => redraw(given), { class: 'primary' }));
}
