import { get } from '../api.js';
import { call, el, page, part, to } from '../dom.js';
import { has, me } from '../identity.js';
import { isUnsaved } from '../kept.js';
import { hasMail } from '../mail-links.js';
import { ago } from '../time.js';
import { emailCards, verified } from './email.js';

export async function account() {
  const { user, session } = me();
  const [{ remaining }, { sessions }] = await Promise.all([get('otp/recovery-codes'), get('sessions')]);
  return page('Your account',
    el('p.lead', `Hello, ${user.name}.`),
    hasMail() && emailCards(user),
    !user.otp_enabled && invitation(),
    part('Security',
      el('dl.rows',
        row('Two-factor authentication', state(user), '#/two-factor', user.otp_enabled ? 'Manage' : 'Set up'),
        user.otp_enabled && row('Recovery codes', [left(remaining), ' ', isUnsaved(user) && el('span.badge.bad', 'Not saved')], '#/two-factor/recovery-codes', 'Manage'),
        row('Passkeys', has('passkey') ? 'In use' : 'None', '#/two-factor', 'Manage'),
        row('Password', null, '#/password', 'Change'),
        row('Sessions', `${sessions.length} active`, '#/sessions', 'Review'),
        row('Activity', ['You signed in ', ago(session.created_at)], '#/events', 'Review'))),
    part('Profile',
      el('dl.rows',
        row('Name', user.name),
        row('Email address', [user.email, ' ', hasMail() && verified(user)], hasMail() && '#/email', 'Change'),
        row('Account created', ago(user.created_at)))),
    el('p.aside', to('/delete', 'Delete this account', '.danger')));
}

const invitation = () => call('A password alone can be stolen',
  el('p', 'With two-factor authentication, nobody can sign in without a code from your phone. Setting it up takes two minutes.'),
  to('/two-factor/set-up', 'Set it up', '.button.primary'));

const state = ({ otp_enabled: on }) => el('span', { class: on ? 'badge good' : 'badge' }, on ? 'On' : 'Off');

const left = (remaining) => el('span', { class: remaining < 4 ? 'badge bad' : '' }, `${remaining} of 10 left`);

function row(term, value, href, action) {
  return el('div',
    el('dt', term),
    value && el('dd', value),
    href && el('dd.way', el('a', { href, 'aria-label': `${action}: ${term.toLowerCase()}` }, action)));
}
