import { post } from '../api.js';
import { actionButton } from '../action.js';
import { confirm } from '../dialog.js';
import { el, page, part, to } from '../dom.js';
import { has, me } from '../identity.js';
import { isUnsaved } from '../kept.js';
import { redraw } from '../router.js';
import { devices } from './devices.js';
import { passkeys } from './passkeys.js';

export async function twoFactor() {
  const { user } = me();
  return page('Two-factor authentication',
    user.otp_enabled ? authenticator(user) : introduction(),
    ...await Promise.all([passkeys(user), user.otp_enabled && recovery(user), devices()]));
}

const introduction = () => part(['Not set up yet', el('span.badge', 'Off')],
  el('p', 'When it’s on, you sign in with your password and a code from your phone, or with a passkey. Someone who learns your password still can’t get in.'),
  el('p', 'For codes you need an authenticator app, such as Aegis, 2FAS, Google Authenticator or your password manager.'),
  to('/two-factor/set-up', 'Set up two-factor authentication', '.button.primary'));

const authenticator = (user) => (has('totp')
  ? part(['Authenticator app', el('span.badge.good', 'On')],
    el('p', user.otp_verified
      ? 'It shows a code for each sign-in. Getting a new phone? Replace the app before you give the old one away.'
      : 'It is on, but no code from your app has been used yet. If your app has no entry for this account, set it up again.'),
    el('div.buttons',
      to('/two-factor/set-up', 'Replace the app', '.button'),
      turnOff(...(has('passkey') ? WITH_PASSKEY : WITHOUT))))
  : part(['Authenticator app', el('span.badge', 'Off')],
    el('p', 'With an app as well, you can sign in with your password and a code when your passkey is not at hand.'),
    to('/two-factor/set-up', 'Set up the app', '.button')));

const recovery = (user) => part(['Recovery codes', isUnsaved(user) && el('span.badge.bad', 'Not saved')],
  el('p', 'They let you sign in if you lose your phone or your passkey.'),
  to('/two-factor/recovery-codes', 'Manage recovery codes', '.button'));

const WITHOUT = ['Turn off', 'Turn off two-factor authentication',
  'You will sign in with your password alone. Your recovery codes stop working', 'Two-factor authentication is off.'];
const WITH_PASSKEY = ['Remove', 'Remove the authenticator app',
  'Its codes stop working. Your passkeys and recovery codes stay', 'The authenticator app has been removed.'];

const turnOff = (name, label, effect, announcement) => actionButton(name, async () => {
  await confirm(`${label}?`, `${effect}, and all your other sessions are signed out.`, name);
  await post('otp/disable', {});
  redraw({ announcement });
}, { kind: 'danger', label });
