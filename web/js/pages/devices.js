import { get, remove } from '../api.js';
import { actionButton } from '../action.js';
import { confirm } from '../dialog.js';
import { el } from '../dom.js';
import { replace } from '../router.js';
import { ago } from '../time.js';
import { deviceName } from '../words.js';

const HERE = '/two-factor';

/** The devices that need no second factor to sign in. Nothing, if there are none. */
export async function devices() {
  const { devices: all } = await get('devices').catch((error) => {
    if (error.status !== 404) throw error;
    return { devices: [] };
  });
  return all.length > 0 && el('section.card',
    el('h2', 'Trusted devices'),
    el('p', 'On these devices your password alone signs you in. Remove any that you don’t recognize, or that others use.'),
    el('ul.items', all.map(item)),
    actionButton('Remove all', dropAll, { kind: 'danger', busy: 'Removing…', label: 'Remove all trusted devices' }));
}

function item({ id, user_agent: userAgent, ip, created_at: created, last_used_at: used }) {
  const name = deviceName(userAgent);
  return el('li',
    el('div.what',
      el('strong', name),
      el('p.fine', 'Trusted ', ago(created)),
      used && el('p.fine', 'Last used ', ago(used), ip && ` at ${ip}`)),
    actionButton('Remove', () => drop(id, name), { busy: 'Removing…', label: `Remove ${name}` }));
}

async function drop(id, name) {
  // A device that is gone already counts as removed.
  await remove(`devices/${encodeURIComponent(id)}`).catch((error) => {
    if (error.code !== 'device_not_found') throw error;
  });
  replace(HERE, { announcement: `${name} is no longer trusted.` });
}

async function dropAll() {
  await confirm('Remove all trusted devices?', 'Each of them needs a second factor the next time you sign in.', 'Remove all');
  await remove('devices');
  replace(HERE, { announcement: 'No device is trusted any more.' });
}
