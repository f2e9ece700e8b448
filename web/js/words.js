// The service's responses in words.

const unanswered = (outcome, next = 'try again') => `No answer came. ${outcome} Check your connection, then ${next}.`;

const ELSEWHERE = /^127\.|^\[::1\]$/.test(location.hostname)
  ? `Open ${location.origin.replace(location.hostname, 'localhost')} instead.` : 'Open this page by the name of its host instead.';

export const NO_MAIL = 'This service sends no email. Ask its operator for help.';

const ERRORS = {
  incorrect_credentials: 'Incorrect email or password.',
  too_many_attempts: 'Too many attempts. Wait until the button is ready, then try again.',
  unreachable: 'The service could not be reached. Check your connection, then try again.',
  away: 'The service can’t answer right now. Try again in a moment.',
  unreadable: 'This page can’t read the service’s answer. Try again in a moment.',
  incorrect_password: 'Incorrect password. Check it, then try again.',
  otp_invalid: 'Incorrect code. Enter the one your app shows now.',
  otp_already_used: 'This code has already been used. Wait for your app to show the next one.',
  account_exists: 'An account with this email address already exists. Sign in instead, or use another address.',
  renewal_lost: unanswered('Your old recovery codes may no longer work.', 'make new codes'),
  set_up_lost: unanswered('Two-factor authentication may already be on, so keep the new entry in your app.'),
  restart_lost: unanswered('The QR code shown here may no longer work.', 'start with a new one'),
  password_lost: unanswered('Your password may already be the new one.'),
  deletion_lost: unanswered('Your account may already be deleted.'),
  mail_not_available: NO_MAIL,
  email_not_verified: 'Confirm your email address first: open the link that we sent you. No email? Check your spam folder, or sign in again in a minute to get a new link.',
  address_taken: 'Another account uses this email address. Delete that account first, or choose another address.',
  passkeys_at_ip: `Passkeys do not work at an IP address. ${ELSEWHERE}`,
  passkeys_elsewhere: 'Passkeys do not work at this address. Open the service’s usual address, with https://, instead.',
  passkeys_unknown: 'This browser can’t use passkeys. Open this page in a current Chrome, Edge, Firefox or Safari.',
  passkey_cancelled: 'The passkey prompt was closed before it was done. Try again, or choose another way.',
  passkey_timed_out: 'The passkey prompt was open for too long. Try again.',
  passkey_exists: 'This device, password manager or security key already has a passkey for your account. Use another one.',
  passkey_failed: 'Your browser or device couldn’t do this. Try again, or use another one.',
  passkey_invalid: 'This passkey was not accepted. Try again, or choose another way.',
  passkey_unverified: 'Your security key did not check that it’s you. Enter your password too, then use the key again.',
  passkey_lost: unanswered('Your passkey may already be added.', 'reload this page'),
  codes_blocked: 'Too many wrong codes. Codes from your app don’t work for now, but a recovery code does.',
};

/** The fields such an error may be about, by whatever name the form has them. */
const FIELDS_OF = {
  incorrect_password: ['password', 'current_password'],
  otp_invalid: ['token', 'code'],
  otp_already_used: ['token'],
  account_exists: ['email'],
};

/** A form's error as reasons: each a text and the fields it may be about. Without fields it is about the whole form. */
export function explain(error) {
  if (error.fields?.length) return error.fields.map(({ field, message }) => ({ fields: [field], text: message }));
  const kept = isAway(error) ? ' What you typed is still here.' : '';
  return [{ fields: FIELDS_OF[error.code] ?? [], text: plainly(error) + kept }];
}

export function plainly(error) {
  const text = ERRORS[error.status === 503 ? 'away' : error.code] ?? (error.message || ERRORS.unreadable);
  return error.requestId && error.status === 500 ? `${text} If it happens again, tell the operator this number: ${error.requestId}` : text;
}

const isAway = (error) => error.status === 503 || error.code === 'unreachable';

// Only kinds whose name does not read well by itself.
const EVENTS = {
  registered: 'Account created',
  signed_in_with_bearer: 'API token issued',
  sign_in_refused: 'Sign-in refused after too many attempts',
  codes_locked: 'Codes blocked after too many wrong ones',
  enrolment_begun: 'Authenticator app setup started',
  authenticator_enabled: 'Two-factor authentication turned on, without a code yet',
  enrolment_confirmed: 'Two-factor authentication turned on',
  authenticator_disabled: 'Two-factor authentication turned off',
  reauthenticated: 'Identity confirmed',
  session_ended: 'Session signed out',
  session_ended_by_failures: 'Session ended after too many wrong entries',
  other_sessions_ended: 'All other sessions signed out',
  sessions_ended_by_change: 'Other sessions signed out by this change',
  email_verified: 'Email address confirmed',
  account_disowned: 'Account deleted by the owner of its email address',
  password_reset_requested: 'Link to reset the password sent',
  email_change_confirmed: 'New email address confirmed',
  email_changed: 'Email address changed',
  account_secured: 'Account secured by “This wasn’t me”',
  new_network: 'Signed in from a new network',
  passkey_counter_refused: 'Passkey refused, because it may have been copied',
  device_token_reused: 'Trusted device removed, because it may have been copied',
  second_factor_missing: 'Correct password, but no second factor',
  mail_not_delivered: 'An email could not be delivered',
  email_verified_by_operator: 'Email address confirmed by the operator',
  unlocked_by_operator: 'Account unlocked by the operator',
  signed_out_by_operator: 'All sessions signed out by the operator',
};

/** A kind of event in words; a kind that this page does not know is read from its name. */
export function eventName(kind) {
  const words = kind.replaceAll('_', ' ');
  return EVENTS[kind] ?? words.charAt(0).toUpperCase() + words.slice(1);
}

// The order matters: most browsers name others too.
const BROWSERS = [['Edg', 'Edge'], ['OPR', 'Opera'], ['Firefox'], ['FxiOS', 'Firefox'],
  ['CriOS', 'Chrome'], ['HeadlessChrome', 'Chrome'], ['Chrome'], ['Safari']];
const SYSTEMS = [['Android'], ['iPhone'], ['iPad'], ['Windows'], ['Mac OS X', 'macOS'], ['CrOS', 'ChromeOS'], ['Linux']];

/** A User-Agent header in words: “Firefox on Linux”. */
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
