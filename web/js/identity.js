// Who the browser is signed in as. Only the service knows, so every page requests it.

import { get, post } from './api.js';
import { endLogin } from './kept.js';

export const SIGNED_IN = 'signed in';
export const CODE_DUE = 'code due';
export const SIGNED_OUT = 'signed out';

let account = null;

/** The account and session that `look` found last, while signed in. */
export const me = () => account;

/** Whether the account has a kind of second factor: 'totp' or 'passkey'. */
export const has = (factor) => account.user.second_factors.includes(factor);

/** Asks the service whether the browser is signed in. */
export async function look() {
  try {
    account = await get('me');
  } catch (error) {
    if (error.code !== 'otp_required' && error.status !== 401) throw error;
    account = null;
    if (error.status !== 401) return CODE_DUE;
  }
  endLogin();
  return account ? SIGNED_IN : SIGNED_OUT;
}

/** Forgets the account, once its session is over. */
export function forget() {
  account = null;
}

/** Ends the session, or the sign-in under way. */
export const signOut = () => post('logout').then(forget);
