import { remove } from '../api.js';
import { el } from '../dom.js';
import { accountOf, form, passwordField } from '../form.js';
import { me } from '../identity.js';
import { replace } from '../router.js';

export function deletion() {
  const { user } = me();
  return el('div.page',
    el('h1', 'Delete your account'),
    el('section.card',
      el('p.notice.bad', `This permanently deletes ${user.email}, with its authenticator app, recovery codes and sessions.`),
      form({
        fields: [accountOf(user.email), passwordField({ hint: 'To check it’s you.' })],
        button: 'Delete my account',
        busy: 'Deleting…',
        kind: 'danger full',
        beside: el('a.button', { href: '#/account' }, 'Keep my account'),
        submit: async (typed) => {
          await remove('account', typed);
          replace('/sign-in', { notice: 'Your account has been deleted.' });
        },
      })));
}
