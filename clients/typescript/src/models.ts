// The types that responses are made of.

import type { Answer, Input } from './types.js';

export type { FieldError, Passkey, SecurityEvent, ServiceToken, Session, TrustedDevice } from './api.js';

/** The account of the caller, as `me` returns it. */
export type User = Answer<'get', '/api/auth/me'>['user'];

/** A kind of second factor. */
export type SecondFactor = User['second_factors'][number];

// The JSON forms of WebAuthn Level 3, section 5.1. All binary values are base64url without padding.

/** `PublicKeyCredentialCreationOptionsJSON` */
export type CreationOptions = Answer<'post', '/api/auth/passkeys/options'>;

/** `PublicKeyCredentialRequestOptionsJSON`; without `allowCredentials` for a passkey of any account. */
export type RequestOptions = Answer<'post', '/api/auth/passkeys/sign-in/options'> & Partial<Answer<'post', '/api/auth/passkeys/challenge'>>;

/** `RegistrationResponseJSON` */
export type NewCredential = Input<'post', '/api/auth/passkeys'>['credential'];

/** `AuthenticationResponseJSON` */
export type Assertion = Input<'post', '/api/auth/passkeys/sign-in'>['credential'];
