// What is shown stands in the address behind '#', so that a link shows the same view.

const listeners = new Set();
let values = read();

function read() {
  return Object.fromEntries(new URLSearchParams(location.hash.slice(1)));
}

addEventListener('hashchange', () => {
  values = read();
  for (const listener of listeners) listener();
});

/** The value of a name, or an empty text. */
export function get(name) { return values[name] ?? ''; }

/** Changes some values; empty ones leave the address. The browser's history gets no entry for `quiet` ones. */
export function set(changes, { quiet = false, silent = false } = {}) {
  const next = { ...values };
  for (const [name, value] of Object.entries(changes)) {
    if (value === '' || value === null || value === undefined || value === false) delete next[name];
    else next[name] = value === true ? '1' : String(value);
  }
  const before = String(new URLSearchParams(values));
  values = next;
  const text = String(new URLSearchParams(next));
  if (text === before) return;
  const url = `${location.pathname}#${text}`;
  if (quiet || silent) history.replaceState(null, '', url); else history.pushState(null, '', url);
  if (!silent) for (const listener of listeners) listener();
}

export function onChange(listener) { listeners.add(listener); }

addEventListener('popstate', () => {
  values = read();
  for (const listener of listeners) listener();
});

/** The ids of the selected runs, in the order they were selected. */
export function selected() { return get('sel').split(',').filter(Boolean); }

export function select(ids, options) { set({ sel: ids.slice(0, 64).join(',') }, options); }

export function toggle(id) {
  const now = selected();
  select(now.includes(id) ? now.filter((one) => one !== id) : [...now, id], { quiet: true });
}
