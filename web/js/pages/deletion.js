import { ApiError, remove } from '../api.js';
import { el, page, to } from '../dom.js';
import { accountOf, form, passwordField } from '../form.js';
import { SIGNED_OUT, forget, look, me } from '../identity.js';
import { replace } from '../router.js';

const PROBABLY = 'You have been signed out. Your account has probably been deleted. If it still exists, you can sign in.';

export function deletion() {
  const { user } = me();
  return page('Delete your account',
    el('section.card',
      el('p.notice.bad', `This permanently deletes ${user.email}, with its authenticator app, passkeys, recovery codes and sessions.`),
      form({
        fields: [accountOf(user.email), passwordField({ hint: 'To check it’s you.' })],
        button: 'Delete my account',
        busy: 'Deleting…',
        kind: 'danger full',
        beside: to('/account', 'Keep my account', '.button'),
        submit: end(),
      })));
}

/** Sends the form. If an answer got lost, the account may be gone already. */
function end() {
  let isSent = false;
  return async (typed) => {
    const notice = await remove('account', typed).then(() => 'Your account has been deleted.', async (error) => {
      isSent ||= error.isLost;
      if (isSent && await isOut(error)) return PROBABLY;
      throw error.code === 'unreachable' ? new ApiError({ code: 'deletion_lost' }) : error;
    });
    forget();
    replace('/sign-in', { notice });
  };
}

const isOut = async (error) => (error.isLost
  ? await look().catch(() => null) === SIGNED_OUT : error.code === 'not_authenticated');
