// The few values that are kept across a reload. None is a secret.

const LOGIN = 'login';
const FACTOR = 'second-factor';
const UNSAVED = 'unsaved-recovery-codes';
const RETURNED = 'returned-to-';
const TRIES = 5;

const login = () => JSON.parse(sessionStorage.getItem(LOGIN)) ?? {};
const note = (changed) => sessionStorage.setItem(LOGIN, JSON.stringify({ ...login(), ...changed }));

/** Notes, for this tab, whose sign-in waits for a second factor. */
export const beginLogin = ({ email, second_factors: factors }) => note({ email, factors, wrong: 0 });

/** The email address of the sign-in that waits for its second factor, if it began in this tab. */
export const loginEmail = () => login().email;

/** The account's second factors; both kinds, if the sign-in began in another tab. */
export const loginFactors = () => login().factors ?? ['totp', 'passkey'];

export const lastFactor = () => localStorage.getItem(FACTOR);

export const noteFactor = (kind) => localStorage.setItem(FACTOR, kind);

/** Counts a wrong code or passkey. Returns how many tries are left, if this tab has counted all of them. */
export function countWrong() {
  const { email, wrong } = login();
  if (!email) return undefined;
  note({ wrong: wrong + 1 });
  return Math.max(TRIES - wrong - 1, 0);
}

/** Stops counting: a code without an answer may have been a wrong one. */
export const loseCount = () => note({ wrong: TRIES });

export const endLogin = () => sessionStorage.removeItem(LOGIN);

/** Notes that this tab goes back to an app's page. */
export const noteReturn = (origin) => sessionStorage.setItem(RETURNED + origin, Date.now());

/** Whether it did so in the last minute. Then the app may not see the sign-in, and send people here again. */
export const hasReturned = (origin) => Date.now() - sessionStorage.getItem(RETURNED + origin) < 60_000;

/** Whether this browser got new recovery codes for the account and nobody has confirmed saving them. */
export const isUnsaved = (user) => user.otp_enabled && localStorage.getItem(UNSAVED) === user.id;

/**
 * Makes a call that replaces the recovery codes. Until a person confirms that the new ones are saved they count as
 * unsaved, also when the answer gets lost; a refusal changes nothing.
 */
export async function replacingCodes(user, call) {
  const before = localStorage.getItem(UNSAVED);
  localStorage.setItem(UNSAVED, user.id);
  try {
    return await call();
  } catch (error) {
    if (!error.isLost) restore(before);
    throw error;
  }
}

export const markSaved = () => restore(null);

function restore(id) {
  if (id === null) localStorage.removeItem(UNSAVED);
  else localStorage.setItem(UNSAVED, id);
}
