import { get, remove, removeOnce } from '../api.js';
import { actionButton } from '../action.js';
import { el, page, part } from '../dom.js';
import { redraw } from '../router.js';
import { signOutButton } from '../shell.js';
import { ago } from '../time.js';
import { deviceName } from '../words.js';

export async function sessions() {
  const { sessions: all } = await get('sessions');
  const present = all.filter(({ current }) => current);
  const others = all.filter(({ current }) => !current);
  return page('Sessions',
    el('p.lead', 'Where you are signed in. Sign out any device you don’t recognize, then change your password.'),
    part('This device', list(present)),
    others.length > 0 && part('Elsewhere',
      list(others),
      actionButton('Sign out all others', endOthers, { kind: 'danger', busy: 'Signing out…' })));
}

const list = (some) => el('ul.items', some.map(item));

function item(session) {
  const name = session.kind === 'bearer' ? `API token, ${deviceName(session.user_agent)}` : deviceName(session.user_agent);
  const label = `Sign out ${name}`;
  return el('li',
    el('div.what',
      el('strong', name),
      el('p.fine', 'Signed in ', ago(session.created_at), session.aal === 'aal2' ? ' with two factors' : ' with a password only'),
      el('p.fine', 'Last seen ', ago(session.last_seen_at), ' at ', session.ip)),
    session.current ? signOutButton(label) : actionButton('Sign out', () => end(session.id, name), { busy: 'Signing out…', label }));
}

async function end(id, name) {
  await removeOnce('sessions', id);
  redraw({ announcement: `${name} has been signed out.` });
}

async function endOthers() {
  await remove('sessions');
  redraw({ announcement: 'All other sessions have been signed out.' });
}
