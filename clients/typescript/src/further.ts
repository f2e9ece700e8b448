// Types of passkeys, trusted devices and tokens for other services, written by hand in the form of `api.ts`. What the
// OpenAPI description has can be removed from here: `FurtherPaths` only adds to the generated `paths`.

import type { User } from './api.js';

type Input<B> = { requestBody?: { content: { 'application/json': B } } };
type Output<S extends number, A, C extends string = never> = {
  responses: { [K in S]: { content: { 'application/json': A } } } & ([C] extends [never] ? unknown : { default: { content: { 'application/problem+json': { code: C } } } });
};
type NoContent = { responses: { 204: { content?: never } } };
type WithId = { parameters: { path: { id: string } } };

/** A kind of second factor. */
export type SecondFactor = 'totp' | 'passkey';
type Factors = { second_factors?: SecondFactor[] };

/** A passkey of the account. */
export type Passkey = {
  id: string;
  name: string;
  created_at: string;
  last_used_at: string | null;
  /** Whether it is synced between devices. */
  synced: boolean;
  /** Whether it can sign in without a password. */
  signs_in: boolean;
};

/** A browser that needs no second factor when it signs in. */
export type TrustedDevice = {
  id: string;
  created_at: string;
  last_used_at: string;
  expires_at: string;
  ip: string;
  user_agent: string;
};

/** A token for another service (RFC 9068). */
export type ServiceToken = { token: string; token_type: 'Bearer'; expires_in: number };

// The JSON forms of WebAuthn Level 3, section 5.1. All binary values are base64url without padding.

type Descriptor = { id: string; type: string; transports?: string[] };

/** `PublicKeyCredentialCreationOptionsJSON` */
export type CreationOptions = {
  rp: { id?: string; name: string };
  user: { id: string; name: string; displayName: string };
  challenge: string;
  pubKeyCredParams: { type: string; alg: number }[];
  timeout?: number;
  excludeCredentials?: Descriptor[];
  authenticatorSelection?: { authenticatorAttachment?: string; residentKey?: string; requireResidentKey?: boolean; userVerification?: string };
  attestation?: string;
};

/** `PublicKeyCredentialRequestOptionsJSON` */
export type RequestOptions = {
  challenge: string;
  timeout?: number;
  rpId?: string;
  allowCredentials?: Descriptor[];
  userVerification?: string;
};

type Credential<R> = {
  id: string;
  rawId: string;
  type: string;
  authenticatorAttachment?: string;
  clientExtensionResults: object;
  response: R;
};

/** `RegistrationResponseJSON`, without what can be derived from the attestation. */
export type NewCredential = Credential<{ clientDataJSON: string; attestationObject: string; transports?: string[] }>;

/** `AuthenticationResponseJSON` */
export type Assertion = Credential<{ clientDataJSON: string; authenticatorData: string; signature: string; userHandle?: string }>;

type SignInCode = 'passkey_invalid' | 'account_disabled' | 'email_not_verified' | 'too_many_attempts' | 'passkeys_not_available' | 'invalid_fields';

export type FurtherPaths = {
  '/api/auth/login': { post: Output<200, { second_factor_required?: boolean; user: Factors }> };
  '/api/auth/me': { get: Output<200, { user: Factors }> };
  '/api/auth/otp/validate': { post: Input<{ remember_device?: boolean }> };
  '/api/auth/reauthenticate': { post: Input<{ passkey?: Assertion }> };
  '/api/auth/password/reset': { post: Input<{ passkey?: Assertion }> };
  '/api/auth/secure': { post: Input<{ passkey?: Assertion }> };
  '/api/auth/passkeys': {
    get: Output<200, { passkeys: Passkey[] }, 'passkeys_not_available'>;
    post: Input<{ name?: string; credential: NewCredential }> &
      Output<201, { passkey: Passkey; recovery_codes?: string[]; token?: string }, 'passkey_invalid' | 'passkey_exists' | 'too_many_passkeys'>;
  };
  '/api/auth/passkeys/{id}': {
    patch: WithId & Input<{ name: string }> & Output<200, { passkey: Passkey }, 'passkey_not_found'>;
    delete: WithId & NoContent;
  };
  '/api/auth/passkeys/options': { post: Output<200, CreationOptions, 'too_many_passkeys' | 'passkeys_not_available'> };
  '/api/auth/passkeys/challenge': { post: Input<{ token?: string }> & Output<200, RequestOptions, 'no_passkey' | 'mail_token_invalid'> };
  '/api/auth/passkeys/validate': {
    post: Input<{ credential: Assertion; remember_device?: boolean }> & Output<200, { passkey_valid: boolean }, SignInCode | 'login_expired'>;
  };
  '/api/auth/passkeys/sign-in/options': { post: Output<200, RequestOptions, SignInCode> };
  '/api/auth/passkeys/sign-in': { post: Input<{ credential: Assertion }> & Output<200, { status: string; user: User & Factors }, SignInCode> };
  '/api/auth/devices': { get: Output<200, { devices: TrustedDevice[] }>; delete: NoContent };
  '/api/auth/devices/{id}': { delete: WithId & NoContent };
  '/api/auth/token': { post: Input<{ audience?: string }> & Output<200, ServiceToken, 'audience_unknown' | 'tokens_not_available'> };
};

