import { Cancelled, get, post } from '../api.js';
import { card, el, to } from '../dom.js';
import { checkField, codeField, explainCodes, form, recoveryCodeField } from '../form.js';
import { CODE_DUE, SIGNED_OUT, look, signOut } from '../identity.js';
import { actionButton } from '../action.js';
import { countWrong, lastFactor, loginEmail, loginFactors, loseCount, noteFactor } from '../kept.js';
import { goOn, keeping, replace } from '../router.js';
import { askForPasskey } from '../webauthn.js';
import { explain } from '../words.js';

const ENDED = 'Too many wrong tries, so this sign-in has ended. Sign in again to get five more. Lost your device? Use a recovery code after your password.';

const WRONG = { fields: ['token'], text: 'Incorrect recovery code, or one you have already used. Try another one.' };

const WAYS = {
  totp: ['/code/app', 'Use your authenticator app'],
  passkey: ['/code/passkey', 'Use your passkey'],
  recovery: ['/code/recovery', 'My device is not at hand: use a recovery code'],
};

/** The second step of a sign-in, with the kind of factor that this browser used last. */
export function code() {
  const [first, ...others] = loginFactors();
  return (others.includes(lastFactor()) ? lastFactor() : first) === 'totp' ? codeByApp() : codeByPasskey();
}

export const codeByApp = () => step('totp', {
  heading: 'Enter your code',
  text: 'Open your authenticator app and enter the code it shows for ',
  fields: [...trust(), codeField({ 'data-focus': true })],
  reason: explainCodes('codes_blocked'),
});

export const codeByPasskey = () => step('passkey', {
  heading: 'Use your passkey',
  text: 'Your browser asks for your fingerprint, face, PIN or security key. You are signing in as ',
  fields: trust(),
  button: 'Use your passkey',
  busy: 'Waiting for your passkey…',
  send: async (typed) => {
    const credential = await askForPasskey();
    await post('passkeys/validate', { credential, ...typed }).catch(endIfOver);
  },
});

/** Recovery codes are never locked. */
export const recovery = () => step('recovery', {
  heading: 'Enter a recovery code',
  text: 'Use one of the codes you saved when you turned on two-factor authentication. Each works once. You are signing in as ',
  fields: [recoveryCodeField({ 'data-focus': true })],
  reason: (error) => (error.code === 'otp_invalid' ? [{ ...WRONG }] : explain(error)),
  banner: usedUp,
});

/** A box above the code, which sends itself; none where devices are never trusted. */
function trust() {
  const { trust: time } = document.documentElement.dataset;
  return time ? [checkField({ name: 'remember_device', label: `Trust this device for ${time}` })] : [];
}

const validate = (typed) => post('otp/validate', typed).catch(endIfOver);

function step(kind, { heading, text, fields, button = 'Continue', busy = 'Checking…', reason = explain, send = validate, banner }) {
  const factors = loginFactors();
  const others = [...factors, 'recovery'].filter((other) => other !== kind).map((other) => WAYS[other]);
  return card(heading,
    el('p', text, el('strong', loginEmail() ?? 'this account'), '.'),
    form({
      fields,
      button,
      busy,
      reason: (error) => withTries(reason(error), error),
      submit: async (typed) => {
        await send(typed);
        if (!banner) noteFactor(kind);
        await goOn({ banner: await banner?.(factors) });
      },
    }),
    el('div.aside.stack',
      others.map(([path, name]) => to(keeping(path), name)),
      actionButton('Sign in as someone else', startOver, { kind: 'link' })));
}

const WRONGS = new Set(['otp_invalid', 'otp_already_used', 'passkey_invalid']);

/** The last wrong try ends the sign-in. Its answer does not say so, so the service is asked. */
async function endIfOver(error) {
  if (error.isLost) loseCount();
  if (!WRONGS.has(error.code)) throw error;
  error.left = countWrong();
  const email = loginEmail();
  const standing = await look().catch(() => CODE_DUE);
  if (standing === CODE_DUE) throw error;
  if (standing === SIGNED_OUT) replace(keeping('/sign-in'), { notice: ENDED, email });
  else await goOn();
  throw new Cancelled();
}

function withTries(reasons, { left }) {
  if (left) reasons[0].text += ` You have ${left === 1 ? 'one try' : `${left} tries`} left.`;
  return reasons;
}

/** What to do next for somebody who had to use a recovery code. */
async function usedUp(factors) {
  const { remaining } = await get('otp/recovery-codes').catch(() => ({}));
  const left = remaining === undefined ? '' : ` You have ${remaining || 'none'} left.`;
  const [advice, path, name] = factors[0] === 'totp'
    ? ['Lost your phone? Set up your authenticator app on a new one now. That also gives you ten new recovery codes.', '/two-factor/set-up', 'Replace the app']
    : ['Lost your passkey? Add a new one now, and remove the lost one.', '/two-factor', 'Manage passkeys'];
  return el('section.card.call',
    el('p', el('strong', 'You signed in with a recovery code.'), ` It won’t work again.${left}`),
    el('p', advice),
    el('div.buttons',
      to(path, name, '.button.primary'),
      to('/two-factor/recovery-codes', 'Manage recovery codes', '.button')));
}

async function startOver() {
  await signOut();
  replace(keeping('/sign-in'));
}
