import { post } from '../api.js';
import { el } from '../dom.js';
import { emailField, field, form, newPasswordField } from '../form.js';
import { keeping, leftFor, replace } from '../router.js';
import { enter } from './sign-in.js';

export function signUp() {
  return el('section.card',
    el('h1', 'Create an account'),
    form({
      fields: [
        field({ name: 'name', label: 'Name', autocomplete: 'name', missing: 'Enter your name.' }),
        emailField(),
        newPasswordField(),
      ],
      button: 'Create account',
      busy: 'Creating your account…',
      submit: begin,
    }),
    el('p.aside', 'Already have an account? ', el('a', { href: `#${keeping('/sign-in')}` }, 'Sign in')));
}

async function begin(typed) {
  await post('register', typed);
  // The account exists now, so sending this form again would be refused.
  await enter(typed).catch((error) => {
    if (leftFor(error)) return;
    replace(keeping('/sign-in'), { notice: 'Your account is ready. Sign in to continue.', email: typed.email });
  });
}
