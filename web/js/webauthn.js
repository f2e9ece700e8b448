// Passkeys in the browser: the calls of WebAuthn, their values as JSON, and their errors as errors of the pages.

import { ApiError, Cancelled } from './api.js';

/** The service keeps the options of a request for five minutes. */
const RENEW_AFTER = 4 * 60_000;

const REASONS = {
  InvalidStateError: 'passkey_exists',
  SecurityError: 'passkeys_elsewhere',
  NotSupportedError: 'passkey_unsupported',
};

/** Why this page can't use passkeys, as the code of an error; empty if it can. */
export function obstacle() {
  if (/^[\d.]+$|^\[/.test(location.hostname)) return 'passkeys_at_ip';
  if (!isSecureContext) return 'passkeys_insecure';
  return window.PublicKeyCredential ? '' : 'passkeys_unknown';
}

// A browser takes one request at a time: the present one, and the autofill that makes a new one when its options expire.
let abort = new AbortController();
let ended = Promise.resolve();
let offer = null;

/** Asks for a new passkey with options from the service. Returns the credential as JSON. */
export const createPasskey = (fetchOptions) => prompt('create', fetchOptions, creation);

/** Asks for a passkey that exists, with options from the service. Returns its proof as JSON. */
export const askForPasskey = (fetchOptions) => prompt('get', fetchOptions, assertion);

/** Offers passkeys in the autofill of the page's fields. Returns the proof of the chosen one, or null at the end of the offer. */
export async function autofilledPasskey(fetchOptions) {
  if (obstacle() || !await window.PublicKeyCredential.isConditionalMediationAvailable?.()) return null;
  const mine = offer = {};
  while (offer === mine) {
    const publicKey = assertion(await fetchOptions());
    if (offer !== mine) break;
    const renewal = setTimeout(cancel, RENEW_AFTER);
    try {
      return await request('get', { publicKey, mediation: 'conditional' });
    } catch (error) {
      if (!(error instanceof Cancelled)) throw error;
    } finally {
      clearTimeout(renewal);
    }
  }
  return null;
}

/** Whether the authenticator has checked that it is its owner: bit 2 of the flags, after the digest of the RP ID. */
export const isVerified = ({ response }) => Boolean(bytes(response.authenticatorData)[32] & 4);

function cancel() {
  abort.abort();
  return ended;
}

function endOffer() {
  offer = null;
  return cancel();
}

// A page that is left takes its request with it.
window.addEventListener('hashchange', endOffer);

async function prompt(kind, fetchOptions, decode) {
  const fault = obstacle();
  if (fault) throw new ApiError({ code: fault });
  endOffer();
  return request(kind, { publicKey: decode(await fetchOptions()) });
}

async function request(kind, options) {
  await cancel();
  abort = new AbortController();
  const end = Date.now() + options.publicKey.timeout;
  const answer = navigator.credentials[kind]({ ...options, signal: abort.signal });
  ended = answer.catch(() => {});
  return asJson(await answer.catch(({ name }) => {
    if (name === 'AbortError') throw new Cancelled();
    // The browser does not say whether the prompt was closed or timed out.
    const unfinished = Date.now() < end ? 'passkey_cancelled' : 'passkey_timed_out';
    throw new ApiError({ code: name === 'NotAllowedError' ? unfinished : REASONS[name] ?? 'passkey_failed' });
  }));
}

// Older browsers do not convert between JSON and what they take and give.

const bytes = (text) => Uint8Array.from(atob(text.replaceAll('-', '+').replaceAll('_', '/')), (one) => one.charCodeAt());
const text = (buffer) => btoa(String.fromCharCode(...new Uint8Array(buffer))).replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '');
const withBytes = (value) => ({ ...value, id: bytes(value.id) });

const creation = (json) => window.PublicKeyCredential.parseCreationOptionsFromJSON?.(json) ?? {
  ...json, challenge: bytes(json.challenge), user: withBytes(json.user), excludeCredentials: json.excludeCredentials?.map(withBytes) };

const assertion = (json) => window.PublicKeyCredential.parseRequestOptionsFromJSON?.(json) ?? {
  ...json, challenge: bytes(json.challenge), allowCredentials: json.allowCredentials?.map(withBytes) };

function asJson(credential) {
  try {
    return credential.toJSON();
  } catch {
    // The browser has no such function, or a password manager has put its own object in the place of the browser's.
    const { id, type, response } = credential;
    const names = ['clientDataJSON', 'attestationObject', 'authenticatorData', 'signature', 'userHandle'];
    const values = names.filter((name) => response[name]).map((name) => [name, text(response[name])]);
    return { id, rawId: id, type, response: Object.fromEntries(values), clientExtensionResults: {} };
  }
}
