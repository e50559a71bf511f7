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
  let value = null;
  try { value = await response.json(); } catch { /* said below */ }
  return checked(response.status, value);
}

function checked(status, value) {
  if (status === 204) return null;
  if (status !== 200) throw new Error(value?.problem ?? `the server answered ${status}`);
  return value;
}

let socket = null;
let number = 0;
let retryAt = 0;
const asked = new Map();
// The server takes 64 KiB.
const mostSoon = 60000;

/** Like a POST, and sooner answered once a WebSocket is open: for what is asked while somebody drags. */
export async function sendSoon(path, object) {
  number += 1;
  const message = JSON.stringify({ number, path, body: object });
  if (socket?.readyState !== WebSocket.OPEN || message.length > mostSoon) {
    openSocket();
    return send(path, object);
  }
  const reply = await new Promise((resolve) => {
    asked.set(number, resolve);
    socket.send(message);
  });
  // It was closed in the meantime.
  if (!reply) return send(path, object);
  return checked(reply.status, reply.body);
}

function openSocket() {
  if (socket || performance.now() < retryAt) return;
  let isOpen = false;
  socket = new WebSocket(`${location.protocol.replace('http', 'ws')}//${location.host}/api/socket`);
  socket.addEventListener('open', () => { isOpen = true; });
  socket.addEventListener('message', (event) => {
    const message = JSON.parse(event.data);
    asked.get(message.number)?.(message);
    asked.delete(message.number);
  });
  socket.addEventListener('close', () => {
    socket = null;
    // Where there is no place for one, a POST does as well, and later is soon enough to ask again.
    if (!isOpen) retryAt = performance.now() + 30000;
    for (const resolve of asked.values()) resolve(null);
    asked.clear();
  });
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
