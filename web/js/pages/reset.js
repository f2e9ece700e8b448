import { el } from '../dom.js';
import { anyCodeField, explainCodes, form, newPasswordField } from '../form.js';
import { SIGNED_OUT, look, me } from '../identity.js';
import { redraw, replace } from '../router.js';
import { explain } from '../words.js';
import { linkPage, message } from './link.js';

/** A form that uses a link. A code is asked for once the service says that it is required; what was typed is kept. */
function linkForm({ fields, submit, ...rest }) {
  const code = anyCodeField({ name: 'code' });
  const whenAsked = explainCodes('codes_blocked');
  const isAsked = () => fields.includes(code);
  const element = form({
    ...rest,
    fields,
    reason: (error) => (isAsked() ? whenAsked : explain)(error),
    submit: async (typed) => {
      try {
        await submit(typed);
      } catch (error) {
        if (error.code !== 'otp_required') throw error;
        fields.push(code);
        const text = el('p', 'This account has two-factor authentication. Enter a code as well.');
        element.querySelector(':scope > .error').before(text, code.element);
        code.input.focus();
      }
    },
  });
  return element;
}

/** Sets a new password by a link. */
export const reset = linkPage({
  path: '/reset',
  call: 'password/reset',
  lost: 'password_lost',
  probably: 'No answer came to your first try, so your new password may already be set. If it doesn’t work, ask for a new link.',
  title: 'Set a new password',
  content: (use) => [
    el('p.lead', 'This signs you out everywhere.'),
    linkForm({
      fields: [newPasswordField({ name: 'new_password', label: 'New password', missing: 'Enter a new password.' })],
      button: 'Set password',
      busy: 'Setting your password…',
      submit: async (typed) => {
        await use(typed);
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
      'remove authenticator apps and recovery codes added since then',
      'email you a link to set a new password',
    ].map((point) => el('li', point))),
    linkForm({
      fields: [],
      button: 'Secure my account',
      busy: 'Securing your account…',
      kind: 'danger full',
      submit: async (typed) => {
        await use(typed);
        redraw({ answer: {} });
      },
    })],
  done: () => el('section.card',
    el('h1', 'Your account is secured'),
    el('p', 'Everyone is signed out, and the old password no longer works. To sign in again, set a new one with the link that we have just emailed you.'),
    el('p.aside', el('a', { href: '#/forgot' }, 'No email? Ask for a new link'))),
  otherwise: ['To sign everyone out, set a new password.', '#/forgot', 'Send a link'],
});
