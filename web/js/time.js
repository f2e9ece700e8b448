// Times and durations in words.

import { el } from './dom.js';

const UNITS = [['year', 31_536_000], ['month', 2_592_000], ['day', 86_400], ['hour', 3_600], ['minute', 60]];
const relative = new Intl.RelativeTimeFormat('en', { numeric: 'auto' });
const absolute = new Intl.DateTimeFormat('en-GB', { dateStyle: 'medium', timeStyle: 'short' });

/** “2 minutes ago”. The exact time is its title, and beside it where there is no pointer to hover with (see app.css). */
export function ago(moment) {
  const date = new Date(moment);
  return el('time', { datetime: moment, title: absolute.format(date) }, fromNow(date));
}

function fromNow(date) {
  const seconds = (date - Date.now()) / 1000;
  const unit = UNITS.find(([, length]) => Math.abs(seconds) >= length);
  return unit ? relative.format(Math.trunc(seconds / unit[1]), unit[0]) : 'just now';
}

/** Seconds left as “29 s” or “14:59”. */
export function clock(seconds) {
  if (seconds < 60) return `${seconds} s`;
  const two = (number) => String(number).padStart(2, '0');
  const [hours, minutes] = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60];
  return hours ? `${hours}:${two(minutes)}:${two(seconds % 60)}` : `${minutes}:${two(seconds % 60)}`;
}

/** A moment as “on 27 Nov 2026, 14:03”. */
export const momentInWords = (moment) => `on ${absolute.format(new Date(moment))}`;
