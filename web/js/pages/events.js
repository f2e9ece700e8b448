import { get } from '../api.js';
import { actionButton } from '../action.js';
import { grouped } from '../activity.js';
import { announce, el, focusOn, page } from '../dom.js';
import { ago } from '../time.js';
import { deviceName, eventName } from '../words.js';

const PAGE = 20;

export async function events() {
  const list = el('ul.items');
  const more = el('div');
  draw(list, more, await fetchPage(), []);
  return page('Activity',
    el('p.lead', 'What happened on your account, newest first. If you don’t recognize something, change your password.'),
    el('section.card', list, more));
}

const fetchPage = (after) => get(`events?limit=${PAGE}${after ? `&after=${encodeURIComponent(after)}` : ''}`);

/** Draws all events again: one that has just been fetched may repeat, or explain, those before it. */
function draw(list, more, { events: fetched, next }, before) {
  const all = [...before, ...fetched];
  const showMore = async () => {
    const shown = list.children.length;
    draw(list, more, await fetchPage(next), all);
    announce(`Showing ${list.dataset.events} events.`);
    focusOn(list.children[shown] ?? list.lastChild);
  };
  list.dataset.events = all.length;
  list.replaceChildren(...grouped(all).map(item));
  more.replaceChildren(next ? actionButton('Show more', showMore, { busy: 'Loading…' }) : '');
}

function item({ kind, at, since, times, isAlarming, ip, user_agent: userAgent }) {
  const from = ip ? `${deviceName(userAgent)} · ${ip}` : 'By the operator';
  return el('li', { class: isAlarming && 'alarming' },
    el('div.what',
      el('strong', eventName(kind) + (times && `, ${times}`)),
      el('p.fine', from),
      times && el('p.fine', 'First: ', ago(since))),
    el('p.fine.when', ago(at)));
}
