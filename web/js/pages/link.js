import { actionButton } from '../action.js';
import { ApiError, Cancelled, post } from '../api.js';
import { card, el } from '../dom.js';
import { me } from '../identity.js';
import { forgetToken, tokenOf } from '../mail-links.js';
import { redraw, replace } from '../router.js';
import { momentInWords } from '../time.js';

/** A card with one message and a way on. */
export const message = (title, text, href = '#/account', way = 'Go to your account') => card(title,
  el('p', text), el('a.button.primary', { href }, way));

/**
 * A page that uses a link when its button is pressed, never when it is opened: mail scanners open links. `otherwise`
 * is the text and the way on where the link is no longer valid; `lost` and `probably` say what a lost answer may mean; `content` draws more than a button.
 */
export const linkPage = (spec) => (given) => {
  if (given.answer) return spec.done(given.answer);
  const token = tokenOf(spec.path);
  if (given.isOver) return over(spec, given);
  if (!token) return withoutToken(spec);
  const use = sender(spec, token);
  return card(spec.title, (spec.content ?? button)(use, spec));
};

const button = (use, { text, button: name, kind = 'primary', busy }) => [
  el('p', text),
  actionButton(name, async () => redraw({ answer: await use() ?? {} }), { kind, busy })];

/** Sends the token with what was typed. If an answer got lost, the link may be used already. */
function sender(spec, token) {
  let wasSent = false;
  return async (typed) => {
    const answer = await post(spec.call, { token, ...typed }).catch((error) => {
      wasSent ||= error.status === 0;
      if (error.code === 'account_exists') throw new ApiError({ code: 'address_taken' });
      if (error.code === 'unreachable' && spec.lost) throw new ApiError({ code: spec.lost });
      if (error.code !== 'mail_token_invalid') throw error;
      forgetToken();
      if (wasSent && spec.probably) replace('/sign-in', { notice: spec.probably });
      else redraw({ isOver: true, wasSent });
      throw new Cancelled();
    });
    forgetToken();
    return answer;
  };
}

function over({ path, otherwise: [text, ...way] }, { wasSent }) {
  if (path === '/verify' && me()?.user.email_verified) return message('Your email address is confirmed', 'This link is not needed any more.');
  const reason = wasSent
    ? 'No answer came to your first try, so it may have worked.'
    : 'It has been used or replaced by a newer one, or it has expired.';
  return message('This link is no longer valid', `${reason} ${text}`, ...way);
}

/** What a page says that was opened without its token, for example after a reload. */
const withoutToken = ({ otherwise: [, href, way] }) => card('Open the link in your email again',
  el('p', 'For your security, this page forgets the link when you leave or reload it.'),
  el('a.button', { href }, way));

export const verify = linkPage({
  path: '/verify',
  call: 'email/verify',
  title: 'Confirm your email address',
  text: 'Confirm only if you created this account.',
  button: 'Confirm my email address',
  busy: 'Confirming…',
  done: () => message('Your email address is confirmed', 'Thank you. If you use your account in another window, reload it there.'),
  otherwise: ['If your email address is not confirmed yet, get a new link from your account.', '#/email', 'Go to your account'],
});

export const disown = linkPage({
  path: '/disown',
  call: 'email/disown',
  title: 'Delete an account you didn’t create',
  text: 'Someone created an account with your email address. This permanently deletes that account.',
  button: 'Delete the account',
  busy: 'Deleting…',
  kind: 'danger full',
  done: () => message('The account has been deleted', 'Your email address is free again.', '#/sign-up', 'Create your own account'),
  otherwise: ['If the account still exists, ask for a link to set a new password. That email lets you delete the account, too.', '#/forgot', 'Send a new link'],
});

const CHECK = ['Your account shows whether a change is pending. You can ask for it again there.', '#/email', 'Go to your account'];

export const approveEmail = linkPage({
  path: '/approve-email',
  call: 'email/approve',
  title: 'Approve your new email address',
  text: 'Approve only if you asked to change the email address of your account. If you didn’t, use the other link in the email: “This wasn’t me”.',
  button: 'Approve the change',
  busy: 'Approving…',
  done: () => message('The change is approved', 'It takes effect as soon as the new address is confirmed.'),
  otherwise: CHECK,
});

export const confirmEmail = linkPage({
  path: '/confirm-email',
  call: 'email/confirm',
  title: 'Confirm your new email address',
  text: 'Confirm only if you asked to use this address for your account.',
  button: 'Confirm this address',
  busy: 'Confirming…',
  done: ({ email, effective_at: at }) => (at
    ? message('Your new email address is confirmed', `Your account changes to ${email} ${momentInWords(at)}. To change it sooner, approve the change with the link that we sent to your current address.`)
    : message('Your email address has changed', `From now on, sign in with ${email}.`)),
  otherwise: CHECK,
});
