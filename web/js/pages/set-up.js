import { post, qrCode } from '../api.js';
import { actionButton } from '../action.js';
import { el } from '../dom.js';
import { codeField, explainCodes, form } from '../form.js';
import { me } from '../identity.js';
import { replace } from '../router.js';
import { copyButton } from './copy.js';

const HERE = '/two-factor/set-up';

export async function setUp({ enrolment, notice }) {
  const { user } = me();
  const { qr, key, link } = enrolment ?? await underWay() ?? await begin();
  const heading = user.otp_enabled ? 'Replace your authenticator app' : 'Set up your authenticator app';
  return el('div.page',
    el('h1', heading),
    notice && el('p.notice', notice),
    el('section.card',
      el('ol.steps',
        el('li', el('h2', 'Scan this with your app'), image(qr), byHand(user, key, link)),
        el('li', el('h2', 'Enter the code it shows'), proof()))),
    el('p.aside', el('a', { href: '#/two-factor' }, 'Not now')));
}

/** The enrolment that a reload interrupted, so that what was scanned stays good. Its key is not told twice. */
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

const beginAnew = async () => replace(HERE, { enrolment: await begin(), notice: 'This is a new QR code. The one before stops working.' });

function image(blob) {
  const src = URL.createObjectURL(blob);
  return el('img.qr', { src, alt: 'QR code for your authenticator app', width: 220, height: 220,
    onload: () => URL.revokeObjectURL(src) });
}

function byHand(user, key, link) {
  return el('details',
    el('summary', 'Can’t scan it?'),
    key ? typed(user, key, link) : el('p', 'The key was shown when you began. A new QR code comes with a new key.'),
    actionButton('Start with a new QR code', beginAnew, { kind: 'link' }));
}

function typed(user, key, link) {
  const groups = el('code.key', key.match(/.{1,4}/g).join(' '));
  return el('div.stack',
    el('p', 'Is your app on this device? ', el('a', { href: link }, 'Open it with the key filled in.')),
    el('p', `Otherwise type this key into it. The account is ${user.email}; the code is time-based.`),
    groups,
    copyButton('Copy the key', () => key, groups));
}

function proof() {
  return form({
    fields: [codeField()],
    button: 'Turn on',
    busy: 'Checking…',
    reason: explainCodes(),
    submit: verify,
  });
}

async function verify(typed) {
  try {
    const { recovery_codes: codes } = await post('otp/verify', typed);
    // In the place of this page: going back to it would begin another enrolment.
    replace('/two-factor/recovery-codes', { codes, announcement: 'Your authenticator app is set up.' });
  } catch (error) {
    await beginAgainIfOver(error);
    throw error;
  }
}

/** Ten minutes or five wrong codes end an enrolment; the service then calls every code wrong. */
async function beginAgainIfOver(error) {
  if (error.code !== 'otp_invalid' || await underWay()) return;
  const notice = 'That QR code was no longer good. Remove its entry from your app and scan this new one.';
  replace(HERE, { enrolment: await begin(), notice });
}
