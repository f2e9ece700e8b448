// The account: registration, password, address, sessions, devices and activity.

import { call } from './call.js';
import type { CallOptions, Service } from './service.js';

/** Creates an account. It opens no session. */
export const register = call('post', '/api/auth/register');

/** Returns the user and the session. Fails with `not_authenticated` if there is none, and with `otp_required` before the second factor. */
export const me = call('get', '/api/auth/me');

/** Changes the password. All other sessions end. */
export const changePassword = call('put', '/api/auth/password', true);

const deletion = call('delete', '/api/auth/account');

/** Permanently deletes the account. */
export async function deleteAccount(service: Service, input: { password: string }, options?: CallOptions): Promise<void> {
  await deletion(service, input, options);
  service.bearer?.set(undefined);
}

/** Lists the sessions of the account, most recently used first. */
export const listSessions = call('get', '/api/auth/sessions');

/** Ends one session. */
export const endSession = call('delete', '/api/auth/sessions/{id}');

/** Ends all other sessions, and every login in progress. */
export const endOtherSessions = call('delete', '/api/auth/sessions');

/** Lists security events, newest first. `after` is the `next` of an earlier page. */
export const listEvents = call('get', '/api/auth/events');

/** Lists the browsers that need no second factor. */
export const listDevices = call('get', '/api/auth/devices');

/** Asks this browser for a second factor again. */
export const forgetDevice = call('delete', '/api/auth/devices/{id}');

/** Asks every browser for a second factor again. */
export const forgetDevices = call('delete', '/api/auth/devices');

/** Makes a token for another service. It is short-lived; ask for a new one before it expires. */
export const serviceToken = call('post', '/api/auth/token');
