// Proving password and code again, in place; then the call that needed it goes on by itself.

import { post } from './api.js';
import { ask, cancelButton } from './dialog.js';
import { el } from './dom.js';
import { accountOf, explainCodes, form, passwordField, recoveryCodeField } from './form.js';
import { me } from './identity.js';

let asking = null;

/** Asks once however many calls need it. */
export function proveAgain() {
  asking ??= ask('Confirm that it is you', content).finally(() => { asking = null; });
  return asking;
}

function content(done, close) {
  const { user } = me();
  const fields = [accountOf(user.email), passwordField({ autofocus: true })];
  if (user.otp_enabled) fields.push(anyCodeField());
  return [
    el('p', 'You signed in a while ago. Before this change we ask once more.'),
    form({
      fields,
      button: 'Confirm',
      busy: 'Checking…',
      reason: explainCodes(),
      beside: cancelButton(close),
      submit: async (typed) => done(await post('reauthenticate', typed)),
    }),
  ];
}

/** Takes either kind of code, so it may not bring up a keyboard of digits alone. */
const anyCodeField = () => recoveryCodeField({
  label: 'Code', hint: 'From your authenticator app, or a recovery code.', autocomplete: 'one-time-code', missing: 'Enter a code.',
});
