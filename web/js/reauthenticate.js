// Asks for password and code again, in a dialog; then continues the call that needed them.

import { post } from './api.js';
import { ask, cancelButton } from './dialog.js';
import { el } from './dom.js';
import { accountOf, anyCodeField, explainCodes, form, passwordField } from './form.js';
import { me } from './identity.js';

let asking = null;

/** Asks once however many calls need it. */
export function proveAgain() {
  asking ??= ask('Confirm it’s you', content).finally(() => { asking = null; });
  return asking;
}

function content(done, close) {
  const { user } = me();
  const fields = [accountOf(user.email), passwordField({ autofocus: true })];
  if (user.otp_enabled) fields.push(anyCodeField());
  return [
    el('p', 'You signed in a while ago, so we need to check it’s still you before you make this change.'),
    form({
      fields,
      button: 'Confirm',
      busy: 'Checking…',
      reason: explainCodes(user.otp_enabled && 'codes_blocked'),
      beside: cancelButton(close),
      submit: async (typed) => done(await post('reauthenticate', typed)),
    }),
  ];
}
