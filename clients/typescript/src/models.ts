// The types that responses are made of.

import type { Answer } from './types.js';

export type { FieldError, SecurityEvent, Session } from './api.js';
export type { Assertion, CreationOptions, NewCredential, Passkey, RequestOptions, SecondFactor, ServiceToken, TrustedDevice } from './further.js';

/** The account of the caller, as `me` returns it. */
export type User = Answer<'get', '/api/auth/me'>['user'];
