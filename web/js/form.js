// Forms: labelled fields with their errors. What was typed is never lost.

import { Attempt } from './action.js';
import { ApiError } from './api.js';
import { el, freshId } from './dom.js';
import { explain } from './words.js';

/**
 * A form. `fields` come from `field`; `submit` is called with what was typed, by name. The form checks what is
 * required and, for codes, their form, because the service counts a malformed code as a wrong one. The service checks the rest.
 */
export function form({ fields, button, busy, kind = 'primary', beside, reason = explain, submit }) {
  const alert = el('p.error', { role: 'alert' });
  const send = el('button', { type: 'submit', class: kind }, button);
  const attempt = new Attempt(send, alert, busy);
  const element = el('form', { method: 'post', novalidate: true, onsubmit: (event) => {
    event.preventDefault();
    if (allFit(fields)) attempt.run(() => submit(values(fields)), (error) => tell(reason(known(error, fields)), fields, attempt));
  } }, fields.map((one) => one.element), alert, el('div.buttons', send, beside));
  // A wait is for one email address or for the app's codes: it ends when something else is entered.
  fields.forEach(({ input, endsWait }) => endsWait && input.addEventListener('input', () => {
    if (endsWait(input.value)) attempt.forgive();
  }));
  return element;
}

/**
 * A field: a label, an input, an optional hint, and room for an error. `check` returns what is wrong with a value;
 * `wrong` is the error to show where an existing password breaks a rule for new ones.
 */
export function field({ name, label, missing, hint, check, wrong, endsWait, type = 'text', ...attributes }) {
  const id = freshId(name);
  const error = el('p.error', { id: `${id}-error`, role: 'alert' });
  const described = hint ? `${id}-hint ${id}-error` : `${id}-error`;
  const input = el('input', { id, name, type, required: true, 'aria-describedby': described, ...attributes });
  const box = type === 'password' ? el('div.secret', input, toggle(input, label)) : input;
  const element = el('div.field',
    el('label', { for: id }, label), hint && el('p.hint', { id: `${id}-hint` }, hint), box, error);
  return { name, input, element, missing, check, wrong, endsWait, fault: (text) => fault(input, error, text) };
}

/** A box to tick. With `missing`, which is the error otherwise, it has to be ticked. */
export function checkField({ name, label, missing, onchange }) {
  const id = freshId(name);
  const error = el('p.error', { id: `${id}-error`, role: 'alert' });
  const input = el('input', { name, type: 'checkbox', 'aria-describedby': `${id}-error`, onchange: () => onchange?.(input.checked) });
  return { name, input, missing, element: el('div.field', el('label.check', input, label), error), fault: (text) => fault(input, error, text) };
}

const AS_IS = { autocapitalize: 'none', spellcheck: 'false' };

export const emailField = (attributes) => field({
  name: 'email', label: 'Email address', type: 'email', autocomplete: 'username', inputmode: 'email',
  missing: 'Enter your email address.', endsWait: () => true, ...AS_IS, ...attributes,
});

export const passwordField = (attributes) => field({
  name: 'password', label: 'Password', type: 'password', autocomplete: 'current-password',
  missing: 'Enter your password.', wrong: 'incorrect_password', ...attributes,
});

/** A six-digit code, which submits itself. Spaces and dashes do not count, so “123 456” may be pasted. */
export const codeField = (attributes) => field({
  name: 'token', label: 'Six-digit code', class: 'code', autocomplete: 'one-time-code', inputmode: 'numeric',
  hint: 'It is sent as soon as you enter the last digit.', missing: 'Enter the code.', check: checkCode,
  oninput: ({ target }) => { if (isCode(target.value)) target.form.requestSubmit(); }, ...AS_IS, ...attributes,
});

export const newPasswordField = (attributes) => passwordField({
  autocomplete: 'new-password', hint: 'At least 8 characters. A few random words work well.', wrong: undefined, ...attributes,
});

export const recoveryCodeField = (attributes) => field({
  name: 'token', label: 'Recovery code', class: 'mono', autocomplete: 'off',
  missing: 'Enter one of your recovery codes.', check: checkRecoveryCode, ...AS_IS, ...attributes,
});

/** Takes either kind of code, so it must not bring up a keyboard of digits alone. */
export const anyCodeField = (attributes) => recoveryCodeField({
  label: 'Code', hint: 'From your authenticator app, or a recovery code.', autocomplete: 'one-time-code', missing: 'Enter a code.',
  check: (value) => !isCode(value) && checkRecoveryCode(value) && 'Enter the six digits your app shows, or a whole recovery code.',
  endsWait: (value) => !isCode(value), ...attributes,
});

// As in the service (src/domain/recovery_code.rs): filler is dropped, and a recovery code has 24 characters of
// Crockford's base 32, with O, I and L read as digits.
const compact = (code) => code.replace(/[\s\-\u2010-\u2015\u2212]/g, '');
const isCode = (code) => /^\d{6}$/.test(compact(code));

function checkCode(code) {
  return isCode(code) ? '' : 'The code has six digits. Enter the one your app shows now.';
}

function checkRecoveryCode(code) {
  if (isCode(code)) return 'This looks like a code from your authenticator app. Enter a recovery code here.';
  return /^[0-9a-tv-z]{24}$/i.test(compact(code)) ? '' : 'A recovery code has 24 letters and digits. Check it, then try again.';
}

/** Tells a password manager whose password it is, where the page asks for no address. */
export const accountOf = (email) => ({
  element: el('input', { type: 'email', autocomplete: 'username', value: email, hidden: true, readonly: true }),
});

const CLOCK = ' If it keeps happening, set your phone’s date and time to automatic.';

/** Explains errors, with a hint once two codes were wrong. `blocked` is the error to show while the app's codes are locked. */
export function explainCodes(blocked) {
  let wrong = 0;
  return (error) => {
    if (blocked && error.code === 'too_many_attempts') return explain({ code: blocked });
    const reasons = explain(error);
    if (error.code === 'otp_invalid' && ++wrong > 1) reasons[0].text += CLOCK;
    return reasons;
  };
}

const values = (fields) => Object.fromEntries(fields.filter(({ input }) => input).map(({ name, input }) => [name, input.type === 'checkbox' ? input.checked : input.value]));

function allFit(fields) {
  const asked = fields.filter(({ input }) => input);
  asked.forEach((one) => one.fault(isEmpty(one.input) ? one.missing : one.check?.(one.input.value)));
  return !focusFault(asked);
}

const isEmpty = (input) => (input.type === 'checkbox' ? !input.checked : !input.value);

/** An existing password that breaks a rule for new ones is simply wrong. */
function known(error, fields) {
  const code = fields.find(({ name, wrong }) => wrong && error.fields?.some(({ field: faulty }) => faulty === name))?.wrong;
  return code ? new ApiError({ code }) : error;
}

function tell(reasons, fields, attempt) {
  for (const { fields: names, text } of reasons) {
    const faulty = fields.find(({ name }) => names.includes(name));
    if (faulty) faulty.fault(text);
    else attempt.say(text);
  }
  focusFault(fields)?.input.select();
}

/** Moves the focus to the first faulty field, and its error into view. Returns that field. */
function focusFault(fields) {
  const first = fields.find(({ input }) => input?.hasAttribute('aria-invalid'));
  first?.input.focus();
  first?.element.scrollIntoView({ block: 'nearest' });
  return first;
}

function fault(input, error, text) {
  error.textContent = text || '';
  if (text) input.setAttribute('aria-invalid', 'true');
  else input.removeAttribute('aria-invalid');
}

function toggle(input, label) {
  const button = el('button.quiet', { type: 'button', onclick: () => show(input.type === 'password') });
  const show = (shown) => {
    input.type = shown ? 'text' : 'password';
    button.textContent = shown ? 'Hide' : 'Show';
    button.setAttribute('aria-label', `${button.textContent} ${label.toLowerCase()}`);
  };
  show(false);
  return button;
}
