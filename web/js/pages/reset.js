import { actionButton } from '../action.js';
import { post } from '../api.js';
import { card, el, to } from '../dom.js';
import { anyCodeField, explainCodes, form, newPasswordField } from '../form.js';
import { SIGNED_OUT, look, me } from '../identity.js';
import { tokenOf } from '../mail-links.js';
import { redraw, replace } from '../router.js';
import { askForPasskey } from '../webauthn.js';
import { explain } from '../words.js';
import { linkPage, message } from './link.js';

/**
 * A form that uses the link of a page. A second factor is asked for once the service says that it is required; what
 * was typed is kept.
 */
function linkForm(path, { fields, use, then, ...rest }) {
  const code = anyCodeField({ name: 'code' });
  const whenAsked = explainCodes('codes_blocked');
  const isAsked = () => fields.includes(code);
  const submit = (typed) => use(typed).then(then);
  const typedBut = ({ name }) => Object.fromEntries([...new FormData(element)].filter(([other]) => other !== name));
  const element = form({
    ...rest,
    fields,
    reason: (error) => (isAsked() ? whenAsked : explain)(error),
    submit: async (typed) => {
      try {
        await submit(typed);
      } catch (error) {
        if (error.code !== 'otp_required') throw error;
        const passkey = await byPasskey(tokenOf(path), (proof) => submit({ ...typedBut(code), passkey: proof }));
        fields.push(code);
        const text = `This account has two-factor authentication. ${passkey ? 'Use a passkey, or enter a code.' : 'Enter a code as well.'}`;
        element.querySelector(':scope > .error').before(...[el('p', text), passkey, code.element].filter(Boolean));
        (passkey?.querySelector('button') ?? code.input).focus();
      }
    },
  });
  return element;
}

/** The button for a passkey, if the account of the link has one. */
async function byPasskey(token, submit) {
  const has = await post('passkeys/challenge', { token }).catch(() => null);
  return has && actionButton('Use a passkey', async () => submit(await askForPasskey(token)), { busy: 'Waiting for your passkey…' });
}

export const reset = linkPage({
  path: '/reset',
  call: 'password/reset',
  lost: 'password_lost',
  probably: 'No answer came to your first try, so your new password may already be set. If it doesn’t work, ask for a new link.',
  title: 'Set a new password',
  content: (use) => [
    el('p.lead', 'This signs you out everywhere.'),
    linkForm('/reset', {
      use,
      fields: [newPasswordField({ name: 'new_password', label: 'New password', missing: 'Enter a new password.' })],
      button: 'Set password',
      busy: 'Setting your password…',
      then: async () => {
        const standing = await look().catch(() => SIGNED_OUT);
        if (standing === SIGNED_OUT) replace('/sign-in', { notice: 'Your new password is set. Sign in with it.' });
        else redraw({ answer: {} });
      },
    })],
  // Someone else is signed in here.
  done: () => message('Your new password is set', me() ? `You are still signed in as ${me().user.email}.` : 'You can sign in with it.'),
  otherwise: ['If your password doesn’t work, ask for a new link.', '#/forgot', 'Send a new link'],
});

/** “This wasn’t me”: undoes what someone else did. */
export const secure = linkPage({
  path: '/secure',
  call: 'secure',
  title: 'Secure your account',
  content: (use) => [
    el('p', 'If someone else got into your account, take it back. This will:'),
    el('ul.points', [
      'sign everyone out, and stop the current password from working',
      'cancel a change of your email address',
      'remove authenticator apps, passkeys and recovery codes added since then',
      'email you a link to set a new password',
    ].map((point) => el('li', point))),
    linkForm('/secure', {
      use,
      fields: [],
      button: 'Secure my account',
      busy: 'Securing your account…',
      kind: 'danger full',
      then: () => redraw({ answer: {} }),
    })],
  done: () => card('Your account is secured',
    el('p', 'Everyone is signed out, and the old password no longer works. To sign in again, set a new one with the link that we have just emailed you.'),
    el('p.aside', to('/forgot', 'No email? Ask for a new link'))),
  otherwise: ['To sign everyone out, set a new password.', '#/forgot', 'Send a link'],
});
