import { Cancelled, get, lostAs, patch, post, remove } from '../api.js';
import { actionButton } from '../action.js';
import { ask, cancelButton, confirm } from '../dialog.js';
import { el } from '../dom.js';
import { field, form } from '../form.js';
import { SIGNED_IN, has, look, me } from '../identity.js';
import { replacingCodes } from '../kept.js';
import { keeping, replace } from '../router.js';
import { ago } from '../time.js';
import { createPasskey, obstacle } from '../webauthn.js';
import { plainly } from '../words.js';

const HERE = '/two-factor';
const CODES = '/two-factor/recovery-codes';
const ADDED = 'Your passkey has been added.';
const DONE = 'Your passkey is added, and two-factor authentication is on. If you haven’t saved your recovery codes, make new ones now.';
const SIGNED_OUT = 'You have been signed out. Your passkey may already be added: try to sign in with it.';

/** The account's passkeys, and a new one. Nothing, where the service has none at any address. */
export async function passkeys(user) {
  const all = await fetchAll().catch((error) => {
    if (error.code !== 'passkeys_not_available') throw error;
    return null;
  });
  const fault = obstacle();
  if (!all && fault !== 'passkeys_at_ip') return false;
  return el('section.card',
    el('h2', 'Passkeys', has('passkey') && el('span.badge.good', 'On')),
    el('p', 'Sign in with your fingerprint, face or screen lock instead of your password. A security key without a PIN is a second factor after your password.'),
    all?.length > 0 && el('ul.items', all.map((one) => item(one, all.length))),
    fault ? el('p.notice', plainly({ code: fault })) : adding(user));
}

const fetchAll = async () => (await get('passkeys')).passkeys;

function item(passkey, count) {
  const { name, created_at: created, last_used_at: used, synced, signs_in: signsIn } = passkey;
  return el('li',
    el('div.what',
      el('strong', name),
      el('p.fine', [synced && 'Synced', !signsIn && 'Second factor only'].filter(Boolean).join(' · ')),
      el('p.fine', 'Added ', ago(created)),
      el('p.fine', ...(used ? ['Last used ', ago(used)] : ['Not used yet']))),
    actionButton('Rename', () => rename(passkey), { label: `Rename ${name}` }),
    actionButton('Remove', () => drop(passkey, count), { busy: 'Removing…', label: `Remove ${name}` }));
}

const nameField = (attributes) => field({ name: 'name', autocomplete: 'off', maxlength: 100, ...attributes });

const adding = (user) => form({
  fields: [nameField({ label: 'Name of the new passkey', hint: 'Optional. Without one, we suggest a name.', required: false })],
  button: 'Add a passkey',
  busy: 'Waiting for your passkey…',
  kind: '',
  beside: !user.otp_enabled && el('p.fine', 'This turns on two-factor authentication, gives you recovery codes and signs you out everywhere else.'),
  submit: ({ name }) => add(user, name),
});

async function add(user, name) {
  const credential = await createPasskey(() => post('passkeys/options'));
  const send = () => post('passkeys', { credential, ...(name && { name }) });
  const { recovery_codes: codes } = await (user.otp_enabled ? send() : replacingCodes(user, send))
    .catch((error) => settle(error, user, credential.id));
  if (codes) replace(CODES, { codes, announcement: ADDED });
  else replace(HERE, { announcement: ADDED });
}

/** Finds out whether the passkey was added, after an answer that got lost. */
async function settle(error, user, id) {
  if (!error.isLost) throw error;
  const lost = lostAs('passkey_lost');
  const standing = await look().catch(() => lost(error));
  if (standing !== SIGNED_IN) replace(keeping('/sign-in', CODES), { notice: SIGNED_OUT });
  else if (!(await fetchAll().catch(() => lost(error))).some((one) => one.id === id)) throw error;
  else if (user.otp_enabled) return {};
  else replace(CODES, { notice: DONE });
  throw new Cancelled();
}

async function rename({ id, name }) {
  const renamed = await ask('Rename the passkey', (done, close) => [form({
    fields: [nameField({ label: 'Name', value: name, missing: 'Enter a name.' })],
    button: 'Save',
    busy: 'Saving…',
    beside: cancelButton(close),
    submit: async (typed) => done(await patch(pathOf(id), typed)),
  })]);
  replace(HERE, { announcement: `The passkey is now called ${renamed.passkey.name}.` });
}

async function drop({ id, name }, count) {
  const isLast = count === 1 && !has('totp');
  await confirm(`Remove ${name}?`,
    `${isLast ? 'Two-factor authentication is turned off, and your recovery codes stop working.' : 'You can’t sign in with it any more.'}
    All your other sessions are signed out. Then delete the passkey from your device or password manager, too.`,
    'Remove');
  // A passkey that is gone already counts as removed.
  await remove(pathOf(id)).catch((error) => {
    if (error.code !== 'passkey_not_found') throw error;
  });
  replace(HERE, { announcement: isLast ? 'Two-factor authentication is off.' : `${name} has been removed.` });
}

const pathOf = (id) => `passkeys/${encodeURIComponent(id)}`;
