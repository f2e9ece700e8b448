import { get, lostAs, post } from '../api.js';
import { actionButton } from '../action.js';
import { confirm } from '../dialog.js';
import { button, el, page, to } from '../dom.js';
import { checkField, form } from '../form.js';
import { me } from '../identity.js';
import { isUnsaved, markSaved, replacingCodes } from '../kept.js';
import { guardPage, redraw, replace } from '../router.js';
import { copyButton } from './copy.js';

const HERE = '/two-factor/recovery-codes';

/** Shows new codes once, when they are handed over; otherwise how many are left. */
export async function recoveryCodes({ codes, notice }) {
  return page(codes ? 'Save your recovery codes' : 'Recovery codes',
    notice && el('p.notice', notice),
    codes ? fresh(codes) : await left());
}

function fresh(codes) {
  guardPage(askToLeave);
  const title = `Recovery codes for ${me().user.email} at ${location.host}`;
  const list = el('ol.codes', codes.map((code) => el('li', el('code', code))));
  const text = [title, 'Each code works once.', '', ...codes, ''].join('\n');
  const badge = el('span.badge.bad', 'Not saved yet');
  return el('section.card.print',
    el('p.notice', 'You’ll only see these codes once. Keep them where you can reach them without this device: on paper or in a password manager.'),
    el('p.on-paper', `${title}. Each code works once.`),
    list,
    el('div.buttons',
      copyButton('Copy', () => text, list),
      button('Download', () => download(text)),
      button('Print', () => print()),
      badge),
    form({
      fields: [checkField({
        name: 'saved', label: 'I have saved these codes', missing: 'Save the codes first, then tick this box.',
        onchange: (isSaved) => settle(isSaved, badge),
      })],
      button: 'Continue',
      submit: () => replace('/two-factor'),
    }));
}

/** Until the codes are saved, leaving the page asks first. */
function settle(isSaved, badge) {
  if (isSaved) markSaved();
  guardPage(isSaved ? null : askToLeave);
  badge.hidden = isSaved;
}

const askToLeave = () => confirm('Leave without saving your recovery codes?',
  'You won’t see these codes again. Without them you can’t sign in if you lose your devices.',
  'Leave without saving', 'Stay on this page');

// A blob's address reveals nothing in the browser's list of downloads.
function download(text) {
  const href = URL.createObjectURL(new Blob([text], { type: 'text/plain' }));
  el('a', { href, download: 'recovery-codes.txt' }).click();
  setTimeout(() => URL.revokeObjectURL(href), 10_000);
}

async function left() {
  const { user } = me();
  if (!user.otp_enabled) return el('p', 'You get recovery codes when you ', to('/two-factor', 'turn on two-factor authentication'), '.');
  const { remaining } = await get('otp/recovery-codes');
  return el('section.card',
    el('p.figure', el('strong', String(remaining)), ' of 10 left'),
    isUnsaved(user) && unsaved(),
    remaining < 4 && el('p.notice', 'You are running out. Make new codes now, while you can sign in.'),
    el('p', 'Each code lets you sign in once without your phone or passkey. If someone else may have seen them, make new ones.'),
    actionButton('Make new codes', renew, { kind: 'primary' }));
}

const unsaved = () => el('div.notice.bad.stack',
  el('p', 'You haven’t confirmed that you saved your latest codes. If you don’t have them, make new ones now.'),
  button('I have them', () => {
    markSaved();
    redraw();
  }));

async function renew() {
  await confirm('Make new recovery codes?', 'You get ten new codes. All your old codes stop working immediately.', 'Make new codes');
  const { recovery_codes: codes } = await replacingCodes(me().user, () => post('otp/recovery-codes')).catch(lostAs('renewal_lost'));
  replace(HERE, { codes });
}
