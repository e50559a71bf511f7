// Puts views, the selection and live updates together.
import { complain, element } from './build.js';
import { curvesView } from './curves.js';
import { explorerView } from './explorer.js';
import { picturesView } from './pictures.js';
import { runView } from './run.js';
import { ask, listen } from './server.js';
import { get, onChange, select, selected, set, toggle } from './state.js';
import { sweepView } from './sweep.js';
import { tableView } from './table.js';

const views = {
  runs: ['Runs', tableView],
  curves: ['Curves', curvesView],
  sweep: ['Sweep', sweepView],
  pictures: ['Pictures', picturesView],
  explorer: ['Explorer', explorerView],
  run: ['Run', runView],
};

// The token has done its work: the cookie stands for it now.
if (location.search) history.replaceState(null, '', location.pathname + location.hash);

const place = document.getElementById('view');
let current = null;
let shown = null;

function show() {
  const name = views[get('view')] ? get('view') : 'runs';
  if (name !== shown) {
    current?.end?.();
    place.replaceChildren();
    shown = name;
    complain(null);
    current = views[name][1](place);
    document.title = `${views[name][0]} · expt`;
    tabs.get(name).scrollIntoView({ block: 'nearest', inline: 'nearest' });
  }
  showTabs(name);
  showSelection();
  update(false);
}

// Made once, so that the keyboard's place stays.
const tabs = new Map(Object.entries(views).map(([key, [title]]) =>
  [key, element('button', { type: 'button', onclick: () => set({ view: key }) }, title)]));
document.getElementById('views').append(...tabs.values());

function showTabs(name) {
  for (const [key, tab] of tabs) {
    if (key === name) tab.setAttribute('aria-current', 'page');
    else tab.removeAttribute('aria-current');
  }
}

/** Shows what the state says; `isNews` where the runs have changed instead. */
async function update(isNews, news) {
  try {
    await current?.update?.(isNews, news);
  } catch (error) { complain(error); }
}

let labels = new Map();
async function showSelection() {
  const ids = selected();
  const bar = document.getElementById('chosen');
  if (ids.some((id) => !labels.has(id))) {
    try {
      const { chosen } = await ask('/api/runs', { ids: ids.join(','), count: 0 });
      for (const run of chosen) labels.set(run.id, run.label);
    } catch (error) { complain(error); }
    // Runs that are gone leave the selection.
    const left = ids.filter((id) => labels.has(id));
    if (left.length < ids.length) return select(left, { quiet: true });
  }
  bar.replaceChildren(...ids.map((id) => element('span', { class: 'chip' }, labels.get(id) ?? id,
    element('button', {
      type: 'button', 'aria-label': `Leave ${labels.get(id)} out`, onclick: () => toggle(id),
    }, '×'))));
  if (ids.length > 1) {
    bar.append(element('button', { type: 'button', onclick: () => select([]) }, 'None'));
  }
}

const live = document.getElementById('live');
listen(async (news) => {
  if (get('follow')) await follow();
  await update(true, news);
}, (isConnected) => {
  live.textContent = isConnected ? 'live' : 'no answer from expt serve: trying again';
});

/** Selects the newest run. */
async function follow() {
  try {
    const { rows } = await ask('/api/runs', { count: 1 });
    const newest = rows.find((row) => row && !row.pinned) ?? rows[0];
    if (newest) select([newest.id], { quiet: true });
  } catch (error) { complain(error); }
}

// 1 … 6 choose a view, / goes to the condition.
addEventListener('keydown', (event) => {
  if (event.target.matches('input, textarea, select') || event.ctrlKey || event.metaKey
    || event.altKey) return;
  const names = Object.keys(views);
  if (names[Number(event.key) - 1]) set({ view: names[Number(event.key) - 1] });
  if (event.key === '/' && shown === 'runs') {
    event.preventDefault();
    document.querySelector('input.condition')?.focus();
  }
});

onChange(show);
show();
