// Elements, and what screen readers need on every page: announcements and focus.

/** The service's name, which its operator chose. */
export const NAME = document.title;

/**
 * Makes an element: `el('p.fine', { id }, child…)`, the attributes being optional. Text always becomes a text
 * node, so data can never turn into markup.
 */
export function el(kind, ...children) {
  const [tag, ...classes] = kind.split('.');
  const element = document.createElement(tag);
  element.classList.add(...classes);
  const attributes = children[0]?.constructor === Object ? children.shift() : {};
  for (const [name, value] of Object.entries(attributes)) {
    if (typeof value === 'function') element.addEventListener(name.slice(2), value);
    else if (value !== false && value != null) element.setAttribute(name, value === true ? '' : value);
  }
  element.append(...children.flat().filter((child) => child != null && child !== false));
  return element;
}

const titled = (kind, level) => (title, ...content) => el(kind, el(level, title), ...content);

/** A page of several cards; a card that is the whole page; a part of a page; a part that asks for something. */
export const page = titled('div.page', 'h1');
export const card = titled('section.card', 'h1');
export const part = titled('section.card', 'h2');
export const call = titled('section.card.call', 'h2');

export const button = (name, onclick, attributes) => el('button', { type: 'button', onclick, ...attributes }, name);

/** A link to a page. */
export const to = (path, name, kind = '') => el(`a${kind}`, { href: `#${path}` }, name);

const PATHS = {
  home: 'M4 11.5 12 5l8 6.5V20h-5.5v-5h-5v5H4z',
  shield: 'M12 3.5 5 6v5.5c0 4.2 2.9 7.5 7 9 4.1-1.5 7-4.8 7-9V6zM9 12l2.2 2.2L15.2 10',
  screen: 'M4 5h16v10.5H4zM9 19.5h6M12 15.5v4',
  key: 'M15.5 4a4.5 4.5 0 1 1-3.8 6.9L4 18.5V21h3v-2h2v-2h2l2.4-4.4M16.5 8.5v.01',
  clock: 'M12 4a8 8 0 1 1 0 16 8 8 0 0 1 0-16zM12 8v4.5l3 1.8',
};

/** A small line drawing; it never says more than the words beside it. */
export function icon(name) {
  const space = 'http://www.w3.org/2000/svg';
  const svg = document.createElementNS(space, 'svg');
  const path = document.createElementNS(space, 'path');
  svg.setAttribute('viewBox', '0 0 24 24');
  svg.setAttribute('aria-hidden', 'true');
  svg.setAttribute('class', 'icon');
  path.setAttribute('d', PATHS[name]);
  svg.append(path);
  return svg;
}

/** The path and the query of the page, which are in the fragment of the address and so reach no server. */
export function here() {
  const [, path, query] = /^#?([^?]*)\??(.*)/s.exec(location.hash);
  return { path: path || '/sign-in', query: new URLSearchParams(query) };
}

const status = document.getElementById('status');
let clearing;

/** Shows a message for a few seconds; screen readers read it out. */
export function announce(text) {
  clearTimeout(clearing);
  status.textContent = text;
  if (text) clearing = setTimeout(() => { status.textContent = ''; }, 6_000);
}

/** Moves the focus to an element, which need not be focusable by itself. */
export function focusOn(element) {
  if (element.tabIndex < 0) element.tabIndex = -1;
  element.focus();
}

let made = 0;

/** An id that no other element has. */
export const freshId = (prefix) => `${prefix}-${++made}`;
