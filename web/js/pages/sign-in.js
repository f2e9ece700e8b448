import { Cancelled, post } from '../api.js';
import { actionButton } from '../action.js';
import { card, el, to } from '../dom.js';
import { emailField, form, passwordField } from '../form.js';
import { beginLogin, noteFactor } from '../kept.js';
import { hasMail } from '../mail-links.js';
import { goOn, hand, keeping, replace } from '../router.js';
import { anyPasskey, autofilledPasskey } from '../webauthn.js';

export function signIn({ notice, email }) {
  const address = emailField({ value: email, autocomplete: 'username webauthn' });
  return card('Sign in',
    notice && el('p.notice', notice),
    form({
      fields: [address, passwordField({ wrong: 'incorrect_credentials' })],
      button: 'Sign in',
      busy: 'Signing in…',
      submit: enter,
    }),
    byPasskey(),
    el('div.aside.stack',
      hasMail() && el('a', { href: `#${keeping('/forgot')}`, onclick: () => hand({ email: address.input.value }) }, 'Forgot your password?'),
      el('p', 'New here? ', to(keeping('/sign-up'), 'Create an account'))));
}

/** Signs in, and goes on to the second factor or to the page that was asked for. */
export async function enter({ email, password }) {
  const { user, second_factor_required: isDue } = await post('login', { email, password });
  if (!isDue) return goOn();
  beginLogin(user);
  return replace(keeping('/code'));
}

/** The button for a passkey. The autofill of the email address offers passkeys too, and then presses it. */
function byPasskey() {
  let chosen = null;
  const action = actionButton('Sign in with a passkey', async () => {
    try {
      const credential = chosen ?? await anyPasskey();
      await post('passkeys/sign-in', { credential });
    } catch (error) {
      if (!(error instanceof Cancelled)) offer();
      throw error;
    }
    noteFactor('passkey');
    await goOn();
  }, { busy: 'Waiting for your passkey…' });
  const button = action.querySelector('button');
  const offer = async () => {
    // Without autofill there is still the button, which says what is wrong.
    chosen = await autofilledPasskey().catch(({ code }) => { button.hidden = code === 'passkeys_not_available'; });
    if (chosen) button.click();
    chosen = null;
  };
  offer();
  return el('div.wide', action);
}
