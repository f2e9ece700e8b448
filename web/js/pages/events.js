import { get } from '../api.js';
import { actionButton } from '../action.js';
import { announce, el, focusOn } from '../dom.js';
import { ago } from '../time.js';
import { deviceName, eventName, isAlarming } from '../words.js';

const PAGE = 20;

export async function events() {
  const first = await fetchPage();
  const list = el('ul.items', first.events.map(item));
  const more = el('div');
  offerMore(more, list, first.next);
  return el('div.page',
    el('h1', 'Activity'),
    el('p.lead', 'What happened to your account, newest first. Something you did not do? Change your password.'),
    el('section.card', list, more));
}

const fetchPage = (after) => get(`events?limit=${PAGE}${after ? `&after=${encodeURIComponent(after)}` : ''}`);

function offerMore(place, list, next) {
  place.replaceChildren(next ? actionButton('Show more', () => showMore(place, list, next), { busy: 'Loading…' }) : '');
}

async function showMore(place, list, after) {
  const { events: older, next } = await fetchPage(after);
  const items = older.map(item);
  list.append(...items);
  offerMore(place, list, next);
  announce(`Showing ${list.children.length} events.`);
  if (items.length) focusOn(items[0]);
}

function item({ kind, at, ip, user_agent: userAgent }) {
  const from = ip ? `${deviceName(userAgent)} · ${ip}` : 'By the operator';
  return el('li', { class: isAlarming(kind) && 'alarming' },
    el('div.what', el('strong', eventName(kind)), el('p.fine', from)),
    el('p.fine.when', ago(at)));
}
