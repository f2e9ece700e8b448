import { post } from '../api.js';
import { el } from '../dom.js';
import { codeField, explainCodes, form, recoveryCodeField } from '../form.js';
import { signOut } from '../identity.js';
import { actionButton } from '../action.js';
import { keeping, replace, wanted } from '../router.js';
import { explain } from '../words.js';

/** The second step of a sign-in, with the authenticator app. */
export function code() {
  return step({
    heading: 'Enter your code',
    text: 'Open your authenticator app and enter the code that it shows for Twofold.',
    field: codeField({ 'data-focus': true }),
    reason: explainCodes(),
    other: el('a', { href: `#${keeping('/code/recovery')}` }, 'No phone? Use a recovery code'),
  });
}

/** The same without it. Recovery codes are never locked. */
export function recovery() {
  return step({
    heading: 'Enter a recovery code',
    text: 'Use one of the codes you saved when you set up your authenticator app. Each works once.',
    field: recoveryCodeField({ 'data-focus': true }),
    reason: (error) => (error.code === 'otp_invalid' ? [WRONG] : explain(error)),
    other: el('a', { href: `#${keeping('/code')}` }, 'Use your authenticator app'),
    announcement: 'Signed in. That recovery code is used up now.',
  });
}

const WRONG = { fields: ['token'], text: 'That recovery code is not right, or was used before. Try another one.' };

function step({ heading, text, field, reason, other, announcement }) {
  return el('section.card',
    el('h1', heading),
    el('p', text),
    form({
      fields: [field],
      button: 'Continue',
      busy: 'Checking…',
      reason,
      submit: async (typed) => {
        await post('otp/validate', typed);
        replace(wanted(), { announcement });
      },
    }),
    el('div.aside.stack', other, actionButton('Sign in as someone else', startOver, { kind: 'link' })));
}

async function startOver() {
  await signOut();
  replace(keeping('/sign-in'));
}
