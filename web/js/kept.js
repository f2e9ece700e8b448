// The few values that are kept across a reload. None is a secret.

const LOGIN = 'login';
const UNSAVED = 'unsaved-recovery-codes';
const TRIES = 5;

const login = () => JSON.parse(sessionStorage.getItem(LOGIN)) ?? {};

/** Notes, for this tab, whose sign-in waits for its code. */
export const beginLogin = (email, wrong = 0) => sessionStorage.setItem(LOGIN, JSON.stringify({ email, wrong }));

/** The email address of the sign-in that waits for its code, if it began in this tab. */
export const loginEmail = () => login().email;

/** Counts a wrong code. Returns how many tries are left, if this tab has counted all wrong codes. */
export function countWrongCode() {
  const { email, wrong } = login();
  if (!email) return undefined;
  beginLogin(email, wrong + 1);
  return Math.max(TRIES - wrong - 1, 0);
}

/** Stops counting: a code without an answer may have been a wrong one. */
export const loseCount = () => beginLogin(loginEmail(), TRIES);

export const endLogin = () => sessionStorage.removeItem(LOGIN);

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
