import { Cancelled, get, post } from '../api.js';
import { el } from '../dom.js';
import { codeField, explainCodes, form, recoveryCodeField } from '../form.js';
import { CODE_DUE, SIGNED_OUT, look, signOut } from '../identity.js';
import { actionButton } from '../action.js';
import { countWrongCode, loginEmail, loseCount } from '../kept.js';
import { keeping, replace, wanted } from '../router.js';
import { explain } from '../words.js';

const ENDED = 'You entered too many wrong codes, so this sign-in has ended. Sign in again to get five more tries. Lost your phone? Use a recovery code after your password.';

/** The second step of a sign-in, with the authenticator app. */
export function code() {
  const reason = explainCodes('codes_blocked');
  return step({
    heading: 'Enter your code',
    text: 'Open your authenticator app and enter the code it shows for ',
    field: codeField({ 'data-focus': true }),
    reason: (error) => withTries(reason(error), error),
    other: el('a', { href: `#${keeping('/code/recovery')}` }, 'No phone? Use a recovery code'),
  });
}

/** The same with a recovery code. Recovery codes are never locked. */
export function recovery() {
  return step({
    heading: 'Enter a recovery code',
    text: 'Use one of the codes you saved when you set up your authenticator app. Each works once. You are signing in as ',
    field: recoveryCodeField({ 'data-focus': true }),
    reason: (error) => withTries(error.code === 'otp_invalid' ? [{ ...WRONG }] : explain(error), error),
    other: el('a', { href: `#${keeping('/code')}` }, 'Use your authenticator app'),
    banner: usedUp,
  });
}

const WRONG = { fields: ['token'], text: 'Incorrect recovery code, or one you have already used. Try another one.' };

function step({ heading, text, field, reason, other, banner }) {
  return el('section.card',
    el('h1', heading),
    el('p', text, el('strong', loginEmail() ?? 'this account'), '.'),
    form({
      fields: [field],
      button: 'Continue',
      busy: 'Checking…',
      reason,
      submit: async (typed) => {
        await post('otp/validate', typed).catch(endIfOver);
        replace(wanted(), { banner: await banner?.() });
      },
    }),
    el('div.aside.stack', other, actionButton('Sign in as someone else', startOver, { kind: 'link' })));
}

const isWrong = ({ code: name }) => name === 'otp_invalid' || name === 'otp_already_used';

/** The last wrong code ends the sign-in. Its answer does not say so, so the service is asked. */
async function endIfOver(error) {
  if (error.isLost) loseCount();
  if (!isWrong(error)) throw error;
  error.left = countWrongCode();
  const email = loginEmail();
  const standing = await look().catch(() => CODE_DUE);
  if (standing === CODE_DUE) throw error;
  if (standing === SIGNED_OUT) replace(keeping('/sign-in'), { notice: ENDED, email });
  else replace(wanted());
  throw new Cancelled();
}

function withTries(reasons, { left }) {
  if (left) reasons[0].text += ` You have ${left === 1 ? 'one try' : `${left} tries`} left.`;
  return reasons;
}

/** What to do next for somebody who had to use a recovery code. */
async function usedUp() {
  const { remaining } = await get('otp/recovery-codes').catch(() => ({}));
  const left = remaining === undefined ? '' : ` You have ${remaining || 'none'} left.`;
  return el('section.card.call',
    el('p', el('strong', 'You signed in with a recovery code.'), ` It won’t work again.${left}`),
    el('p', 'Lost your phone? Set up your authenticator app on a new one now. That also gives you ten new recovery codes.'),
    el('div.buttons',
      el('a.button.primary', { href: '#/two-factor/set-up' }, 'Replace the app'),
      el('a.button', { href: '#/two-factor/recovery-codes' }, 'Manage recovery codes')));
}

async function startOver() {
  await signOut();
  replace(keeping('/sign-in'));
}
