// Samples, traversals, and ways between latents that somebody has kept.
import { check, choice, command, complain, draw, element, field } from './build.js';
import { ask, send } from './server.js';

export function walksPane(model, shared) {
  const kinds = [...model.sources.length ? [['sample', 'samples']] : [],
    ...model.points ? [['traverse', 'what each dimension does']] : [],
    ['interpolate', 'a way through latents']];
  let kind = kinds[0][0];
  let from = '';
  const options = element('div', { class: 'controls' });
  const canvas = element('canvas', { class: 'pixels', id: 'walk', role: 'img', hidden: true });
  const caption = element('p', { class: 'soft' });
  const below = element('div');
  const kept = [];
  const node = element('section', {}, element('h2', {}, 'Many at once'), options, canvas, caption, below);
  render();

  function number(name, value, attributes) {
    const input = element('input', { type: 'number', value, name, size: 5, ...attributes });
    return input;
  }

  function render() {
    const what = field('Show', choice(kinds, kind, (value) => { kind = value; render(); }));
    const show = (body) => element('button', { type: 'button', onclick: body }, 'Show');
    if (kind === 'sample') {
      options.replaceChildren(what, ...samples(show));
    } else if (kind === 'traverse') {
      const image = number('image', 0, { min: 0, max: model.points - 1 });
      const range = number('range', 3, { min: 0, max: 10, step: 0.5 });
      const steps = number('steps', 11, { min: 2, max: 32 });
      options.replaceChildren(what, field('Image', image), field('Range', range),
        field('Steps', steps), show(() => picture(ask('/api/model/traverse', {
          ...shared.source(), image: image.value, range: range.value, steps: steps.value,
        }))));
    } else {
      const steps = number('steps', 10, { min: 2, max: 32 });
      let isSpherical = false;
      const count = element('output', {}, `${kept.length} kept`);
      options.replaceChildren(what,
        element('button', {
          type: 'button', onclick: () => {
            kept.push([...shared.latents]);
            count.textContent = `${kept.length} kept`;
          },
        }, 'Keep this place'), count,
        element('button', {
          type: 'button', onclick: () => { kept.length = 0; count.textContent = '0 kept'; },
        }, 'Forget'),
        field('Steps', steps), check('Spherical', false, (on) => { isSpherical = on; }),
        show(() => {
          if (kept.length < 2) {
            complain('Keep two places or more: move the latents, and press “Keep this place” at each.');
            return;
          }
          picture(send('/api/model/interpolate', {
            ...shared.source(), latents: kept.flat(), steps: Number(steps.value),
            spherical: isSpherical, ...shared.told,
          }));
        }));
    }
  }

  /** Controls for samples of the prior, or of a sampler that was fitted. */
  function samples(show) {
    const source = model.sources.find(({ name }) => name === from) ?? model.sources[0];
    const seed = number('seed', model.seed, { min: 0 });
    const count = number('count', 64, { min: 1, max: 256 });
    const heat = element('input', { type: 'range', min: 0, max: 2, step: 0.05, value: 1, name: 'temperature' });
    const said = element('output', {}, '1');
    let told = source.classes ? { label: source.classes[0] } : {};
    const body = () => picture(ask('/api/model/sample', {
      ...shared.source(), sampler: source.name, seed: seed.value, count: count.value,
      temperature: heat.value, ...shared.told, ...told,
    }));
    heat.addEventListener('input', () => { said.textContent = heat.value; body(); });
    return [
      field('from', choice(model.sources.map(({ name, title }) => [name, title]), source.name,
        (value) => { from = value; render(); })),
      ...source.classes ? [field('of class', choice(source.classes, source.classes[0],
        (value) => { told = { label: value }; body(); }))] : [],
      field('Seed', seed), field('Count', count),
      ...source.tempered ? [field('Temperature', heat), said]
        : [element('span', { class: 'soft' },
          `no temperature: ${source.title} has no standard deviation to scale`)],
      ...source.stale ? [element('span', { class: 'warning' },
        `fitted to the latents of ${source.stale}: fit it again`)] : [],
      show(body)];
  }

  async function picture(asked) {
    try {
      const answer = await asked;
      if (!answer) return;
      draw(canvas, answer.png);
      const zoom = Math.max(1, Math.min(3, Math.floor(900 / answer.width)));
      canvas.style.width = `${answer.width * zoom}px`;
      canvas.hidden = false;
      canvas.setAttribute('aria-label', kinds.find(([name]) => name === kind)[1]);
      canvas.dataset.kind = kind;
      caption.textContent = answer.rows ? `Rows: ${answer.rows.join(', ')}.` : '';
      below.replaceChildren(command(answer.command));
      complain(null);
    } catch (error) { complain(error); }
  }

  function way(rows) {
    picture(send('/api/model/decode', {
      ...shared.source(), ...shared.told, latents: rows.flat(), columns: rows.length,
    }));
  }

  return { node, way };
}
