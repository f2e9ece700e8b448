import { post } from '../api.js';
import { el } from '../dom.js';
import { emailField, form } from '../form.js';
import { me } from '../identity.js';
import { hasMail } from '../mail-links.js';
import { redraw } from '../router.js';
import { message } from './link.js';

const TITLE = 'Forgot your password?';

const back = () => el('p.aside', me()
  ? el('a', { href: '#/account' }, 'Back to your account') : el('a', { href: '#/sign-in' }, 'Back to sign-in'));

/** Asks for a link that resets a password. */
export function forgot({ email = me()?.user.email, isSent }) {
  if (!hasMail()) return message(TITLE, 'This service sends no email. Ask its operator for help.', '#/sign-in', 'Back to sign-in');
  if (isSent) {
    return el('section.card',
      el('h1', 'Check your email'),
      el('p', 'If there is an account for ', el('strong', email), ', we have sent a link to it. The link works for 30 minutes.'),
      el('p.fine', 'No email? Check your spam folder, and that the address is right. You can ask again after a minute.'),
      el('button', { type: 'button', onclick: () => redraw({ email }) }, 'Ask again'),
      back());
  }
  return el('section.card',
    el('h1', TITLE),
    el('p', 'We’ll email you a link to set a new one.'),
    form({
      fields: [emailField({ value: email })],
      button: 'Send the link',
      busy: 'Sending…',
      submit: async (typed) => {
        await post('password/forgot', typed);
        redraw({ email: typed.email, isSent: true });
      },
    }),
    back());
}
