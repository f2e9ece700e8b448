// The authenticator app and the recovery codes.

import { call } from './call.js';
import type { Service } from './service.js';

/** Starts setting up an authenticator app. Returns its secret, as text and as the URL for a QR code. */
export const startAuthenticator = call('post', '/api/auth/otp/generate');

/** Confirms the setup with the first code. Returns the recovery codes, which are shown only once. All other sessions end. */
export const confirmAuthenticator = call('post', '/api/auth/otp/verify', true);

/** Removes the authenticator app. All other sessions end. */
export const removeAuthenticator = call('post', '/api/auth/otp/disable');

/** Returns how many recovery codes are left. */
export const countRecoveryCodes = call('get', '/api/auth/otp/recovery-codes');

/** Replaces the recovery codes. */
export const renewRecoveryCodes = call('post', '/api/auth/otp/recovery-codes');

/** The address of the QR code of the setup in progress, for an `<img>`. Needs cookies. */
export const qrCodeUrl = (service: Service): string => `${service.baseUrl}/api/auth/otp/qr`;
