// All about the first selected run; tags and notes.
import { check, command, complain, element, quoted, warnings } from './build.js';
import { ask, send } from './server.js';
import { selected } from './state.js';

export function runView(place) {
  let run = null;

  async function load() {
    const [id] = selected();
    if (!id) {
      run = null;
      place.replaceChildren(element('p', {}, 'Select a run in the table first.'));
      return;
    }
    const answer = await ask('/api/run', { run: id });
    // What is being written stays.
    if (run?.id === id && place.contains(document.activeElement)
      && document.activeElement.matches('input, textarea')) return;
    run = answer;
    render();
  }

  async function save(changes) {
    try {
      run = await send('/api/notes', { run: run.id, ...changes });
      complain(null);
      render();
    } catch (error) { complain(error); }
  }

  function render() {
    const facts = [['status', run.state], ['model', run.model], ['likelihood', run.likelihood],
      ['data', run.dataset], ['seed', run.seed], ['parameters', run.parameters],
      ['time', run.time], ['made', run.created], ['machine', run.host]];
    const said = [run.problem, run.failure,
      run.substituted_for && `trained on '${run.dataset}' IN PLACE OF '${run.substituted_for}'`];
    place.replaceChildren(
      element('h1', {}, run.name), element('p', { class: 'path' }, run.path),
      ...warnings(said.filter(Boolean)),
      element('dl', { class: 'facts' }, ...facts.filter(([, value]) => value).map(([name, value]) =>
        element('div', {}, element('dt', {}, name), element('dd', {}, value)))),
      ...run.diagnosis.length ? [element('h2', {}, 'Diagnosis'), element('ul',
        { class: 'diagnosis' }, ...run.diagnosis.map((line) => element('li', {}, line)))] : [],
      element('div', { class: 'two' }, notes(), settings()),
      command(`expt report ${quoted(run.path)}`));
  }

  function notes() {
    const tags = element('input', { 'aria-label': 'Tags', spellcheck: 'false' });
    tags.value = run.tags.join(' ');
    const note = element('textarea', { 'aria-label': 'Note' });
    note.value = run.note;
    return element('section', {}, element('h2', {}, 'Notes'),
      element('p', {}, element('label', {}, 'Tags, with spaces between ', tags)), note,
      element('div', { class: 'controls' },
        element('button', {
          type: 'button', onclick: () => save({
            tags: tags.value.split(/\s+/).filter(Boolean), note: note.value,
          }),
        }, 'Save'),
        check('Pinned', run.pinned, (on) => save({ pinned: on })),
        check('Archived', run.archived, (on) => save({ archived: on }))));
  }

  function settings() {
    return element('section', {}, element('h2', {}, 'Settings'),
      element('div', { class: 'scroll' }, element('table', {}, element('tbody', {},
        ...run.settings.map((setting) => element('tr', {}, element('td', {}, setting.key),
          element('td', {}, setting.value),
          element('td', { class: 'soft wrap' }, setting.origin ?? '')))))));
  }

  return { update: load };
}
