// Walks through the latents of a run's model: planes, sliders, pictures of one's own.
import { choice, command, complain, draw, element, field, newest, warnings } from './build.js';
import { ownImage } from './own.js';
import { planePane } from './plane.js';
import { ask, sendSoon } from './server.js';
import { sliderPane } from './sliders.js';
import { get, selected, set } from './state.js';
import { walksPane } from './walks.js';

export function explorerView(place) {
  let model = null;
  let key = '';
  let panes = [];
  // What all panes share: a latent, and what the decoder is told.
  const shared = {
    latents: [], told: {}, index: null,
    /** Decodes; `from` names the pane that knows already. */
    move(latents, from) {
      shared.latents = latents;
      shared.index = null;
      for (const pane of panes) if (pane !== from) pane.moved?.(latents);
      decode({});
    },
    /** Decodes a place of a plane; the answer has the latent there. */
    point(at, from) { decode({ place: at, from }); },
    again() { decode({}); },
    /** Shows latents side by side. */
    way(rows) { for (const pane of panes) pane.way?.(rows); },
    source() { return source(); },
  };
  const channel = Math.random().toString(36).slice(2);
  let turn = 0;

  const top = element('div', { class: 'controls' });
  const said = element('div');
  const main = element('div');
  place.append(top, said, main);
  const canvas = element('canvas', { class: 'pixels', id: 'decoded', role: 'img', 'aria-label': 'Decoded picture' });
  const other = element('canvas', { class: 'pixels', id: 'beside', role: 'img', 'aria-label': 'The same of the other model' });
  const thin = element('p', { class: 'warning', role: 'status', hidden: true },
    'Few images have latents near here: what is decoded was not trained for.');
  const below = element('div');
  let besideModel = null;

  function source() {
    return { run: selected()[0], checkpoint: get('checkpoint') };
  }

  /** The model beside, from `beside=ID` or `beside=ID:CHECKPOINT`. */
  function besideSource() {
    const [run, checkpoint = ''] = get('beside').split(':');
    return run ? { run, checkpoint } : null;
  }

  const decode = newest(async ({ place: at, from }) => {
    turn += 1;
    try {
      const answer = await sendSoon('/api/model/decode', {
        ...source(), latents: shared.latents, place: at, seen: panes[0]?.seen(), ...shared.told,
        channel, turn,
      });
      if (!answer) return;
      // The picture first.
      draw(canvas, answer.png);
      canvas.dataset.turn = String(turn);
      thin.hidden = !answer.thin;
      shared.latents = answer.latents;
      if (at) for (const pane of panes) if (pane !== from) pane.moved?.(answer.latents);
      if (!at) panes[0]?.found(answer.place);
      below.replaceChildren(command(answer.command));
      remember(answer.latents);
      await decodeBeside();
      complain(null);
    } catch (error) { complain(error); }
  });

  async function decodeBeside() {
    const besides = besideSource();
    if (!besides || !besideModel) return;
    let latents = shared.latents;
    if (get('same') === 'image' && shared.index !== null) {
      ({ latents } = await ask('/api/model/encoding', { ...besides, index: shared.index }));
    } else if (besideModel.width !== model.width) {
      throw new Error(`the other model's latents have ${besideModel.width} numbers, these `
        + `${model.width}: choose “the same image”, and an image among the points`);
    }
    const answer = await sendSoon('/api/model/decode', {
      ...besides, latents, ...shared.told, channel: `${channel}b`, turn,
    });
    if (answer) draw(other, answer.png);
  }

  let timer = null;
  function remember(latents) {
    if (latents.length > 64) return;
    clearTimeout(timer);
    timer = setTimeout(() => set({ z: latents.join(',') }, { silent: true }), 400);
  }

  async function open() {
    const [run] = selected();
    panes = [];
    main.replaceChildren();
    said.replaceChildren();
    if (!run) {
      top.replaceChildren(element('p', {}, 'Select a run in the table first.'));
      return;
    }
    top.replaceChildren(element('p', { role: 'status' }, 'Opening the model and its images …'));
    const facts = await ask('/api/run', { run });
    if (!facts.checkpoints.length) {
      top.replaceChildren(element('p', {}, 'This run has no checkpoint yet.'));
      return;
    }
    model = await ask('/api/model/open', source());
    const besides = besideSource();
    besideModel = besides ? await ask('/api/model/open', besides) : null;
    shared.latents = startingPlace();
    shared.told = model.classes ? { label: Number(get('label') || 0) } : {};
    for (const { name, low, high } of model.factors) {
      shared.told[`factor_${name}`] = Number(get(`factor_${name}`) || (low + high) / 2);
    }
    said.replaceChildren(...warnings(model.problems));
    renderTop(facts);
    build();
    decode({});
  }

  function startingPlace() {
    const given = get('z').split(',').filter(Boolean).map(Number);
    return given.length === model.width && given.every(Number.isFinite) ? given : model.centre;
  }

  function renderTop(facts) {
    const others = selected().slice(1).map((id, place) => [id, `selected run ${place + 2}`]);
    const epochs = facts.checkpoints.map((name) => [`${facts.id}:${name}`, `this run, ${name}`]);
    top.replaceChildren(...[
      field('Checkpoint', choice([['', 'default'], ...facts.checkpoints], get('checkpoint'),
        (value) => set({ checkpoint: value, z: '' }))),
      element('span', { class: 'soft' }, `epoch ${model.epoch}, ${model.space}`),
      field('Beside', choice([['', 'nothing'], ...others, ...epochs], get('beside'),
        (value) => set({ beside: value }))),
      get('beside') ? field('from', choice([['z', 'the same latents'], ['image', 'the same image']],
        get('same') || 'z', (value) => { set({ same: value === 'z' ? '' : value }, { silent: true }); decode({}); }))
        : null,
      model.classes ? field('Class', choice([...Array(model.classes).keys()], shared.told.label,
        (value) => tell('label', value))) : null,
      ...model.factors.map(factor),
    ].filter(Boolean));
  }

  /** A slider over what the images have of a factor that the decoder is told. */
  function factor({ name, low, high }) {
    const value = element('output', {}, String(shared.told[`factor_${name}`]));
    const input = element('input', {
      type: 'range', min: low, max: high, step: (high - low) / 100 || 'any',
      oninput: () => { value.textContent = input.value; tell(`factor_${name}`, input.value); },
    });
    input.value = shared.told[`factor_${name}`];
    return element('label', {}, name, input, value);
  }

  function tell(name, value) {
    shared.told[name] = Number(value);
    set({ [name]: value }, { silent: true });
    decode({});
  }

  function build() {
    const plane = planePane(model, shared, (latents, index, from) => {
      shared.latents = latents;
      shared.index = index;
      for (const pane of panes) if (pane !== from) pane.moved?.(latents);
      decode({});
    });
    const sliders = sliderPane(model, shared);
    const walks = walksPane(model, shared);
    const own = ownImage(model, shared);
    panes = [plane, sliders, walks, own];
    const beside = besideSource();
    main.replaceChildren(element('div', { class: 'explorer' },
      plane.node,
      element('div', { class: 'hand' },
        element('div', { class: 'decoded' },
          element('figure', {}, canvas, element('figcaption', {}, 'decoded')),
          beside ? element('figure', {}, other, element('figcaption', {},
            `the other: epoch ${besideModel.epoch}`)) : ''),
        thin, below, sliders.node)),
      walks.node, own.node);
    plane.load();
  }

  return {
    async update(isNews, news) {
      const now = JSON.stringify([source(), get('beside')]);
      // A model that trains is opened again when it is asked for, not under somebody's hand.
      if (isNews || now === key) return;
      key = now;
      await open();
    },
    end() { document.getElementById('thumb')?.remove(); },
  };
}
