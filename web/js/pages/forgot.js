import { post } from '../api.js';
import { button, card, el, to } from '../dom.js';
import { emailField, form } from '../form.js';
import { me } from '../identity.js';
import { hasMail } from '../mail-links.js';
import { keeping, redraw } from '../router.js';
import { NO_MAIL } from '../words.js';
import { message } from './link.js';

const TITLE = 'Forgot your password?';

const back = () => el('p.aside', me()
  ? to('/account', 'Back to your account') : to(keeping('/sign-in'), 'Back to sign-in'));

export function forgot({ email = me()?.user.email, isSent }) {
  if (!hasMail()) return message(TITLE, NO_MAIL, '#/sign-in', 'Back to sign-in');
  if (isSent) {
    return card('Check your email',
      el('p', 'If there is an account for ', el('strong', email), ', we have sent a link to it. The link works for 30 minutes.'),
      el('p.fine', 'No email? Check your spam folder, and that the address is right. You can ask again after a minute.'),
      button('Ask again', () => redraw({ email })),
      back());
  }
  return card(TITLE,
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
