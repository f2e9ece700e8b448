import { put } from '../api.js';
import { el } from '../dom.js';
import { accountOf, form, newPasswordField, passwordField } from '../form.js';
import { me } from '../identity.js';
import { replace } from '../router.js';

export function password() {
  return el('div.page',
    el('h1', 'Change your password'),
    el('p.lead', 'Every other session is signed out when you do.'),
    el('section.card',
      form({
        fields: [
          accountOf(me().user.email),
          passwordField({ name: 'current_password', label: 'Current password', missing: 'Enter your current password.' }),
          newPasswordField({ name: 'new_password', label: 'New password', missing: 'Enter a new password.' }),
        ],
        button: 'Change password',
        busy: 'Changing your password…',
        submit: async (typed) => {
          await put('password', typed);
          replace('/account', { announcement: 'Your password is changed. Every other session is signed out.' });
        },
      })));
}
