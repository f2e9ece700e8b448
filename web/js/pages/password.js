import { put } from '../api.js';
import { el } from '../dom.js';
import { accountOf, form, newPasswordField, passwordField } from '../form.js';
import { me } from '../identity.js';
import { replace } from '../router.js';

export function password() {
  return el('div.page',
    el('h1', 'Change your password'),
    el('p.lead', 'This signs out all your other sessions.'),
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
          replace('/account', { announcement: 'Your password has been changed. All your other sessions are signed out.' });
        },
      })));
}
