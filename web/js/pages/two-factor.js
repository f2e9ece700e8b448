import { post } from '../api.js';
import { actionButton } from '../action.js';
import { confirm } from '../dialog.js';
import { el } from '../dom.js';
import { has, me } from '../identity.js';
import { isUnsaved } from '../kept.js';
import { replace } from '../router.js';
import { devices } from './devices.js';
import { passkeys } from './passkeys.js';

export async function twoFactor() {
  const { user } = me();
  return el('div.page',
    el('h1', 'Two-factor authentication'),
    user.otp_enabled ? authenticator(user) : introduction(),
    ...await Promise.all([passkeys(user), user.otp_enabled && recovery(user), user.otp_enabled && devices()]));
}

const introduction = () => el('section.card',
  el('h2', 'Not set up yet', el('span.badge', 'Off')),
  el('p', 'When it’s on, you sign in with your password and a code from your phone, or with a passkey. Someone who learns your password still can’t get in.'),
  el('p', 'For codes you need an authenticator app, such as Aegis, 2FAS, Google Authenticator or your password manager.'),
  el('a.button.primary', { href: '#/two-factor/set-up' }, 'Set up two-factor authentication'));

function authenticator(user) {
  if (!has('totp')) {
    return el('section.card',
      el('h2', 'Authenticator app', el('span.badge', 'Off')),
      el('p', 'Add an app as well, and you can sign in with your password and a code when your passkey is not at hand.'),
      el('a.button', { href: '#/two-factor/set-up' }, 'Set up an app'));
  }
  return el('section.card',
    el('h2', 'Authenticator app', el('span.badge.good', 'On')),
    el('p', user.otp_verified
      ? 'You need a code from your app, or a passkey, each time you sign in. Getting a new phone? Replace the app before you give the old one away.'
      : 'It is on, but no code from your app has been used yet. If your app has no entry for this account, set it up again.'),
    el('div.buttons',
      el('a.button', { href: '#/two-factor/set-up' }, 'Replace the app'),
      has('passkey')
        ? actionButton('Remove the app', removeApp, { kind: 'danger' })
        : actionButton('Turn off', turnOff, { kind: 'danger', label: 'Turn off two-factor authentication' })));
}

const recovery = (user) => el('section.card',
  el('h2', 'Recovery codes', isUnsaved(user) && el('span.badge.bad', 'Not saved')),
  el('p', 'They let you sign in if you lose your phone or your passkey.'),
  el('a.button', { href: '#/two-factor/recovery-codes' }, 'Manage recovery codes'));

async function turnOff() {
  await confirm('Turn off two-factor authentication?',
    'You will sign in with your password alone. Your recovery codes stop working, and all your other sessions are signed out.',
    'Turn off');
  await post('otp/disable', {});
  replace('/two-factor', { announcement: 'Two-factor authentication is off.' });
}

async function removeApp() {
  await confirm('Remove the authenticator app?',
    'Codes from your app stop working, and all your other sessions are signed out. Your passkeys and recovery codes stay.',
    'Remove');
  await post('otp/disable', {});
  replace('/two-factor', { announcement: 'The authenticator app has been removed.' });
}
