// Links in emails. Their token is in the fragment of the address, which reaches no server and no log.

import { here } from './dom.js';

let opened = {};

/** Keeps the token of a link that was opened, and removes it from the address bar. */
export function takeToken() {
  const { path, query } = here();
  const token = query.get('token');
  if (token === null) return;
  opened = { path, token };
  history.replaceState(null, '', `#${path}`);
}

/** The token of the link that was opened for a page, until it is used. */
export const tokenOf = (path) => (opened.path === path ? opened.token : undefined);

/** Forgets the token: it is used, or it is no longer valid. */
export const forgetToken = () => { opened = {}; };

export const hasMail = () => document.documentElement.hasAttribute('data-mail');
