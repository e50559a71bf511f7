// An image of one's own: dropped, pasted, chosen or drawn. The browser decodes it; pixels are sent.
import { check, complain, draw, element, later } from './build.js';
import { address, send } from './server.js';

export function ownImage(model, shared) {
  const [channels, height, width] = model.image;
  const pad = element('canvas', { class: 'pad', id: 'pad', 'aria-label': 'Draw here' });
  // Drawn at four times the size, so that lines are smooth when they are brought down.
  pad.width = width * 4;
  pad.height = height * 4;
  const result = element('canvas', { class: 'pixels', id: 'own-result', role: 'img', 'aria-label': 'Reconstruction' });
  const made = element('figure', { hidden: true }, result,
    element('figcaption', {}, 'what the model makes of it'));
  const numbers = element('div', { id: 'own-numbers' });
  let isWhole = false;
  const near = element('div', { class: 'neighbours' });
  const bars = element('div');
  const file = element('input', { type: 'file', accept: 'image/*', onchange: () => take(file.files[0]) });
  const pen = pad.getContext('2d', { willReadFrequently: true });
  const node = element('section', { class: 'own' }, element('h2', {}, 'An image of your own'),
    element('p', { class: 'soft' }, 'Draw, drop, paste or choose one: it is brought to '
      + `${width} × ${height} pixels here, and only those pixels are sent to your own machine.`),
    element('div', { class: 'figures' },
      element('figure', {}, pad, element('figcaption', {}, 'yours')),
      made,
      element('div', {}, numbers, bars, near)),
    element('div', { class: 'controls' }, element('label', {}, 'Choose ', file),
      element('button', { type: 'button', onclick: () => { clear(); encode(); } }, 'Clear'),
      check('All scores of expt score (the first time takes a while)', false,
        (on) => { isWhole = on; encode(); })));

  function clear() {
    pen.fillStyle = '#000';
    pen.fillRect(0, 0, pad.width, pad.height);
  }
  clear();

  let last = null;
  pad.addEventListener('pointerdown', (event) => {
    pad.setPointerCapture(event.pointerId);
    last = null;
    line(event);
  });
  pad.addEventListener('pointermove', (event) => { if (event.buttons) line(event); });
  pad.addEventListener('pointerup', () => { last = null; encode(); });
  function line(event) {
    const frame = pad.getBoundingClientRect();
    const to = [(event.clientX - frame.left) * pad.width / frame.width,
      (event.clientY - frame.top) * pad.height / frame.height];
    pen.strokeStyle = '#fff';
    pen.lineWidth = pad.width / 12;
    pen.lineCap = 'round';
    pen.beginPath();
    pen.moveTo(...(last ?? to));
    pen.lineTo(...to);
    pen.stroke();
    last = to;
    encodeSoon();
  }

  for (const name of ['dragover', 'dragenter']) {
    node.addEventListener(name, (event) => { event.preventDefault(); node.classList.add('over'); });
  }
  node.addEventListener('dragleave', () => node.classList.remove('over'));
  node.addEventListener('drop', (event) => {
    event.preventDefault();
    node.classList.remove('over');
    take(event.dataTransfer.files[0]);
  });
  const paste = (event) => {
    if (!node.isConnected) { removeEventListener('paste', paste); return; }
    const image = [...event.clipboardData.files].find((one) => one.type.startsWith('image/'));
    if (image) take(image);
  };
  addEventListener('paste', paste);

  async function take(image) {
    if (!image) return;
    if (image.size > 32 << 20) { complain('That file has more than 32 MiB.'); return; }
    try {
      const bitmap = await createImageBitmap(image);
      clear();
      const scale = Math.min(pad.width / bitmap.width, pad.height / bitmap.height);
      const [w, h] = [bitmap.width * scale, bitmap.height * scale];
      pen.imageSmoothingQuality = 'high';
      pen.drawImage(bitmap, (pad.width - w) / 2, (pad.height - h) / 2, w, h);
      bitmap.close();
      await encode();
    } catch { complain('The browser cannot read that image.'); }
  }

  /** The pad in the model's size, channel by channel, 0 … 255. */
  function pixels() {
    const small = element('canvas');
    small.width = width;
    small.height = height;
    const context = small.getContext('2d');
    context.imageSmoothingQuality = 'high';
    context.drawImage(pad, 0, 0, width, height);
    const { data } = context.getImageData(0, 0, width, height);
    const values = [];
    for (let channel = 0; channel < channels; channel += 1) {
      for (let place = 0; place < width * height; place += 1) {
        const [r, g, b] = data.subarray(place * 4, place * 4 + 3);
        values.push(channels === 3 ? [r, g, b][channel] : Math.round(0.299 * r + 0.587 * g + 0.114 * b));
      }
    }
    return values;
  }

  const encodeSoon = later(150, encode);
  async function encode() {
    try {
      const answer = await send('/api/model/encode', {
        ...shared.source(), ...shared.told, pixels: pixels(), scores: isWhole,
      });
      draw(result, answer.png);
      made.hidden = false;
      result.style.width = '14rem';
      showScores(answer);
      showKL(answer.kl);
      near.replaceChildren(element('p', { class: 'soft' },
        `Nearest of ${answer.searched} training images, with their distance:`), ...answer.neighbours.map((one) => element('figure', {},
        element('img', {
          alt: `training image ${one.index}`,
          src: address('/api/model/neighbour', { ...shared.source(), index: one.index }),
        }),
        element('figcaption', {}, `${one.label === null ? '' : `${one.label}, `}${one.distance.toFixed(2)}`))));
      result.dataset.done = String(Number(result.dataset.done ?? 0) + 1);
      shared.move(answer.latents, null);
      complain(null);
    } catch (error) { complain(error); }
  }

  /** As `expt score` names and computes them: the higher, the stranger. */
  function showScores({ scores, held_out: count }) {
    const rows = scores.map(({ name, value, about, below }) => element('tr', { title: about },
      element('td', {}, name), element('td', { class: 'n' }, value.toFixed(2)),
      element('td', { class: 'n' }, below === null ? '' : `${(100 * below).toFixed(0)} %`)));
    numbers.replaceChildren(...rows.length ? [element('table', {}, element('thead', {}, element('tr', {},
      element('th', {}, 'score'), element('th', { class: 'n' }, 'yours'),
      element('th', { class: 'n' }, `higher than of ${count} held-out images`))),
    element('tbody', {}, ...rows))] : []);
  }

  function showKL(kl) {
    if (!kl) { bars.replaceChildren(); return; }
    const sorted = kl.map((value, place) => [value, place]).sort((a, b) => b[0] - a[0]).slice(0, 8);
    bars.replaceChildren(element('p', { class: 'soft' },
      `KL ${kl.reduce((sum, value) => sum + value, 0).toFixed(2)} nats; most of it: `
      + sorted.map(([value, place]) => `z${place} ${value.toFixed(2)}`).join(', ') + '.'));
  }

  return { node };
}
