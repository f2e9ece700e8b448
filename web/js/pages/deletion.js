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
      el('p.notice.bad', `The account of ${user.email} goes for good, with its authenticator, its recovery codes and every session.`),
      form({
        fields: [accountOf(user.email), passwordField({ hint: 'To be sure that it is you.' })],
        button: 'Delete my account',
        busy: 'Deleting…',
        kind: 'danger full',
        beside: el('a.button', { href: '#/account' }, 'Keep it'),
        submit: async (typed) => {
          await remove('account', typed);
          replace('/sign-in', { notice: 'Your account is deleted.' });
        },
      })));
}
