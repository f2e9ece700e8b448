// Passkeys. Each function asks the service for options, the browser for a credential, and sends it.

import { call } from './call.js';
import type { CallOptions, Service } from './service.js';
import { having, orRefused, reauthenticate, signedIn, type Refused, type SignedIn } from './sign-in.js';
import type { Answer, Code, Input } from './types.js';
import { createCredential, getCredential } from './webauthn.js';

/** The user closed the browser's prompt or let it expire. */
export type Cancelled = { outcome: 'cancelled' };
type SignInUser = { user: Answer<'post', '/api/auth/passkeys/sign-in'>['user'] };
type Created = { outcome: 'created' } & Answer<'post', '/api/auth/passkeys'>;

const creationOptions = call('post', '/api/auth/passkeys/options');
const create = call('post', '/api/auth/passkeys', true);
const challenge = call('post', '/api/auth/passkeys/challenge');
const validate = call('post', '/api/auth/passkeys/validate', true);
const signInOptions = call('post', '/api/auth/passkeys/sign-in/options');
const signIn = call('post', '/api/auth/passkeys/sign-in');

/** Lists the passkeys of the account. */
export const listPasskeys = call('get', '/api/auth/passkeys');

/** Gives a passkey another name. */
export const renamePasskey = call('patch', '/api/auth/passkeys/{id}');

/** Removes a passkey. All other sessions end. */
export const removePasskey = call('delete', '/api/auth/passkeys/{id}');

/** Adds a passkey. With the first second factor of an account, the answer has recovery codes, which are shown only once. */
export function addPasskey(
  service: Service,
  input: { name?: string } = {},
  options: CallOptions = {},
): Promise<Created | Cancelled | Refused<Code<'post', '/api/auth/passkeys'>>> {
  return prompted(options, async () => {
    const credential = await createCredential(await creationOptions(service, {}, options), options.signal);
    return { outcome: 'created', ...(await create(service, { ...input, credential }, options)) } as const;
  });
}

/** Submits a passkey as the second factor of a login. */
export function submitPasskey(
  service: Service,
  input: Omit<Input<'post', '/api/auth/passkeys/validate'>, 'credential'> = {},
  options: CallOptions = {},
): Promise<SignedIn | Cancelled | Refused<Code<'post', '/api/auth/passkeys/validate'>>> {
  return prompted(options, async () => (
    validate(service, { ...input, credential: await provePasskey(service, {}, options) }, options).then(signedIn)
  ));
}

/**
 * Signs in with a passkey alone. With `autofill` the browser offers passkeys in a field with `autocomplete="username webauthn"`
 * until the user chooses one; abort that before you ask for a passkey in another way, and start again after four minutes.
 */
export function signInWithPasskey(
  service: Service,
  { autofill = false }: { autofill?: boolean } = {},
  options: CallOptions = {},
): Promise<SignedIn<SignInUser> | Cancelled | Refused<Code<'post', '/api/auth/passkeys/sign-in'>>> {
  return prompted(options, async () => {
    const request = await signInOptions(service, {}, options);
    const credential = await getCredential(request, options.signal, autofill ? 'conditional' : undefined);
    const { user } = having('user', await signIn(service, { credential }, options));
    return { outcome: 'signedIn', user } as const;
  });
}

/** Authenticates again with a passkey that verifies its user, or with any passkey and the password. */
export function reauthenticateWithPasskey(
  service: Service,
  input: { password?: string } = {},
  options: CallOptions = {},
): Promise<SignedIn | Cancelled | Refused<Code<'post', '/api/auth/reauthenticate'>>> {
  return prompted(options, async () => reauthenticate(service, { ...input, passkey: await provePasskey(service, {}, options) }, options));
}

/** Asks for a passkey of the account; its answer is for a call that takes `passkey`. `token` is that of a mail link. */
export async function provePasskey(service: Service, input: { token?: string } = {}, options: CallOptions = {}) {
  return getCredential(await challenge(service, input, options), options.signal);
}

/** Turns a refusal and a closed prompt into results. The browser does not say whether the prompt was closed or timed out. An abort of the caller's is thrown. */
const prompted = <T, C extends string>({ signal }: CallOptions, run: () => Promise<T>): Promise<T | Cancelled | Refused<C>> =>
  orRefused(run().catch((error) => {
    signal?.throwIfAborted();
    if (error instanceof DOMException && error.name === 'NotAllowedError') return { outcome: 'cancelled' } as const;
    throw error;
  }));
