// Curves of the selected runs, drawn by the server with the code of reports.
import { check, choice, command, complain, element, field, quoted, svgElement, warnings } from './build.js';
import { ask } from './server.js';
import { get, selected, set } from './state.js';

export function curvesView(place) {
  const controls = element('div', { class: 'controls' });
  const said = element('div');
  const figure = element('div', { class: 'curve' });
  const below = element('div');
  place.append(controls, said, figure, below);
  let metrics = [];
  let metric = '';
  let drawn = '';
  let paths = [];
  let number = 0;

  function parameters() {
    return {
      runs: selected().join(','), metric: get('metric'), x: get('x'), smooth: get('smooth'),
      logx: get('logx'), logy: get('logy'), seeds: get('seeds'), from: get('from'), to: get('to'),
    };
  }

  async function load() {
    if (!selected().length) {
      controls.replaceChildren();
      said.replaceChildren(element('p', {}, 'Select runs in the table first.'));
      figure.replaceChildren();
      below.replaceChildren();
      drawn = '';
      return;
    }
    number += 1;
    const own = number;
    const [answer, { chosen }] = await Promise.all([
      ask('/api/curves', parameters()), ask('/api/runs', { ids: selected().join(','), count: 0 })]);
    if (own !== number) return;
    complain(null);
    ({ metrics, metric } = answer);
    paths = chosen.map((run) => run.path);
    renderControls();
    said.replaceChildren(...warnings(answer.warnings));
    if (answer.figure !== drawn) {
      drawn = answer.figure;
      // The server escapes all text of runs in it, as in reports.
      figure.innerHTML = drawn ?? '<p>There is nothing to draw yet.</p>';
      exptCharts.attach(figure);
      figure.querySelectorAll('svg[data-chart]').forEach(zoomable);
    }
    below.replaceChildren(command(words().map(quoted).join(' ')));
  }

  function words() {
    const options = [`--metric=${metric}`];
    if (get('x')) options.push(`--x=${get('x')}`);
    if (get('smooth')) options.push(`--smooth=${get('smooth')}`);
    if (get('logx')) options.push('--log-x');
    if (get('logy')) options.push('--log-y');
    if (get('seeds')) options.push('--seeds');
    if (get('from')) options.push(`--from=${get('from')}`, `--to=${get('to')}`);
    return ['expt', 'curves', ...paths, ...options];
  }

  function renderControls() {
    if (controls.contains(document.activeElement)
      && document.activeElement.matches('input[type=range]')) return;
    const change = (values) => set(values, { quiet: true });
    const smooth = element('input', {
      type: 'range', min: '0', max: '0.99', step: '0.01', 'aria-label': 'Smoothing',
      oninput: () => change({ smooth: smooth.value === '0' ? '' : smooth.value }),
    });
    smooth.value = get('smooth') || '0';
    controls.replaceChildren(
      field('Metric', choice(metrics.map((name) => [name, name.replaceAll('_', ' ')]), metric,
        (value) => change({ metric: value }))),
      field('By', choice(['epoch', 'step', 'time'], get('x') || 'epoch',
        (value) => change({ x: value === 'epoch' ? '' : value, from: '', to: '' }))),
      field('Smoothing', smooth),
      check('Log x', get('logx') !== '', (on) => change({ logx: on })),
      check('Log y', get('logy') !== '', (on) => change({ logy: on })),
      check('Bands over seeds', get('seeds') !== '', (on) => change({ seeds: on })));
    if (get('from')) {
      controls.append(element('button', {
        type: 'button', onclick: () => change({ from: '', to: '' }),
      }, 'Show all'));
    }
  }

  /**
   * Drawing a box with the pointer or a finger shows that part of x; two fingers stretch it or shrink it,
   * so that what was below them comes to where they are lifted.
   */
  function zoomable(svg) {
    const chart = JSON.parse(svg.getAttribute('data-chart'));
    const box = svgElement('rect', { class: 'zoom', y: 18, height: 192, width: 0 });
    // By pointer: where it began and where it is, as shares of the axis.
    const held = new Map();
    let range = null;
    const share = (event) => exptCharts.valueAt(chart, svg, event.clientX).share;
    const inside = (value) => Math.min(1, Math.max(0, value));

    function wanted() {
      const [a, b] = held.values();
      if (!b) return [a.start, a.now].map(inside).sort((one, other) => one - other);
      const scale = (b.start - a.start) / (b.now - a.now);
      if (!(scale > 0.02 && scale < 50)) return null;
      const low = a.start - a.now * scale;
      return [low, low + scale];
    }
    svg.addEventListener('pointerdown', (event) => {
      if (held.size === 2) return;
      held.set(event.pointerId, { start: share(event), now: share(event) });
      // The first finger's box becomes nothing where a second one comes.
      if (held.size === 2) for (const one of held.values()) one.start = one.now;
      range = null;
      svg.append(box);
      svg.setPointerCapture(event.pointerId);
    });
    svg.addEventListener('pointermove', (event) => {
      const pointer = held.get(event.pointerId);
      if (!pointer) return;
      pointer.now = share(event);
      range = wanted();
      const [low, high] = (range ?? [0, 0]).map(inside);
      box.setAttribute('x', chart.left + low * chart.plot);
      box.setAttribute('width', (high - low) * chart.plot);
    });
    svg.addEventListener('pointercancel', () => { held.clear(); box.remove(); });
    svg.addEventListener('pointerup', (event) => {
      if (!held.delete(event.pointerId)) return;
      // The other finger draws no box.
      held.clear();
      box.remove();
      if (!range || range[1] - range[0] < 0.02) return;
      const frame = svg.getBoundingClientRect();
      const [from, to] = range.map((one) => exptCharts.valueAt(chart, svg,
        frame.left + (chart.left + one * chart.plot) * frame.width / chart.width).x);
      // Beyond all that there is, there is nothing to see.
      const isAll = range[0] <= 0 && range[1] >= 1 && !get('from');
      if (!isAll) set({ from: from.toPrecision(6), to: to.toPrecision(6) });
    });
  }

  return { update: load };
}
