import { post } from '../api.js';
import { el } from '../dom.js';
import { emailField, form, passwordField } from '../form.js';
import { beginLogin } from '../kept.js';
import { hasMail } from '../mail-links.js';
import { hand, keeping, replace, wanted } from '../router.js';

export function signIn({ notice, email }) {
  const address = emailField({ value: email });
  return el('section.card',
    el('h1', 'Sign in'),
    notice && el('p.notice', notice),
    form({
      fields: [address, passwordField({ wrong: 'incorrect_credentials' })],
      button: 'Sign in',
      busy: 'Signing in…',
      submit: enter,
    }),
    el('div.aside.stack',
      hasMail() && el('a', { href: '#/forgot', onclick: () => hand({ email: address.input.value }) }, 'Forgot your password?'),
      el('p', 'New here? ', el('a', { href: `#${keeping('/sign-up')}` }, 'Create an account'))));
}

/** Signs in, and goes on to the code or to the page that was asked for. */
export async function enter({ email, password }) {
  const { user } = await post('login', { email, password });
  if (user.otp_enabled) beginLogin(user.email);
  replace(user.otp_enabled ? keeping('/code') : wanted());
}
