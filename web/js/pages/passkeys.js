import { get, lostAs, patch, post, removeOnce } from '../api.js';
import { actionButton } from '../action.js';
import { ask, confirm } from '../dialog.js';
import { button, el, part } from '../dom.js';
import { field, form } from '../form.js';
import { has } from '../identity.js';
import { replacingCodes } from '../kept.js';
import { redraw, replace } from '../router.js';
import { ago } from '../time.js';
import { createPasskey, obstacle } from '../webauthn.js';
import { plainly } from '../words.js';

/** The account's passkeys, and a new one. Nothing, if the service has switched them off. */
export async function passkeys(user) {
  const fault = obstacle();
  const { passkeys: all } = await get('passkeys').catch((error) => {
    if (error.code !== 'passkeys_not_available') throw error;
    return { passkeys: fault === 'passkeys_at_ip' && [] };
  });
  return all && part(['Passkeys', has('passkey') && el('span.badge.good', 'On')],
    el('p', 'Sign in with your fingerprint, face or screen lock instead of your password. A security key without a PIN works after your password.'),
    all.length > 0 && el('ul.items', all.map((one) => item(one, all.length))),
    fault ? el('p.notice', plainly({ code: fault })) : adding(user));
}

const item = ({ id, name, created_at: created, last_used_at: used, synced, signs_in: signsIn }, count) => el('li',
  el('div.what',
    el('strong', name),
    el('p.fine', [synced && 'Synced', !signsIn && 'Second factor only'].filter(Boolean).join(' · ')),
    el('p.fine', 'Added ', ago(created), ', ', ...(used ? ['last used ', ago(used)] : ['not used yet']))),
  actionButton('Rename', () => rename(id, name), { label: `Rename ${name}` }),
  actionButton('Remove', () => drop(id, name, count), { busy: 'Removing…', label: `Remove ${name}` }));

const nameField = (attributes) => field({ name: 'name', autocomplete: 'off', maxlength: 100, ...attributes });

const adding = (user) => form({
  fields: [nameField({ label: 'Name of the new passkey', hint: 'Optional. Without one, we suggest a name.', required: false })],
  button: 'Add a passkey',
  busy: 'Waiting for your passkey…',
  kind: '',
  beside: !user.otp_enabled && el('p.fine', 'This turns on two-factor authentication, gives you recovery codes and signs you out everywhere else.'),
  submit: async ({ name }) => {
    const credential = await createPasskey();
    const send = () => post('passkeys', { credential, name: name || undefined });
    const { recovery_codes: codes } = await (user.otp_enabled ? send() : replacingCodes(user, send)).catch(lostAs('passkey_lost'));
    replace(codes ? '/two-factor/recovery-codes' : '/two-factor', { codes, announcement: 'Your passkey has been added.' });
  },
});

async function rename(id, value) {
  const { passkey } = await ask('Rename the passkey', (done, close) => [form({
    fields: [nameField({ label: 'Name', value, missing: 'Enter a name.' })],
    button: 'Save',
    busy: 'Saving…',
    beside: button('Cancel', close),
    submit: async (typed) => done(await patch(`passkeys/${encodeURIComponent(id)}`, typed)),
  })]);
  redraw({ announcement: `The passkey is now called ${passkey.name}.` });
}

async function drop(id, name, count) {
  const isLast = count === 1 && !has('totp');
  const effect = isLast ? 'Two-factor authentication is turned off, and your recovery codes stop working.' : 'You can’t sign in with it any more.';
  await confirm(`Remove ${name}?`,
    `${effect} All your other sessions are signed out. Then delete the passkey from your device or password manager, too.`, 'Remove');
  await removeOnce('passkeys', id);
  redraw({ announcement: isLast ? 'Two-factor authentication is off.' : `${name} has been removed.` });
}
