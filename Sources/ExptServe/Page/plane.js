// A plane of the latents: points to look at, and a place to drag.
import { check, choice, command, complain, draw, element, field, svgElement } from './build.js';
import { address, ask, send } from './server.js';
import { get, set } from './state.js';

// Whether the browser tells of a move at once, and not only before it draws the next frame.
const isEarly = 'onpointerrawupdate' in window;

export function planePane(model, shared, chosen) {
  const controls = element('div', { class: 'controls' });
  const box = element('div', { class: 'plane-box', tabindex: '0', role: 'application',
    'aria-label': 'Plane of latents: drag to decode, arrow keys move' });
  const caption = element('p', { class: 'soft' });
  const below = element('div');
  const node = element('section', {}, controls, box, caption, below);
  const back = element('canvas', { id: 'behind', 'aria-hidden': 'true' });
  let plane = null;
  let dots = [];
  let here = null;
  // The way that is being drawn, in the drawing's units; null: none.
  let draws = false;
  let way = null;
  const pane = { node, load, found, seen: () => (plane ? parameters() : undefined) };

  const numbers = model.units.filter((unit) => unit.kind === 'number' || unit.kind === 'sphere')
    .flatMap((unit) => Array.from({ length: unit.count }, (_, place) => unit.start + place));

  function view() {
    const views = available();
    return views.includes(get('plane')) ? get('plane') : views[0];
  }

  function available() {
    return numbers.length > 1 ? ['dims', 'pca', 'tsne'] : [];
  }

  function parameters() {
    return {
      ...shared.source(), view: view(), a: get('a') || numbers[0], b: get('b') || numbers[1],
    };
  }

  async function load() {
    if (!available().length || !model.points) {
      node.replaceChildren(element('p', { class: 'soft' }, model.points
        ? 'These latents have no plane of numbers: move them by their controls.'
        : 'Without images there is no plane to show: move the latents by their controls.'));
      return;
    }
    renderControls();
    if (view() === 'tsne') caption.textContent = 'Making the map …';
    try {
      const answer = await ask('/api/model/plane', {
        ...parameters(), colour: get('colour') || model.colours[0] || '',
      });
      // The server escapes all text of runs in it, as in reports.
      box.innerHTML = answer.figure ?? '';
      caption.textContent = answer.caption;
      prepare();
    } catch (error) { complain(error); }
  }

  function prepare() {
    const svg = box.querySelector('svg.plane');
    if (!svg) return;
    plane = { svg, ...JSON.parse(svg.getAttribute('data-plane')) };
    dots = [...svg.querySelectorAll('circle')].map((circle) => ({
      x: Number(circle.getAttribute('cx')), y: Number(circle.getAttribute('cy')),
    }));
    const frame = element('div', { class: 'plane-box' });
    svg.replaceWith(frame);
    // What moves with the pointer lies above: the browser need not paint a thousand dots again for it.
    const over = svgElement('svg', { class: 'over', viewBox: svg.getAttribute('viewBox') });
    here = svgElement('circle', { class: 'here', r: 6, cx: 0, cy: 0 });
    over.append(here);
    frame.append(back, svg, over);
    hideBackground();
    svg.addEventListener('pointerdown', down);
    svg.addEventListener('pointermove', moveOver);
    if (isEarly) svg.addEventListener('pointerrawupdate', moveOver);
    svg.addEventListener('pointerup', endWay);
    svg.addEventListener('pointerleave', hideThumb);
    svg.addEventListener('dblclick', pick);
    here.style.visibility = 'hidden';
    shared.again();
    if (get('background')) fillBackground();
  }

  function renderControls() {
    const change = (values) => { set(values, { silent: true }); load(); };
    const names = numbers.slice(0, 200).map((number) => [number, `z${number}`]);
    controls.replaceChildren(...[
      field('Plane', choice([['dims', 'two numbers'], ['pca', 'principal components'],
        ['tsne', 't-SNE map']], view(), (value) => change({ plane: value }))),
      ...view() === 'dims' ? [
        field('across', choice(names, get('a') || numbers[0], (value) => change({ a: value }))),
        field('up', choice(names, get('b') || numbers[1], (value) => change({ b: value })))] : [],
      model.colours.length ? field('Colour', choice(model.colours, get('colour') || model.colours[0],
        (value) => change({ colour: value }))) : null,
      check('Draw a way', draws, (on) => { draws = on; }),
      check('Decoded behind', get('background') !== '', (on) => {
        set({ background: on }, { silent: true });
        if (on) fillBackground(); else hideBackground();
      }),
    ].filter(Boolean));
  }

  // Between the drawing's units and the plane's.
  function place(x, y) {
    return { x: plane.x + (x - plane.side / 2) / plane.scale,
      y: plane.y - (y - plane.side / 2) / plane.scale };
  }
  function unit(x, y) {
    return [plane.side / 2 + (x - plane.x) * plane.scale, plane.side / 2 - (y - plane.y) * plane.scale];
  }
  function pointer(event) {
    const frame = plane.svg.getBoundingClientRect();
    const scale = plane.side / frame.width;
    return [(event.clientX - frame.left) * scale, (event.clientY - frame.top) * scale];
  }

  function down(event) {
    if (!event.isPrimary) return;
    plane.svg.setPointerCapture(event.pointerId);
    if (draws) beginWay();
    go(...pointer(event));
  }

  function moveOver(event) {
    if (!event.isPrimary) return;
    const [x, y] = pointer(event);
    if (event.buttons) {
      if (isEarly === (event.type === 'pointermove')) return;
      hideThumb();
      way?.push([x, y]);
      if (way) way.line.setAttribute('points', way.map((point) => point.join(',')).join(' '));
      return go(x, y);
    }
    if (event.type === 'pointermove') showThumb(event, nearest(x, y));
  }

  function go(x, y) {
    const clipped = [x, y].map((value) => Math.min(plane.side, Math.max(0, value)));
    const at = place(...clipped);
    mark(...clipped);
    shared.index = null;
    plane.svg.querySelectorAll('.ellipse').forEach((one) => one.remove());
    shared.point({ ...parameters(), ...at }, pane);
  }

  function mark(x, y) {
    here.style.visibility = 'visible';
    here.setAttribute('cx', x);
    here.setAttribute('cy', y);
  }

  box.addEventListener('keydown', (event) => {
    const step = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] }[event.key];
    if (!step || !plane) return;
    event.preventDefault();
    go(Number(here.getAttribute('cx')) + 6 * step[0], Number(here.getAttribute('cy')) + 6 * step[1]);
  });

  /** Where the latent lies that was decoded; null: this plane cannot tell. */
  function found(where) {
    if (!here) return;
    here.style.visibility = where ? 'visible' : 'hidden';
    if (where) mark(...unit(where.x, where.y));
  }

  // MARK: a way drawn by hand

  function beginWay() {
    plane.svg.querySelectorAll('.way').forEach((one) => one.remove());
    way = [];
    way.line = svgElement('polyline', { class: 'way' });
    plane.svg.append(way.line);
  }

  /** Twelve places along the way, decoded side by side. */
  async function endWay() {
    const drawn = way;
    way = null;
    if (!drawn || drawn.length < 2) return;
    const lengths = [0];
    for (let i = 1; i < drawn.length; i += 1) {
      lengths.push(lengths[i - 1] + Math.hypot(drawn[i][0] - drawn[i - 1][0], drawn[i][1] - drawn[i - 1][1]));
    }
    try {
      const rows = [];
      for (let step = 0; step < 12; step += 1) {
        const target = lengths.at(-1) * step / 11;
        const after = Math.max(1, lengths.findIndex((length) => length >= target));
        const share = (target - lengths[after - 1]) / ((lengths[after] - lengths[after - 1]) || 1);
        const [x, y] = [0, 1].map((axis) => drawn[after - 1][axis] + share * (drawn[after][axis] - drawn[after - 1][axis]));
        const answer = await send('/api/model/decode', {
          ...shared.source(), ...shared.told, latents: shared.latents, place: { ...parameters(), ...place(x, y) },
        });
        rows.push(answer.latents);
      }
      shared.way(rows);
    } catch (error) { complain(error); }
  }

  // MARK: images of points

  function nearest(x, y) {
    let best = null;
    dots.forEach((dot, index) => {
      const distance = (dot.x - x) ** 2 + (dot.y - y) ** 2;
      if (distance < 64 && (!best || distance < best.distance)) best = { index, distance };
    });
    return best?.index ?? null;
  }

  function showThumb(event, index) {
    if (index === null) return hideThumb();
    let thumb = document.getElementById('thumb');
    if (!thumb) {
      thumb = element('div', { id: 'thumb' }, element('img', { alt: '' }), element('span'));
      document.body.append(thumb);
    }
    const url = address('/api/model/example', { ...shared.source(), index });
    if (thumb.firstChild.getAttribute('src') !== url) thumb.firstChild.src = url;
    thumb.lastChild.textContent = `image ${index}`;
    thumb.style.left = `${event.clientX + 14}px`;
    thumb.style.top = `${event.clientY + 14}px`;
  }
  function hideThumb() { document.getElementById('thumb')?.remove(); }

  /** A double click takes an image's own latents, and draws how sure the encoder is of them. */
  async function pick(event) {
    const index = nearest(...pointer(event));
    if (index === null) return;
    try {
      const answer = await ask('/api/model/encoding', { ...parameters(), index });
      if (answer.place) mark(...unit(answer.place.x, answer.place.y));
      if (answer.covariance) ellipse(answer.place, answer.covariance);
      chosen(answer.latents, index, pane);
    } catch (error) { complain(error); }
  }

  /** One and two standard deviations of the posterior. */
  function ellipse(centre, [xx, xy, yy]) {
    plane.svg.querySelectorAll('.ellipse').forEach((one) => one.remove());
    // The square root of the covariance, by its Cholesky factor.
    const l11 = Math.sqrt(xx);
    const l21 = l11 > 0 ? xy / l11 : 0;
    const l22 = Math.sqrt(Math.max(0, yy - l21 * l21));
    for (const radius of [1, 2]) {
      const points = Array.from({ length: 49 }, (_, step) => {
        const [c, s] = [Math.cos(step / 24 * Math.PI), Math.sin(step / 24 * Math.PI)];
        return unit(centre.x + radius * l11 * c, centre.y + radius * (l21 * c + l22 * s)).join(',');
      });
      plane.svg.append(svgElement('polyline', { class: 'ellipse', points: points.join(' ') }));
    }
  }

  /** The decoded pictures of the whole plane, behind its points. */
  async function fillBackground() {
    if (!plane) return;
    try {
      const low = place(0, plane.side);
      const answer = await send('/api/model/background', {
        ...parameters(), ...shared.told, latents: shared.latents, size: 14, x0: low.x, y0: low.y,
        span: plane.side / plane.scale,
      });
      draw(back, answer.png);
      back.hidden = false;
      below.replaceChildren(command(answer.command));
    } catch (error) { complain(error); }
  }

  function hideBackground() {
    back.hidden = true;
    below.replaceChildren();
  }

  return pane;
}
