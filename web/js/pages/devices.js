import { get, remove, removeOnce } from '../api.js';
import { actionButton } from '../action.js';
import { el, part } from '../dom.js';
import { redraw } from '../router.js';
import { ago } from '../time.js';
import { deviceName } from '../words.js';

/** The devices that sign in without a second factor. Nothing, if there are none. */
export async function devices() {
  const { devices: all } = await get('devices');
  return all.length > 0 && part('Trusted devices',
    el('p', 'On these devices your password alone signs you in. Remove any that you don’t recognize, or that others use.'),
    el('ul.items', all.map(item)),
    actionButton('Remove all', dropAll, { kind: 'danger', busy: 'Removing…', label: 'Remove all trusted devices' }));
}

function item({ id, current, user_agent: userAgent, created_at: created, last_seen_at: seen, ip }) {
  const name = deviceName(userAgent);
  return el('li',
    el('div.what',
      el('strong', name, current && ' (this device)'),
      el('p.fine', 'Trusted ', ago(created)),
      el('p.fine', 'Last used ', ago(seen), ' at ', ip)),
    actionButton('Remove', () => drop(id, name), { busy: 'Removing…', label: `Remove ${name}` }));
}

async function drop(id, name) {
  await removeOnce('devices', id);
  redraw({ announcement: `${name} is no longer trusted.` });
}

async function dropAll() {
  await remove('devices');
  redraw({ announcement: 'No device is trusted any more.' });
}
