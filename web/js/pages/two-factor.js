import { post } from '../api.js';
import { actionButton } from '../action.js';
import { confirm } from '../dialog.js';
import { el } from '../dom.js';
import { me } from '../identity.js';
import { isUnsaved } from '../kept.js';
import { replace } from '../router.js';

export function twoFactor() {
  const { user } = me();
  const cards = user.otp_enabled ? [authenticator(user), recovery(user)] : [introduction()];
  return el('div.page', el('h1', 'Two-factor authentication'), cards);
}

const introduction = () => el('section.card',
  el('h2', 'Not set up yet', el('span.badge', 'Off')),
  el('p', 'When it’s on, you sign in with your password and a code from your phone. Someone who learns your password still can’t get in.'),
  el('p', 'You need an authenticator app, such as Aegis, 2FAS, Google Authenticator or your password manager.'),
  el('a.button.primary', { href: '#/two-factor/set-up' }, 'Set up two-factor authentication'));

const authenticator = (user) => el('section.card',
  el('h2', 'Authenticator app', el('span.badge.good', 'On')),
  el('p', user.otp_verified
    ? 'You need a code from your app each time you sign in. Getting a new phone? Replace the app before you give the old one away.'
    : 'It is on, but no code from your app has been used yet. If your app has no entry for this account, set it up again.'),
  el('div.buttons',
    el('a.button', { href: '#/two-factor/set-up' }, 'Replace the app'),
    actionButton('Turn off', turnOff, { kind: 'danger', label: 'Turn off two-factor authentication' })));

const recovery = (user) => el('section.card',
  el('h2', 'Recovery codes', isUnsaved(user) && el('span.badge.bad', 'Not saved')),
  el('p', 'They let you sign in if you lose your phone.'),
  el('a.button', { href: '#/two-factor/recovery-codes' }, 'Manage recovery codes'));

async function turnOff() {
  await confirm('Turn off two-factor authentication?',
    'You will sign in with your password alone. Your recovery codes stop working, and all your other sessions are signed out.',
    'Turn off');
  await post('otp/disable', {});
  replace('/two-factor', { announcement: 'Two-factor authentication is off.' });
}
