// Passkeys: the browser's calls, their values as JSON, and their errors as errors of the pages.

import { ApiError, Cancelled, post } from './api.js';

/** The service keeps the options of a request for five minutes. */
const RENEW_AFTER = 4 * 60_000;

const SIGN_IN = 'passkeys/sign-in/options';

const REASONS = { InvalidStateError: 'passkey_exists', SecurityError: 'passkeys_elsewhere' };

const { PublicKeyCredential: Passkey } = window;

/** Why this page can't use passkeys, as the code of an error; empty if it can. */
export function obstacle() {
  if (/^[\d.]+$|^\[/.test(location.hostname)) return 'passkeys_at_ip';
  if (!isSecureContext) return 'passkeys_elsewhere';
  return Passkey ? '' : 'passkeys_unknown';
}

// A browser takes one request at a time. An offer is autofill, which makes a new request before its options expire.
let abort = new AbortController();
let ended = Promise.resolve();
let offer = null;

/** Makes a passkey. Returns it as JSON. */
export const createPasskey = () => prompt('create', creation, 'passkeys/options');

/** Asks for a passkey of the account: of the session or sign-in, or of a link's token. Returns its proof as JSON. */
export const askForPasskey = (token) => prompt('get', assertion, 'passkeys/challenge', { token });

export const anyPasskey = () => prompt('get', assertion, SIGN_IN);

/** The same by autofill, until something else is asked for; then null. */
export async function autofilledPasskey() {
  if (obstacle() || !await Passkey.isConditionalMediationAvailable?.()) return null;
  const mine = offer = {};
  while (offer === mine) {
    const publicKey = assertion(await post(SIGN_IN));
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

/** Whether the authenticator checked who uses it: bit 2 of the flags, which follow a digest. */
export const isVerified = ({ response }) => Boolean(bytes(response.authenticatorData)[32] & 4);

function cancel() {
  abort.abort();
  return ended;
}

function endOffer() {
  offer = null;
  cancel();
}

// A page that is left takes its request with it.
window.addEventListener('hashchange', endOffer);

async function prompt(kind, decode, ...call) {
  const fault = obstacle();
  if (fault) throw new ApiError({ code: fault });
  endOffer();
  return request(kind, { publicKey: decode(await post(...call)) });
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

const bytes = (text) => Uint8Array.from(atob(text.replaceAll('-', '+').replaceAll('_', '/')), (one) => one.charCodeAt());
const base64url = (buffer) => btoa(String.fromCharCode(...new Uint8Array(buffer))).replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '');
const withBytes = (value) => ({ ...value, id: bytes(value.id) });

const creation = (json) => Passkey.parseCreationOptionsFromJSON?.(json)
  ?? { ...assertion(json), user: withBytes(json.user), excludeCredentials: json.excludeCredentials?.map(withBytes) };

const assertion = (json) => Passkey.parseRequestOptionsFromJSON?.(json)
  ?? { ...json, challenge: bytes(json.challenge), allowCredentials: json.allowCredentials?.map(withBytes) };

function asJson(credential) {
  try {
    return credential.toJSON();
  } catch {
    // Older browsers, and password managers with objects of their own.
    const { id, type, response } = credential;
    const values = {};
    for (const name in response) if (response[name] instanceof ArrayBuffer) values[name] = base64url(response[name]);
    return { id, rawId: id, type, response: values, clientExtensionResults: {} };
  }
}
