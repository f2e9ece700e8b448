// Asks for the password and a second factor, or for a passkey, in a dialog; then continues the call that needed them.

import { actionButton } from './action.js';
import { ApiError, post } from './api.js';
import { ask } from './dialog.js';
import { button, el } from './dom.js';
import { accountOf, anyCodeField, explainCodes, form, passwordField, recoveryCodeField } from './form.js';
import { has, me } from './identity.js';
import { askForPasskey, isVerified } from './webauthn.js';

let asking = null;

/** Asks once however many calls need it. */
export function proveAgain() {
  asking ??= ask('Confirm it’s you', content).finally(() => { asking = null; });
  return asking;
}

function content(done, close) {
  const { user } = me();
  const password = passwordField({ autofocus: !has('passkey') });
  const fields = [accountOf(user.email), password];
  if (user.otp_enabled) fields.push(has('totp') ? anyCodeField() : recoveryCodeField());
  return [
    el('p', 'Before you make this change, we need to check that it’s you.'),
    has('passkey') && byPasskey(password.input, done),
    form({
      fields,
      button: 'Confirm',
      busy: 'Checking…',
      reason: explainCodes(has('totp') && 'codes_blocked'),
      beside: button('Cancel', close),
      submit: async (typed) => done(await post('reauthenticate', typed)),
    }),
  ];
}

/** A key that does not check who uses it goes with the password. */
const byPasskey = (password, done) => actionButton('Use a passkey', async () => {
  const passkey = await askForPasskey();
  if (!password.value && !isVerified(passkey)) {
    password.focus();
    throw new ApiError({ code: 'passkey_unverified' });
  }
  done(await post('reauthenticate', { passkey, password: password.value || undefined }));
}, { busy: 'Waiting for your passkey…' });
