import { Cancelled, get, lostAs, post, qrCode } from '../api.js';
import { actionButton } from '../action.js';
import { el, page, to } from '../dom.js';
import { codeField, explainCodes, form } from '../form.js';
import { SIGNED_IN, has, look, me } from '../identity.js';
import { replacingCodes } from '../kept.js';
import { keeping, replace } from '../router.js';
import { copyButton } from './copy.js';

const HERE = '/two-factor/set-up';
const CODES = '/two-factor/recovery-codes';
const DONE = 'Two-factor authentication is on and your app is set up. If you haven’t saved your recovery codes, make new ones now.';
const SIGNED_OUT = 'You have been signed out. Two-factor authentication may be on now, so keep the new entry in your app and sign in again.';

export async function setUp({ enrolment, notice }) {
  const { user } = me();
  const enrolled = enrolment ?? await underWay() ?? await begin();
  const wasOn = isOn();
  return page(wasOn ? 'Replace your authenticator app' : 'Set up your authenticator app',
    wasOn && el('p.lead', 'Your present app works until you enter a code from the new one.'),
    notice && el('p.notice', notice),
    el('section.card',
      el('ol.steps',
        el('li', el('h2', 'Add this account to your app'), ways(user, enrolled)),
        el('li', el('h2', 'Enter the code it shows'), proof(wasOn)))),
    el('p.aside', to('/two-factor', 'Not now')));
}

/** Whether an app has proved a code. The Basic contract turns 2FA on before that. */
const isOn = () => has('totp') && me().user.otp_verified;

/** The setup that a reload interrupted, so that what was scanned stays good. Its key is not shown twice. */
async function underWay() {
  try {
    return { qr: await qrCode() };
  } catch (error) {
    if (error.code === 'no_pending_enrolment') return null;
    throw error;
  }
}

async function begin() {
  const { base32, otpauth_url: link } = await post('otp/generate', {});
  return { qr: await qrCode(), key: base32, link };
}

async function restart() {
  const enrolment = await begin().catch(lostAs('restart_lost'));
  replace(HERE, { enrolment, notice: 'This is a new QR code. The previous one no longer works.' });
}

/** How to add the account. On a phone the app is most likely on it, and it cannot scan its own screen. */
function ways(user, { qr, key, link }) {
  const again = actionButton('Start with a new QR code', restart, { kind: 'link' });
  if (key && matchMedia('(max-width: 46rem)').matches) {
    return [...byKey(user, key, link), el('p', 'Or scan this QR code with another device.'), image(qr), again];
  }
  return [el('p', 'Scan this QR code with it.'), image(qr), el('details',
    el('summary', 'Can’t scan it?'),
    key ? el('div.stack', byKey(user, key, link)) : el('p', 'The key is only shown when setup starts. A new QR code comes with a new key.'),
    again)];
}

function image(blob) {
  const src = URL.createObjectURL(blob);
  return el('img.qr', { src, alt: 'QR code for your authenticator app', width: 220, height: 220,
    onload: () => URL.revokeObjectURL(src) });
}

function byKey(user, key, link) {
  const groups = el('code.key', key.match(/.{1,4}/g).join(' '));
  // The service's operator chooses the name that apps show.
  const issuer = new URL(link).searchParams.get('issuer');
  return [
    el('div.buttons', el('a.button', { href: link }, 'Open in authenticator app'), copyButton('Copy key', () => key, groups)),
    el('p', `Your app will call it ${issuer} (${user.email}). If you type the key, choose a time-based code.`),
    groups,
  ];
}

function proof(wasOn) {
  return form({
    fields: [codeField()],
    button: 'Turn on',
    busy: 'Checking…',
    reason: explainCodes(),
    submit: (typed) => verify(typed, wasOn),
  });
}

async function verify(typed, wasOn) {
  const { recovery_codes: codes } = await replacingCodes(me().user, () => post('otp/verify', typed))
    .catch((error) => settle(error, wasOn));
  // Replaces this page in the history: going back to it would start another setup.
  replace(CODES, { codes, announcement: 'Your authenticator app is set up.' });
}

/** Finds out how things stand after a failure: an answer may have got lost, and another tab may have finished. */
async function settle(error, wasOn) {
  const mayBeOver = error.isLost || error.code === 'otp_invalid' || error.code === 'not_authenticated';
  if (!mayBeOver) throw error;
  const standing = await look().catch(() => lostAs('set_up_lost')(error));
  if (standing !== SIGNED_IN) replace(keeping('/sign-in', CODES), { notice: SIGNED_OUT });
  else if (isOn() && (!wasOn || await wasReplaced())) replace(CODES, { notice: DONE });
  else if (error.code === 'otp_invalid' && !await underWay()) beginAgain(wasOn);
  else throw error;
  throw new Cancelled();
}

/** Whether the latest setup was completed, as the account's events tell. */
async function wasReplaced() {
  const { events } = await get('events?limit=100');
  const latest = events.find(({ kind }) => kind === 'enrolment_begun' || kind === 'authenticator_replaced');
  return latest?.kind === 'authenticator_replaced';
}

/** Ten minutes or five wrong codes end a setup; the service then calls every code wrong. */
function beginAgain(wasOn) {
  const entry = wasOn ? 'the entry you have just added (keep the old one)' : 'its entry';
  // The page starts the new setup, and can try again if that fails.
  replace(HERE, { notice: `That QR code no longer works. Delete ${entry} from your app, then scan this new one.` });
}
