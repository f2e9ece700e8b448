// Prepares the account's events for reading: merges repeats, and separates the user's own mistakes from alarms.

const MISTAKES = new Set(['wrong_code', 'wrong_password', 'wrong_passkey']);
const PROOFS = new Set(['signed_in_with_password', 'signed_in_with_code', 'signed_in_with_recovery_code', 'signed_in_with_bearer',
  'signed_in_with_password_and_passkey', 'signed_in_with_passkey', 'signed_in_on_trusted_device',
  'reauthenticated', 'enrolment_confirmed', 'authenticator_replaced', 'passkey_added', 'password_changed', 'recovery_codes_renewed']);
const ALARMING = new Set(['sign_in_refused', 'wrong_password', 'wrong_code', 'wrong_passkey', 'codes_locked', 'authenticator_disabled',
  'passkey_removed', 'passkey_counter_refused', 'device_token_reused', 'recovery_code_used', 'session_ended_by_failures',
  'second_factor_missing', 'authenticator_reset_by_operator', 'passkeys_removed_by_operator']);

/** The service records these once a minute at most, so their number says nothing. */
const MERGED = new Set(['wrong_password', 'sign_in_refused']);

const FEW = 4;
const HOUR = 3_600_000;

/** Events, newest first, with repeats in a row as one: `{...newest, since, times, isAlarming}`; `times` is empty for one event. */
export function grouped(events) {
  const own = ownMistakes(events);
  const groups = [];
  for (const event of events) {
    const isAlarming = ALARMING.has(event.kind) && !own.has(event);
    const last = groups.at(-1);
    const isRepeat = last && ['kind', 'ip', 'user_agent'].every((key) => last[key] === event[key]) && last.isAlarming === isAlarming;
    if (isRepeat) Object.assign(last, { since: event.at, count: last.count + 1 });
    else groups.push({ ...event, since: event.at, count: 1, isAlarming });
  }
  return groups.map(({ count, ...group }) => ({ ...group, times: timesOf(group.kind, count) }));
}

function timesOf(kind, count) {
  if (count === 1) return '';
  if (MERGED.has(kind)) return 'several times';
  return count === 2 ? 'twice' : `${count} times`;
}

/** A few wrong entries within an hour before the same address got it right are one's own. */
function ownMistakes(events) {
  const own = new Set();
  events.forEach((proof, n) => {
    if (!PROOFS.has(proof.kind)) return;
    const before = events.slice(n + 1).filter(({ ip }) => ip === proof.ip);
    const end = before.findIndex(({ kind, at }) => PROOFS.has(kind) || new Date(proof.at) - new Date(at) > HOUR);
    const mistakes = before.slice(0, end < 0 ? undefined : end).filter(({ kind }) => MISTAKES.has(kind));
    if (mistakes.length <= FEW) mistakes.forEach((one) => own.add(one));
  });
  return own;
}
