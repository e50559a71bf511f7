// What training drew, by epoch: one slider for all selected runs.
import { choice, command, complain, element, field, quoted } from './build.js';
import { address, ask } from './server.js';
import { get, selected, set } from './state.js';

export function picturesView(place) {
  const controls = element('div', { class: 'controls' });
  const shelf = element('div', { class: 'figures' });
  const below = element('div');
  place.append(controls, shelf, below);
  let runs = [];
  let number = 0;

  async function load() {
    number += 1;
    const own = number;
    const found = await Promise.all(selected().slice(0, 12).map((id) => ask('/api/run', { run: id })));
    if (own !== number) return;
    complain(null);
    runs = found;
    render();
  }

  function render() {
    const kinds = [...new Set(runs.flatMap((run) => Object.keys(run.pictures)))];
    if (!kinds.length) {
      controls.replaceChildren(element('p', {}, runs.length
        ? 'These runs have drawn no pictures yet (outputs.images_every).'
        : 'Select runs in the table first.'));
      shelf.replaceChildren();
      below.replaceChildren();
      return;
    }
    const kind = kinds.includes(get('kind')) ? get('kind') : kinds[0];
    const epochs = [...new Set(runs.flatMap((run) => run.pictures[kind] ?? []))]
      .sort((a, b) => a - b);
    // Without a choice the newest is shown, and the next one when it comes.
    const asked = Number(get('epoch')) || epochs.at(-1);
    const epoch = epochs.filter((one) => one <= asked).at(-1) ?? epochs[0];
    renderControls(kinds, kind, epochs, epoch);
    const shown = runs.map((run) => ({
      run, epoch: (run.pictures[kind] ?? []).filter((one) => one <= epoch).at(-1),
    }));
    shown.forEach((one, index) => place1(one, kind, index));
    while (shelf.children.length > shown.length) shelf.lastChild.remove();
    below.replaceChildren(...shown.filter((one) => one.epoch !== undefined).map((one) =>
      command(`cp ${quoted(`${one.run.path}/images/${file(kind, one.epoch)}`)} .`)));
  }

  /** One figure; an image that is there already stays, so that nothing flickers. */
  function place1({ run, epoch }, kind, index) {
    const url = epoch === undefined ? '' : address('/api/picture', { run: run.id, kind, epoch });
    let figure = shelf.children[index];
    if (!figure) {
      figure = element('figure', {}, element('h3'), element('img', { class: 'pixels' }),
        element('figcaption'));
      shelf.append(figure);
    }
    const [title, image, caption] = figure.children;
    title.textContent = run.path.split('/').slice(-2).join('/');
    image.hidden = !url;
    image.alt = `${kind} of ${run.name}, epoch ${epoch}`;
    if (url && image.getAttribute('src') !== url) image.src = url;
    image.onload = () => {
      const zoom = Math.max(1, Math.min(3, Math.floor(560 / image.naturalWidth)));
      image.width = image.naturalWidth * zoom;
    };
    caption.textContent = epoch === undefined ? `no ${kind}` : `epoch ${epoch}`;
  }

  function file(kind, epoch) { return `${kind}-epoch-${String(epoch).padStart(4, '0')}.png`; }

  function renderControls(kinds, kind, epochs, epoch) {
    const slider = controls.querySelector('input[type=range]');
    if (slider && document.activeElement === slider && slider.max === String(epochs.length - 1)) {
      controls.querySelector('output').textContent = `epoch ${epoch}`;
      return;
    }
    const range = element('input', {
      type: 'range', min: '0', max: String(epochs.length - 1), 'aria-label': 'Epoch',
      oninput: () => {
        const place = Number(range.value);
        set({ epoch: place === epochs.length - 1 ? '' : epochs[place] }, { quiet: true });
      },
    });
    range.value = String(epochs.indexOf(epoch));
    controls.replaceChildren(
      field('Pictures', choice(kinds, kind, (value) => set({ kind: value }))),
      field('Epoch', range), element('output', {}, `epoch ${epoch}`));
  }

  return {
    async update(isNews, news) {
      const ids = selected().slice(0, 12);
      const isKnown = runs.length === ids.length && runs.every((run, place) => run.id === ids[place]);
      if (isKnown && (!isNews || (news && !news.runs.some((id) => ids.includes(id))))) {
        render();
      } else { await load(); }
    },
  };
}
