import { post } from '../api.js';
import { actionButton } from '../action.js';
import { confirm } from '../dialog.js';
import { el } from '../dom.js';
import { me } from '../identity.js';
import { replace } from '../router.js';

export function twoFactor() {
  const { user } = me();
  const cards = user.otp_enabled ? [authenticator(user), recovery()] : [introduction()];
  return el('div.page', el('h1', 'Two-factor authentication'), cards);
}

const introduction = () => el('section.card',
  el('h2', 'Not set up yet', el('span.badge', 'Off')),
  el('p', 'Turn it on, and signing in takes your password and a code from your phone. Whoever learns your password still stays outside.'),
  el('p', 'You need an authenticator app: Aegis, 2FAS, Google Authenticator, your password manager, or any other.'),
  el('a.button.primary', { href: '#/two-factor/set-up' }, 'Set up two-factor authentication'));

const authenticator = (user) => el('section.card',
  el('h2', 'Authenticator app', el('span.badge.good', 'On')),
  el('p', user.otp_verified
    ? 'Every sign-in asks for a code from your app. Got a new phone? Replace the app before you give the old one away.'
    : 'It was turned on, and no code has come from your app so far. Set the app up anew if it has no entry for Twofold.'),
  el('div.buttons',
    el('a.button', { href: '#/two-factor/set-up' }, 'Replace the app'),
    actionButton('Turn off', turnOff, { kind: 'danger', label: 'Turn off two-factor authentication' })));

const recovery = () => el('section.card',
  el('h2', 'Recovery codes'),
  el('p', 'They let you in when your phone is lost.'),
  el('a.button', { href: '#/two-factor/recovery-codes' }, 'Manage recovery codes'));

async function turnOff() {
  await confirm('Turn off two-factor authentication?',
    'Your password alone will be enough to sign in. Your recovery codes stop working, and every other session is signed out.',
    'Turn off');
  await post('otp/disable', {});
  replace('/two-factor', { announcement: 'Two-factor authentication is off.' });
}
