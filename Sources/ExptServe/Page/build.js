// Small pieces of the page. Text always goes in as text, never as markup.

/** An element: `element('button', { type: 'button', onclick: f }, 'Go')`. */
export function element(tag, attributes = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value === null || value === undefined || value === false) continue;
    if (name.startsWith('on')) node.addEventListener(name.slice(2), value);
    else if (name === 'class') node.className = value;
    else if (value === true) node.setAttribute(name, '');
    else node.setAttribute(name, value);
  }
  node.append(...children.filter((child) => child !== null && child !== undefined));
  return node;
}

const svgSpace = 'http://www.w3.org/2000/svg';
export function svgElement(tag, attributes = {}) {
  const node = document.createElementNS(svgSpace, tag);
  for (const [name, value] of Object.entries(attributes)) node.setAttribute(name, value);
  return node;
}

/** A labelled control; `change` gets its value. */
export function field(label, control) {
  return element('label', {}, label, control);
}

export function choice(options, value, change, attributes = {}) {
  const node = element('select', { ...attributes, onchange: () => change(node.value) });
  for (const option of options) {
    const [key, name] = Array.isArray(option) ? option : [option, option];
    node.append(element('option', { value: key, selected: String(key) === String(value) }, name));
  }
  return node;
}

export function check(label, isOn, change) {
  const box = element('input', { type: 'checkbox', onchange: () => change(box.checked) });
  box.checked = isOn;
  return element('label', {}, box, label);
}

/** A command with a button that copies it. */
export function command(text) {
  const button = element('button', { type: 'button' }, 'Copy as command');
  button.addEventListener('click', async () => {
    try {
      await navigator.clipboard.writeText(text);
      button.textContent = 'Copied';
    } catch {
      getSelection().selectAllChildren(code);
      button.textContent = 'Press Ctrl-C';
    }
    setTimeout(() => { button.textContent = 'Copy as command'; }, 1500);
  });
  const code = element('code', {}, text);
  return element('div', { class: 'command' }, button, code);
}

/** A word for a shell, in quotes where it needs them. */
export function quoted(word) {
  return /^[\w\-=.,/:+@%]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
}

/**
 * Shows a PNG of the server's that came as base64. They are all of one kind, whose pixels lie as they are: 8 bits,
 * no filter, blocks that are stored. The browser's own decoder answers some 10 ms later.
 */
export function draw(canvas, base64) {
  const bytes = Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0));
  const numbers = new DataView(bytes.buffer);
  const [width, height] = [numbers.getUint32(16), numbers.getUint32(20)];
  const channels = bytes[25] === 2 ? 3 : 1;
  const rows = new Uint8Array(height * (1 + width * channels));
  // Behind the signature, the header and the two bytes that begin a zlib stream.
  let [from, to] = [43, 0];
  while (to < rows.length) {
    const count = numbers.getUint16(from + 1, true);
    rows.set(bytes.subarray(from + 5, from + 5 + count), to);
    from += 5 + count;
    to += count;
  }
  const picture = new ImageData(width, height);
  for (let y = 0, pixel = 0, at = 0; y < height; y += 1) {
    at += 1;
    for (let x = 0; x < width; x += 1, pixel += 4, at += channels) {
      picture.data[pixel] = rows[at];
      picture.data[pixel + 1] = rows[at + (channels === 3 ? 1 : 0)];
      picture.data[pixel + 2] = rows[at + channels - 1];
      picture.data[pixel + 3] = 255;
    }
  }
  canvas.width = width;
  canvas.height = height;
  canvas.getContext('2d').putImageData(picture, 0, 0);
}

/** Calls the last of many calls after a pause. */
export function later(milliseconds, body) {
  let timer = null;
  return (...values) => {
    clearTimeout(timer);
    timer = setTimeout(() => body(...values), milliseconds);
  };
}

/** Calls an async function again and again with the newest value: one call at a time. */
export function newest(body) {
  let waiting = null;
  let isBusy = false;
  return async (value) => {
    waiting = { value };
    if (isBusy) return;
    isBusy = true;
    try {
      while (waiting) {
        const { value: next } = waiting;
        waiting = null;
        await body(next);
      }
    } finally { isBusy = false; }
  };
}

/** What went wrong, for all to see; nothing where all is well. */
export function complain(error) {
  const line = document.getElementById('problem');
  line.hidden = !error;
  line.textContent = error ? (error.message ?? String(error)) : '';
}

export function warnings(sentences) {
  return sentences.map((sentence) => element('p', { class: 'warning' }, sentence));
}
