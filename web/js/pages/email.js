import { actionButton } from '../action.js';
import { post, put, remove } from '../api.js';
import { announce, call, el, page, part } from '../dom.js';
import { accountOf, emailField, form, passwordField } from '../form.js';
import { me } from '../identity.js';
import { hasMail } from '../mail-links.js';
import { redraw } from '../router.js';
import { momentInWords } from '../time.js';
import { NO_MAIL } from '../words.js';
import { message } from './link.js';

/** The email address of the account: a pending change, and the way to another one. */
export function email({ asked }) {
  const { user } = me();
  if (!hasMail()) return message('Email address', NO_MAIL);
  return page('Email address',
    el('p.lead', user.email, ' ', verified(user)),
    asked && asked !== user.pending_email?.email && el('p.notice', `No link was sent to ${asked}: we send one a minute, and five an hour. Try again later.`),
    emailCards(user, asked),
    part('Change your email address',
      el('p', 'We’ll email a link to the new address.', user.email_verified
        && ' The change then waits for a while, unless you approve it with a link that we send to your current address.'),
      form({
        fields: [
          accountOf(user.email),
          emailField({ label: 'New email address', autocomplete: 'email', missing: 'Enter the new email address.' }),
          passwordField(),
        ],
        button: 'Send the link',
        busy: 'Sending…',
        submit: async (typed) => redraw({ asked: (await put('email', typed)).email }),
      })));
}

export const verified = (user) => (user.email_verified
  ? el('span.badge.good', 'Confirmed') : el('span.badge.bad', 'Not confirmed'));

/** What is to be done about the address: a pending change, and its confirmation. */
export const emailCards = (user, asked) => [
  user.pending_email && pending(user, user.pending_email, asked), !user.email_verified && unverified(user)];

const unverified = (user) => call('Confirm your email address',
  el('p', 'Open the link that we sent to ', el('strong', user.email), '. Until then, we can’t warn you if someone else uses your account.'),
  actionButton('Send the link again', async () => {
    try {
      await post('email/verification', {});
    } catch (error) {
      if (error.code !== 'email_already_verified') throw error;
      return redraw({ announcement: 'Your email address is confirmed.' });
    }
    return announce('We have sent you a link. If none arrives, try again in a minute.');
  }, { busy: 'Sending…' }));

const pending = ({ email_verified: isKnown }, { email: next, effective_at: at }, asked) => el('section.card.call',
  el('h2', { 'data-focus': asked && true }, at ? 'Your email address will change' : 'Confirm your new email address'),
  el('p', ...(at
    ? ['Your account changes to ', el('strong', next), ` ${momentInWords(at)}.`]
    : ['Open the link that we sent to ', el('strong', next), '.'])),
  isKnown && el('p', `To change it ${at ? 'sooner' : 'without a wait'}, approve the change with the link that we sent to your current address.`),
  actionButton('Cancel the change', async () => {
    await remove('email/change');
    redraw({ announcement: 'The change has been cancelled.' });
  }, { busy: 'Cancelling…' }));
