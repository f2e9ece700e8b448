import { post } from '../api.js';
import { card, el, to } from '../dom.js';
import { emailField, field, form, newPasswordField } from '../form.js';
import { keeping, leftFor, replace } from '../router.js';
import { enter } from './sign-in.js';

const OPEN_LINK = 'Your account is ready. Open the link that we have emailed you, then sign in.';

export function signUp() {
  return card('Create an account',
    form({
      fields: [
        field({ name: 'name', label: 'Name', autocomplete: 'name', missing: 'Enter your name.' }),
        emailField(),
        newPasswordField(),
      ],
      button: 'Create account',
      busy: 'Creating your account…',
      submit: begin(),
    }),
    el('p.aside', 'Already have an account? ', to(keeping('/sign-in'), 'Sign in')));
}

function begin() {
  // The address whose account exists, or may exist because no answer came: then the same form signs in.
  let begun;
  return async (typed) => {
    const taken = await post('register', typed).catch((error) => {
      if (error.isLost) begun = typed.email;
      if (error.code !== 'account_exists' || begun !== typed.email) throw error;
      return error;
    });
    begun = typed.email;
    await enter(typed).catch((error) => {
      if (leftFor(error)) return;
      if (error.isLost) throw error;
      if (taken.code && error.code === 'incorrect_credentials') throw taken;
      const notice = error.code === 'email_not_verified' ? OPEN_LINK : 'Your account is ready. Sign in to continue.';
      replace(keeping('/sign-in'), { notice, email: typed.email });
    });
  };
}
