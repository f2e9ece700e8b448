import { get, post } from '../api.js';
import { actionButton } from '../action.js';
import { confirm } from '../dialog.js';
import { el } from '../dom.js';
import { me } from '../identity.js';
import { replace } from '../router.js';
import { copyButton } from './copy.js';

const HERE = '/two-factor/recovery-codes';

/** Shows new codes once, when they are handed over; otherwise how many are left. */
export async function recoveryCodes({ codes }) {
  return el('div.page',
    el('h1', codes ? 'Save your recovery codes' : 'Recovery codes'),
    codes ? fresh(codes) : await left());
}

function fresh(codes) {
  const { email } = me().user;
  const list = el('ol.codes', codes.map((code) => el('li', el('code', code))));
  const text = [`Twofold recovery codes of ${email}`, 'Each works once.', '', ...codes, ''].join('\n');
  return el('section.card.print',
    el('p.notice', 'They are shown this once. Keep them where you can reach them without your phone: on paper, or in a password manager.'),
    el('p.on-paper', `Twofold recovery codes of ${email}. Each works once.`),
    list,
    el('div.buttons',
      copyButton('Copy', () => text, list),
      el('button', { type: 'button', onclick: () => download(text) }, 'Download'),
      el('button', { type: 'button', onclick: () => print() }, 'Print')),
    el('a.button.primary', { href: '#/two-factor' }, 'I have saved them'));
}

// A blob's address tells nothing to the browser's list of downloads.
function download(text) {
  const href = URL.createObjectURL(new Blob([text], { type: 'text/plain' }));
  el('a', { href, download: 'twofold-recovery-codes.txt' }).click();
  setTimeout(() => URL.revokeObjectURL(href), 10_000);
}

async function left() {
  if (!me().user.otp_enabled) return el('p', 'You get them when you ', el('a', { href: '#/two-factor' }, 'turn on two-factor authentication'), '.');
  const { remaining } = await get('otp/recovery-codes');
  return el('section.card',
    el('p.figure', el('strong', String(remaining)), ' of 10 left'),
    remaining < 4 && el('p.notice', 'You are running out. Make new ones now, while you can sign in.'),
    el('p', 'Each lets you in once when your phone is lost. If somebody else may have seen them, make new ones.'),
    actionButton('Make new codes', renew, { kind: 'primary' }));
}

async function renew() {
  await confirm('Make new recovery codes?', 'You get ten new codes. All the old ones stop working at once.', 'Make new codes');
  const { recovery_codes: codes } = await post('otp/recovery-codes');
  replace(HERE, { codes });
}
