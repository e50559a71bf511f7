// Controls for the latents themselves, the most important first.
import { element, svgElement } from './build.js';

const most = 24;

export function sliderPane(model, shared) {
  const list = element('div', { class: 'sliders' });
  const node = element('section', {}, element('h2', {}, 'Latents'),
    element('p', { class: 'soft' }, model.codes
      ? 'Each place of the grid has a code; write another.'
      : `By KL, the highest first${model.units.length > most ? `; the first ${most}` : ''}. `
        + 'Behind each stands the density of its prior, or of the latents.'), list);
  const setters = new Map();
  const pane = { node, moved };
  if (model.codes) grid(); else model.units.slice(0, most).forEach(control);
  moved(shared.latents);

  function change(start, values) {
    const latents = [...shared.latents];
    values.forEach((value, place) => { latents[start + place] = value; });
    shared.move(latents, pane);
  }

  function control(unit) {
    if (unit.kind === 'bit') return bit(unit);
    if (unit.kind === 'choice') return choices(unit);
    for (let place = 0; place < unit.count; place += 1) slider(unit, place);
  }

  function row(unit, name, input, after) {
    const title = /^\d+$/.test(name) ? `z${name}` : name;
    list.append(element('label', { class: 'slider' }, element('span', {}, title,
      unit.kl === null ? '' : element('span', { class: 'soft' }, ` ${unit.kl.toFixed(2)} nats`)), input, after));
  }

  function slider(unit, place) {
    const isSphere = unit.kind === 'sphere';
    const [centre, spread] = isSphere ? [0, 1 / 3] : [unit.centre, unit.spread || 1];
    const value = element('output', { class: 'n' });
    const input = element('input', {
      type: 'range', min: centre - 4 * spread, max: centre + 4 * spread, step: spread / 50,
      'aria-label': `z ${unit.name}${isSphere ? ` axis ${place}` : ''}`,
      oninput: () => {
        value.textContent = Number(input.value).toFixed(2);
        change(unit.start + place, [Number(input.value)]);
      },
    });
    const track = element('span', { class: 'track' });
    if (!isSphere) track.append(bell());
    track.append(input);
    row(unit, unit.name, track, value);
    setters.set(unit.start + place, (number) => {
      input.value = number;
      value.textContent = number.toFixed(2);
    });
  }

  /** A Gaussian from −4 to 4 standard deviations. */
  function bell() {
    const svg = svgElement('svg', { viewBox: '0 0 80 20', preserveAspectRatio: 'none', 'aria-hidden': 'true' });
    const points = Array.from({ length: 41 }, (_, step) => {
      const x = step / 5 - 4;
      return `${step * 2},${20 - 18 * Math.exp(-x * x / 2)}`;
    });
    svg.append(svgElement('polygon', { points: `0,20 ${points.join(' ')} 80,20`, fill: '#7f7f7f' }));
    return svg;
  }

  function bit(unit) {
    const input = element('input', {
      type: 'checkbox', 'aria-label': `z ${unit.name}`,
      onchange: () => change(unit.start, [input.checked ? 1 : 0]),
    });
    row(unit, unit.name, input, '');
    setters.set(unit.start, (number) => { input.checked = number > 0.5; });
  }

  function choices(unit) {
    const input = element('input', {
      type: 'number', min: '0', max: String(unit.count - 1), 'aria-label': `z ${unit.name}`,
      oninput: () => {
        const chosen = Number(input.value);
        change(unit.start, Array.from({ length: unit.count }, (_, place) => (place === chosen ? 1 : 0)));
      },
    });
    row(unit, unit.name, input, `of ${unit.count}`);
    for (let place = 0; place < unit.count; place += 1) {
      setters.set(unit.start + place, (number) => { if (number > 0.5) input.value = place; });
    }
  }

  /** The codes of a grid, plane by plane. */
  function grid() {
    const [depth, height, width] = model.codes.grid;
    list.className = '';
    for (let plane = 0; plane < depth; plane += 1) {
      const table = element('div', { class: 'codes', role: 'group', 'aria-label': `Codes, plane ${plane}` });
      table.style.gridTemplateColumns = `repeat(${width}, max-content)`;
      for (let place = 0; place < height * width; place += 1) {
        const number = plane * height * width + place;
        const input = element('input', {
          type: 'number', min: '0', max: String(model.codes.size - 1),
          'aria-label': `Code in row ${Math.floor(place / width)}, column ${place % width}`,
          oninput: () => change(number, [Number(input.value)]),
        });
        setters.set(number, (value) => { input.value = value; });
        table.append(input);
      }
      list.append(table);
    }
  }

  function moved(latents) {
    for (const [number, setter] of setters) {
      if (Number.isFinite(latents[number])) setter(latents[number]);
    }
  }

  return pane;
}
