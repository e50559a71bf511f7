// What the page asks the server, and what the server tells without being asked.

/** A GET; parameters that are empty are left out. */
export async function ask(path, parameters = {}) {
  return answer(await fetch(address(path, parameters)));
}

/** A POST. */
export async function send(path, object) {
  return answer(await fetch(path, {
    method: 'POST', headers: { 'Content-Type': 'application/json' }, body: JSON.stringify(object),
  }));
}

export function address(path, parameters) {
  const given = Object.entries(parameters)
    .filter(([, value]) => value !== '' && value !== null && value !== undefined && value !== false)
    .map(([name, value]) => [name, value === true ? '1' : String(value)]);
  // A space as %20: not every reader of addresses takes '+' for one.
  return given.length ? `${path}?${String(new URLSearchParams(given)).replaceAll('+', '%20')}` : path;
}

async function answer(response) {
  if (response.status === 204) return null;
  let value = null;
  try { value = await response.json(); } catch { /* said below */ }
  if (!response.ok) throw new Error(value?.problem ?? `the server answered ${response.status}`);
  return value;
}

/**
 * Calls `changed` with { version, training, runs } when runs change, and `connected` with whether the
 * server can be reached. A page that nobody looks at does not listen: browsers open few connections to
 * one server.
 */
export function listen(changed, connected) {
  let source = null;
  function open() {
    if (source || document.hidden) return;
    source = new EventSource('/api/events');
    source.addEventListener('open', () => { connected(true); changed(null); });
    source.addEventListener('error', () => connected(false));
    source.addEventListener('runs', (event) => changed(JSON.parse(event.data)));
  }
  document.addEventListener('visibilitychange', () => {
    if (document.hidden) { source?.close(); source = null; } else { open(); }
  });
  open();
}
