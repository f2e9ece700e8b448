// The browser's passkey calls, with their values as JSON. Older browsers and some password managers lack the conversions.

import type { Assertion, CreationOptions, NewCredential, RequestOptions } from './models.js';

/** Whether this page can use passkeys: the browser knows them, and the page's origin is secure. */
export const supportsPasskeys = (): boolean => globalThis.isSecureContext && 'PublicKeyCredential' in globalThis;

/** Whether the browser can offer passkeys in the autofill of a field with `autocomplete="username webauthn"`. */
export const supportsAutofill = async (): Promise<boolean> =>
  supportsPasskeys() && ((await PublicKeyCredential.isConditionalMediationAvailable?.()) ?? false);

/** Asks the browser for a new passkey. */
export async function createCredential(options: CreationOptions, signal?: AbortSignal): Promise<NewCredential> {
  const publicKey = PublicKeyCredential.parseCreationOptionsFromJSON?.(options as PublicKeyCredentialCreationOptionsJSON)
    ?? ({ ...decoded(options), user: withBytes(options.user), excludeCredentials: options.excludeCredentials?.map(withBytes) } as unknown as PublicKeyCredentialCreationOptions);
  return encoded(await navigator.credentials.create({ publicKey, ...(signal && { signal }) })) as NewCredential;
}

/** Asks the browser for a passkey that exists. */
export async function getCredential(options: RequestOptions, signal?: AbortSignal, mediation?: 'conditional'): Promise<Assertion> {
  const publicKey = PublicKeyCredential.parseRequestOptionsFromJSON?.(options as PublicKeyCredentialRequestOptionsJSON)
    ?? ({ ...decoded(options), allowCredentials: options.allowCredentials?.map(withBytes) } as unknown as PublicKeyCredentialRequestOptions);
  return encoded(await navigator.credentials.get({ publicKey, ...(mediation && { mediation }), ...(signal && { signal }) })) as Assertion;
}

const bytesOf = (text: string) => Uint8Array.from(atob(text.replace(/-/g, '+').replace(/_/g, '/')), (one) => one.charCodeAt(0));
const base64url = (buffer: ArrayBuffer) =>
  btoa(String.fromCharCode(...new Uint8Array(buffer))).replace(/\+/g, '-').replace(/\//g, '_').replace(/=/g, '');
const withBytes = <T extends { id: string }>(value: T) => ({ ...value, id: bytesOf(value.id) });
const decoded = <T extends { challenge: string }>(options: T) => ({ ...options, challenge: bytesOf(options.challenge) });

function encoded(credential: Credential | null): NewCredential | Assertion {
  const { id, type, response } = credential as PublicKeyCredential;
  try {
    return (credential as PublicKeyCredential).toJSON() as NewCredential | Assertion;
  } catch {
    const values: Record<string, unknown> = {};
    for (const name of ['clientDataJSON', 'attestationObject', 'authenticatorData', 'signature', 'userHandle']) {
      const value = (response as unknown as Record<string, ArrayBuffer | null | undefined>)[name];
      if (value) values[name] = base64url(value);
    }
    const transports = (response as AuthenticatorAttestationResponse).getTransports?.();
    if (transports) values.transports = transports;
    return { id, rawId: id, type, clientExtensionResults: {}, response: values } as unknown as NewCredential;
  }
}
