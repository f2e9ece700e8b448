// What the service says, in a person's words.

const ERRORS = {
  incorrect_credentials: 'That e-mail address and password do not belong together. Check both, then try again.',
  too_many_attempts: 'Too many attempts. Please wait until the button is ready again.',
  unreachable: 'The service could not be reached. Check your connection, then try again.',
  away: 'The service cannot answer right now. Try again in a moment.',
  unreadable: 'The service gave no sensible answer. Please try again in a moment.',
  incorrect_password: 'That is not your password. Check it, then try again.',
  otp_invalid: 'That code is not right. Enter the one that is showing now.',
  otp_already_used: 'This code was already used. Wait for the next one.',
  account_exists: 'There is an account with this address already. Sign in instead, or use another address.',
};

/** The fields such an error may be about, by whatever name the form has them. */
const FIELDS_OF = {
  incorrect_password: ['password', 'current_password'],
  otp_invalid: ['token'],
  otp_already_used: ['token'],
  account_exists: ['email'],
};

/** An error of a form as reasons: a text and the fields it may be about; without one it is about the whole. */
export function explain(error) {
  if (error.fields?.length) return error.fields.map(({ field, message }) => ({ fields: [field], text: message }));
  const kept = isAway(error) ? ' Nothing you typed is lost.' : '';
  return [{ fields: FIELDS_OF[error.code] ?? [], text: plainly(error) + kept }];
}

/** An error as a sentence. */
export function plainly(error) {
  const text = ERRORS[error.status === 503 ? 'away' : error.code] ?? (error.message || ERRORS.unreadable);
  return error.requestId && error.status === 500 ? `${text} If it happens again, tell the operator this number: ${error.requestId}` : text;
}

const isAway = (error) => error.status === 503 || error.code === 'unreachable';

// Only where the name of a kind does not say it well enough by itself.
const EVENTS = {
  registered: 'Account created',
  signed_in_with_bearer: 'An API token was handed out',
  sign_in_refused: 'Sign-in refused after too many attempts',
  codes_locked: 'Codes locked after too many wrong ones',
  enrolment_begun: 'Set-up of an authenticator app begun',
  enrolment_confirmed: 'Two-factor authentication turned on',
  authenticator_disabled: 'Two-factor authentication turned off',
  reauthenticated: 'Identity confirmed again',
  session_ended: 'A session was signed out',
  session_ended_by_failures: 'A session was ended by wrong entries',
  other_sessions_ended: 'All other sessions were signed out',
  sessions_ended_by_change: 'Other sessions were ended by this change',
};

const ALARMING = new Set(['sign_in_refused', 'wrong_password', 'wrong_code', 'codes_locked', 'authenticator_disabled',
  'recovery_code_used', 'session_ended_by_failures', 'authenticator_reset_by_operator']);

/** A kind of event in words; one that is younger than this page is read off its name. */
export function eventName(kind) {
  const words = kind.replaceAll('_', ' ');
  return EVENTS[kind] ?? words.charAt(0).toUpperCase() + words.slice(1);
}

/** Whether an event deserves a second look. */
export const isAlarming = (kind) => ALARMING.has(kind);

// The order matters: most browsers name others too.
const BROWSERS = [['Edg', 'Edge'], ['OPR', 'Opera'], ['Firefox'], ['FxiOS', 'Firefox'],
  ['CriOS', 'Chrome'], ['HeadlessChrome', 'Chrome'], ['Chrome'], ['Safari']];
const SYSTEMS = [['Android'], ['iPhone'], ['iPad'], ['Windows'], ['Mac OS X', 'macOS'], ['CrOS', 'ChromeOS'], ['Linux']];

/** A User-Agent header as one says it: “Firefox on Linux”. */
export function deviceName(userAgent) {
  if (!userAgent) return 'Unknown device';
  const find = (table) => {
    const row = table.find(([mark]) => userAgent.includes(mark));
    return row && (row[1] ?? row[0]);
  };
  const browser = find(BROWSERS) ?? userAgent.split(/[/ ]/)[0];
  const system = find(SYSTEMS);
  return system ? `${browser} on ${system}` : browser;
}
