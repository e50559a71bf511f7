// Many runs over parallel axes. Drawing a range on an axis leaves the lines that pass through it.
import { command, complain, element, svgElement, warnings } from './build.js';
import { ask } from './server.js';
import { get, select, set } from './state.js';

export function sweepView(place) {
  const said = element('div');
  const figure = element('div', { class: 'parallel-box' });
  const controls = element('div', { class: 'controls' });
  const below = element('div', { class: 'two' });
  const offered = element('div');
  place.append(said, controls, figure, offered, below);
  // By axis: the range of y that is left. In the address by the axis's name, as shares of its height.
  let brushes = new Map();
  let kept = '';
  let page = null;
  let drawn = null;

  async function load() {
    page = await ask('/api/sweep', { where: get('where'), archived: get('archived'), metric: get('metric') });
    complain(null);
    if (!page.figure) {
      said.replaceChildren(page.problem ? element('pre', { class: 'problem' }, page.problem)
        : element('p', {}, page.count < 2
        ? 'A sweep needs two runs or more: change the condition in the table.'
        : 'These runs do not differ in their settings.'));
      controls.replaceChildren();
      figure.replaceChildren();
      below.replaceChildren();
      offered.replaceChildren();
      drawn = null;
      return;
    }
    said.replaceChildren(...warnings(page.warnings),
      element('p', { class: 'soft' }, `${[page.states.join(', '), ...page.notes].join('; ')}.`
        + ' Draw a range on an axis to choose runs.'));
    if (page.figure !== drawn || get('brush') !== kept) {
      drawn = page.figure;
      // The server escapes all text of runs in it, as in reports.
      figure.innerHTML = drawn;
      prepare();
    }
    paint();
    renderBelow();
  }

  function prepare() {
    const svg = figure.firstElementChild;
    // Few axes need not fill the window.
    svg.style.maxWidth = `${1.25 * svg.viewBox.baseVal.width}px`;
    kept = get('brush');
    const given = new Map(kept.split(';').filter(Boolean).map((text) => {
      const [key, ...ends] = text.split('~');
      return [key, ends.map(Number)];
    }));
    brushes = new Map();
    axes().forEach(({ axis, key, low, high }, index) => {
      const x = Number(axis.getAttribute('data-axis'));
      const [top, bottom] = [high, svg.viewBox.baseVal.height];
      const hand = svgElement('rect', { class: 'hand', x: x - 12, width: 24, y: top - 4, height: bottom - top + 4 });
      const mark = svgElement('rect', { class: 'brush', x: x - 7, width: 14, y: 0, height: 0 });
      axis.append(mark, hand);
      let start = null;
      const y = (event) => {
        const box = svg.getBoundingClientRect();
        return (event.clientY - box.top) * svg.viewBox.baseVal.height / box.height;
      };
      hand.addEventListener('pointerdown', (event) => {
        hand.setPointerCapture(event.pointerId);
        start = y(event);
      });
      hand.addEventListener('pointermove', (event) => {
        if (start === null) return;
        show([start, y(event)].sort((a, b) => a - b));
      });
      hand.addEventListener('pointerup', () => { start = null; keep(); });
      function show(ends) {
        if (ends[1] - ends[0] < 2) { brushes.delete(index); ends = [0, 0]; } else brushes.set(index, ends);
        mark.setAttribute('y', ends[0]);
        mark.setAttribute('height', ends[1] - ends[0]);
        paint();
      }
      hand.addEventListener('dblclick', () => { show([0, 0]); keep(); });
      const shares = given.get(key) ?? [];
      if (shares.length === 2 && shares.every(Number.isFinite)) {
        show(shares.map((share) => low + share * (high - low)).sort((a, b) => a - b));
      }
    });
  }

  /** Each axis with its name, and y at its lower and upper end. */
  function axes() {
    return [...figure.querySelectorAll('g[data-axis]')].map((axis) => {
      const line = axis.querySelector('line.axis');
      return { axis, key: axis.getAttribute('data-key'), low: Number(line.getAttribute('y2')),
        high: Number(line.getAttribute('y1')) };
    });
  }

  function written() {
    const all = axes();
    return [...brushes].sort(([a], [b]) => a - b).map(([index, ends]) => {
      const { key, low, high } = all[index];
      return [key, ...ends.map((y) => Number(((y - low) / (high - low)).toFixed(4)))].join('~');
    }).join(';');
  }

  function keep() {
    kept = written();
    set({ brush: kept }, { silent: true });
  }

  /** The numbers of the runs whose lines pass through all ranges. */
  function left() {
    return [...figure.querySelectorAll('polyline[data-run]')].filter((line) => {
      const points = line.getAttribute('points').trim().split(' ').map((point) => Number(point.split(',')[1]));
      return [...brushes].every(([axis, [low, high]]) => points[axis] >= low && points[axis] <= high);
    });
  }

  function paint() {
    const kept = new Set(left());
    figure.querySelectorAll('polyline[data-run]').forEach((line) => {
      line.classList.toggle('faint', !kept.has(line));
    });
    const ids = [...kept].map((line) => page.ids[Number(line.dataset.run)]);
    controls.replaceChildren(
      element('button', {
        type: 'button', disabled: !ids.length, onclick: () => { select(ids); },
      }, `Select ${Math.min(64, ids.length)} of ${page.count}`),
      element('button', {
        type: 'button', disabled: !brushes.size, onclick: () => set({ brush: '' }, { quiet: true }),
      }, 'All'));
  }

  function renderBelow() {
    const progress = element('div');
    progress.innerHTML = page.progress ?? '';
    exptCharts.attach(progress);
    const rows = page.importance.slice(0, 12).map(({ key, share }) => element('tr', {},
      element('td', {}, key), element('td', { class: 'n' }, share.toFixed(2)),
      element('td', {}, element('meter', { min: 0, max: 1, value: share, 'aria-label': key }))));
    offered.replaceChildren(command(page.command));
    below.replaceChildren(progress, element('section', {},
      element('h3', {}, `What decides ${page.metric.replaceAll('_', ' ')}`),
      rows.length ? element('table', {}, element('tbody', {}, ...rows)) : element('p', {}, 'Too few runs to tell.'),
      element('p', { class: 'soft' }, page.importance_note)));
  }

  return { update: load };
}
