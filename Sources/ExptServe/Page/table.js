// The table of runs: only the rows in the window are there, whatever their number.
import { check, command, complain, element, later, quoted } from './build.js';
import { ask } from './server.js';
import { get, select, selected, set, toggle } from './state.js';

const rowHeight = 32;

export function tableView(place) {
  const condition = element('input', {
    class: 'condition', type: 'search', 'aria-label': 'Condition',
    placeholder: 'model.beta > 1 and status == finished', spellcheck: 'false',
    oninput: later(250, () => set({ where: condition.value.trim() }, { quiet: true })),
  });
  condition.value = get('where');
  const problem = element('pre', { class: 'problem', role: 'alert' });
  const summary = element('span', { class: 'soft', role: 'status' });
  const controls = element('div', { class: 'controls' });
  const head = element('thead');
  const body = element('tbody');
  const frame = element('div', { class: 'rows-window', tabindex: '0', 'aria-label': 'Runs' },
    element('table', { 'aria-rowcount': '0' }, head, body));
  const below = element('div');
  place.append(
    element('div', { class: 'controls' },
      element('label', { class: 'grow' }, condition), summary),
    problem, controls, frame, below);

  let page = { total: 0, rows: [], start: 0, keys: [], names: [] };
  let asked = '';

  function request() {
    const count = Math.ceil(frame.clientHeight / rowHeight) + 40;
    const start = Math.max(0, Math.floor(frame.scrollTop / rowHeight) - 20);
    return { where: get('where'), sort: get('sort'), archived: get('archived'), start, count };
  }

  async function load() {
    const wanted = request();
    asked = JSON.stringify(wanted);
    const answer = await ask('/api/runs', wanted);
    if (asked !== JSON.stringify(wanted)) return;
    page = answer;
    complain(null);
    render();
  }

  function render() {
    problem.textContent = page.problem ?? '';
    const archived = page.archived ? `, ${page.archived} archived` : '';
    const leftOut = page.left_out ? `, ${page.left_out} left out that lead elsewhere` : '';
    summary.textContent = `${page.total} of ${page.all} runs in ${page.folder}${archived}${leftOut}`;
    renderControls();
    renderHead();
    renderRows();
    const options = [
      get('where') && `--where=${get('where')}`, get('sort') && `--sort=${get('sort')}`,
      get('archived') && '--archived'].filter(Boolean);
    below.replaceChildren(
      command(['expt', 'runs', ...page.roots, ...options].map(quoted).join(' ')));
  }

  function renderControls() {
    if (controls.contains(document.activeElement)) return;
    controls.replaceChildren(
      element('button', {
        type: 'button', onclick: async () => {
          try {
            select(await ask('/api/ids', { where: get('where'), sort: get('sort') }));
          } catch (error) { complain(error); }
        },
      }, `Select ${Math.min(64, page.total)}`),
      check('Follow the latest', get('follow') !== '', (on) => {
        set({ follow: on });
        if (on && page.rows[0]) select([page.rows[0].id]);
      }),
      check('Archived too', get('archived') !== '', (on) => set({ archived: on })));
  }

  function columns() {
    return [
      ['', null], ['run', 'path'], ['status', 'status'], ['epochs', 'epochs'],
      ...(page.metric ? [[page.metric.replaceAll('_', ' '), page.metric],
        ['best', `best.${page.metric}`]] : []),
      ['age', 'age'], ['tags', null],
      ...page.names.map((name, place) => [name, page.keys[place]]),
    ];
  }

  function renderHead() {
    const sort = get('sort');
    head.replaceChildren(element('tr', {}, ...columns().map(([title, key]) => {
      if (!key) return element('th', {}, title);
      const way = sort === key ? 'ascending' : sort === `-${key}` ? 'descending' : null;
      const next = way === 'ascending' ? `-${key}` : way === 'descending' ? '' : key;
      const mark = way === 'ascending' ? ' ↑' : way === 'descending' ? ' ↓' : '';
      return element('th', { 'aria-sort': way }, element('button', {
        type: 'button', onclick: () => set({ sort: next }, { quiet: true }),
      }, title + mark));
    })));
  }

  function renderRows() {
    const width = columns().length;
    const spacer = (rows) => {
      const cell = element('td', { colspan: width });
      cell.style.height = `${rows * rowHeight}px`;
      return element('tr', { class: 'spacer', 'aria-hidden': 'true' }, cell);
    };
    const chosen = new Set(selected());
    const focused = document.activeElement?.closest?.('tr')?.dataset.id;
    const rows = page.rows.filter(Boolean).map((row, place) => rowElement(row, place, chosen));
    frame.firstChild.setAttribute('aria-rowcount', page.total);
    body.replaceChildren(spacer(page.start), ...rows,
      spacer(Math.max(0, page.total - page.start - page.rows.length)));
    if (focused) {
      body.querySelector(`tr[data-id="${focused}"] input`)?.focus({ preventScroll: true });
    }
  }

  function rowElement(row, place, chosen) {
    const box = element('input', {
      type: 'checkbox', 'aria-label': `Select ${row.label}`, onchange: () => toggle(row.id),
    });
    box.checked = chosen.has(row.id);
    const stale = row.progress ? `, ${row.progress}` : row.silent ? ` (last written ${row.silent} ago)` : '';
    const cells = [
      element('td', {}, box),
      element('td', { class: 'label', title: row.note || row.problem || row.label },
        element('button', { type: 'button', onclick: () => open(row) },
          (row.pinned ? '📌 ' : '') + row.label)),
      element('td', { class: `state-${row.state}`, title: row.problem ?? '' }, row.state + stale),
      element('td', { class: 'n' }, row.planned ? `${row.epochs}/${row.planned}` : `${row.epochs}`),
    ];
    if (page.metric) {
      cells.push(element('td', { class: 'n' }, row.last ?? '–'),
        element('td', { class: 'n' },
          row.best === null ? '–' : `${row.best} @${row.best_epoch ?? '?'}`));
    }
    cells.push(element('td', { class: 'n' }, row.age ?? ''), element('td', {}, row.tags.join(' ')),
      ...row.values.map((value) => element('td', {}, value)));
    return element('tr', {
      'data-id': row.id, 'aria-selected': String(box.checked),
      'aria-rowindex': page.start + place + 1,
    }, ...cells);
  }

  function open(row) {
    set({ view: 'run', sel: [row.id, ...selected().filter((id) => id !== row.id)].join(',') });
  }

  frame.addEventListener('scroll', later(40, () => load().catch(complain)));
  frame.addEventListener('keydown', (event) => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    const row = event.target.closest?.('tr[data-id]');
    if (event.key === 'Enter' && row && event.target.matches('input')) {
      const found = page.rows.find((one) => one?.id === row.dataset.id);
      if (found) open(found);
    }
    if (!step) return;
    const next = row ? (step > 0 ? row.nextElementSibling : row.previousElementSibling)
      : body.querySelector('tr[data-id]');
    const box = next?.querySelector('input');
    if (!box) return;
    event.preventDefault();
    box.focus();
  });

  return {
    async update() {
      if (document.activeElement !== condition && condition.value !== get('where')) {
        condition.value = get('where');
      }
      await load();
    },
  };
}
