// Forms: labelled fields, errors where they belong, nothing typed ever lost.

import { Attempt } from './action.js';
import { el, freshId } from './dom.js';
import { explain } from './words.js';

/**
 * A form. `fields` come from `field`; `submit` is called with what was typed, by name. What is required is
 * checked here; every other rule is the service's, and so are its words.
 */
export function form({ fields, button, busy, kind = 'primary', beside, reason = explain, submit }) {
  const alert = el('p.error', { role: 'alert' });
  const send = el('button', { type: 'submit', class: kind }, button);
  const attempt = new Attempt(send, alert, busy);
  const element = el('form', { method: 'post', novalidate: true, onsubmit: (event) => {
    event.preventDefault();
    if (allFilled(fields)) attempt.run(() => submit(values(fields)), (error) => tell(reason(error), fields, attempt));
  } }, fields.map((one) => one.element), alert, el('div.buttons', send, beside));
  // A wait belongs to the address that it was asked for.
  fields.find(({ name }) => name === 'email')?.input.addEventListener('input', () => attempt.forgive());
  return element;
}

/** A field: a label, an input, perhaps a hint, and room for an error. */
export function field({ name, label, missing, hint, type = 'text', ...attributes }) {
  const id = freshId(name);
  const error = el('p.error', { id: `${id}-error`, role: 'alert' });
  const described = hint ? `${id}-hint ${id}-error` : `${id}-error`;
  const input = el('input', { id, name, type, required: true, 'aria-describedby': described, ...attributes });
  const box = type === 'password' ? el('div.secret', input, toggle(input, label)) : input;
  const element = el('div.field',
    el('label', { for: id }, label), hint && el('p.hint', { id: `${id}-hint` }, hint), box, error);
  return { name, input, element, missing, fault: (text) => fault(input, error, text) };
}

/** What is no prose: nothing is to correct it. */
const AS_IS = { autocapitalize: 'none', spellcheck: 'false' };

export const emailField = (attributes) => field({
  name: 'email', label: 'E-mail address', type: 'email', autocomplete: 'username', inputmode: 'email',
  missing: 'Enter your e-mail address.', ...AS_IS, ...attributes,
});

export const passwordField = (attributes) => field({
  name: 'password', label: 'Password', type: 'password', autocomplete: 'current-password',
  missing: 'Enter your password.', ...attributes,
});

/** A six-digit code; spaces in it are the service's to drop, so “123 456” may be pasted. */
export const codeField = (attributes) => field({
  name: 'token', label: 'Six-digit code', class: 'code', autocomplete: 'one-time-code', inputmode: 'numeric',
  missing: 'Enter the code.', ...AS_IS, ...attributes,
});

export const newPasswordField = (attributes) => passwordField({
  autocomplete: 'new-password', hint: '8 characters or more. A few words in a row are good.', ...attributes,
});

export const recoveryCodeField = (attributes) => field({
  name: 'token', label: 'Recovery code', class: 'mono', autocomplete: 'off',
  missing: 'Enter one of your recovery codes.', ...AS_IS, ...attributes,
});

/** Tells a password manager whose password it is, where the page asks for no address. */
export const accountOf = (email) => ({
  element: el('input', { type: 'email', autocomplete: 'username', value: email, hidden: true, readonly: true }),
});

const CLOCK = ' The clock of your phone may be off: turn on its automatic date and time.';

/** Explains errors, with a hint once codes have failed twice. */
export function explainCodes() {
  let wrong = 0;
  return (error) => {
    const reasons = explain(error);
    if (error.code === 'otp_invalid' && ++wrong > 1) reasons[0].text += CLOCK;
    return reasons;
  };
}

const values = (fields) => Object.fromEntries(fields.filter(({ input }) => input).map(({ name, input }) => [name, input.value]));

function allFilled(fields) {
  const asked = fields.filter(({ input }) => input);
  asked.forEach((one) => one.fault(one.input.value ? '' : one.missing));
  const empty = asked.find(({ input }) => !input.value);
  empty?.input.focus();
  return !empty;
}

function tell(reasons, fields, attempt) {
  for (const { fields: names, text } of reasons) {
    const faulty = fields.find(({ name }) => names.includes(name));
    if (faulty) faulty.fault(text);
    else attempt.say(text);
  }
  const first = fields.find(({ input }) => input?.hasAttribute('aria-invalid'))?.input;
  first?.focus();
  first?.select();
}

function fault(input, error, text) {
  error.textContent = text;
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
