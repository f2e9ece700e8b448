import { ApiError, Cancelled, put } from '../api.js';
import { el, page, to } from '../dom.js';
import { accountOf, form, newPasswordField, passwordField } from '../form.js';
import { me } from '../identity.js';
import { hasMail } from '../mail-links.js';
import { replace } from '../router.js';

const SIGNED_OUT = 'You have been signed out. Your password may already be the new one. If it doesn’t work, use the old one.';

export function password() {
  return page('Change your password',
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
        submit: change(),
      }),
      hasMail() && el('p.aside', to('/forgot', 'Forgot your current password?'))));
}

/** Sends the form. If an answer got lost, the new password may be the current one already. */
function change() {
  let sent;
  return async (typed) => {
    const { new_password: next } = typed;
    await put('password', typed).catch(async (error) => {
      if (error.isLost) sent = next;
      if (sent !== next) throw error;
      if (error.code === 'not_authenticated') {
        replace('/sign-in', { notice: SIGNED_OUT });
        throw new Cancelled();
      }
      if (error.code !== 'incorrect_password') throw named(error);
      await put('password', { current_password: next, new_password: next }).catch((second) => {
        throw second.isLost ? named(second) : error;
      });
    });
    replace('/account', { announcement: 'Your password has been changed. All your other sessions are signed out.' });
  };
}

const named = (error) => (error.code === 'unreachable' ? new ApiError({ code: 'password_lost' }) : error);
