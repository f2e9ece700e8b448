// Who the browser is signed in as. Asked of the service at every page: it alone knows.

import { get, post } from './api.js';

export const SIGNED_IN = 'signed in';
export const CODE_DUE = 'code due';
export const SIGNED_OUT = 'signed out';

let account = null;

/** The account and the session of the last look, while signed in. */
export const me = () => account;

/** Looks how the browser stands with the service. */
export async function look() {
  try {
    account = await get('me');
    return SIGNED_IN;
  } catch (error) {
    if (error.code !== 'otp_required' && error.status !== 401) throw error;
    account = null;
    return error.status === 401 ? SIGNED_OUT : CODE_DUE;
  }
}

/** Ends the session, or the sign-in under way. */
export const signOut = () => post('logout');
