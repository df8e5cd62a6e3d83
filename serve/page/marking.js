// The part of the detail view that marks an image: two buttons and a brush.

import { Brush } from './brush.js';
import { mark, takeBack } from './marks.js';
import { now } from './state.js';

const byId = (id) => document.getElementById(id);
const canvas = byId('picture');

let entry = null;
let brush = null; // null: the browser cannot show the image
let redraw = () => {};
let painting = false; // a pointer is down
let trouble = '';

// show lets an entry be marked. size is that of its image, null if that is not known.
export function show(of, size) {
  entry = of;
  entry.strokes ??= [];
  trouble = '';
  brush = size && new Brush(size.width, size.height, entry.strokes);
  press(byId('brush-on'), false);
  press(byId('brush-erase'), false);
  canvas.classList.remove('painting');
  describe();
}

export function hide() {
  entry = brush = null;
}

// draw puts what is painted over the picture, and the keyboard's brush where it is.
export function draw(context) {
  if (!brush) {
    return;
  }
  context.globalAlpha = 0.6;
  context.drawImage(brush.canvas, 0, 0, canvas.width, canvas.height);
  context.globalAlpha = 1;
  if (on() && document.activeElement === canvas) {
    context.strokeStyle = '#00e5ff';
    context.lineWidth = 2;
    context.beginPath();
    context.arc(brush.at[0] * canvas.width, brush.at[1] * canvas.height, size() * Math.max(canvas.width, canvas.height) / 2, 0, 7);
    context.stroke();
  }
}

// describe says how the entry is marked.
export function describe() {
  byId('mark').hidden = !now.labels || entry?.state === 'refused';
  byId('unmarked').hidden = now.labels;
  if (!entry) {
    return;
  }
  const label = entry.label;
  const painted = entry.strokes.length;
  press(byId('mark-normal'), label?.label === 'normal');
  press(byId('mark-defect'), label?.label === 'defect');
  byId('mark-defect').textContent = label?.label === 'defect' && painted !== (entry.markedStrokes ?? 0) ? 'Save where' : 'This is a defect';
  byId('mark-back').hidden = !label;
  byId('brush').disabled = !brush;
  byId('brush-undo').disabled = painted === 0;
  const where = label?.label === 'defect' ? `, ${label.mask ? 'with where it is' : 'without where it is'}` : '';
  byId('mark-state').textContent = trouble || (label ? `Marked ${label.label === 'defect' ? 'as a defect' : 'as normal'}${where}.` : '');
}

const on = () => byId('brush-on').getAttribute('aria-pressed') === 'true';
const erasing = () => byId('brush-erase').getAttribute('aria-pressed') === 'true';
const size = () => byId('brush-size').value / 100;

function press(button, down) {
  button.setAttribute('aria-pressed', String(down));
}

// save marks the entry. A defect that is marked already, with nothing new painted, stays.
async function save(kind) {
  const of = entry;
  const strokes = of.strokes.length;
  if (of.label?.label === kind && (kind === 'normal' || strokes === (of.markedStrokes ?? 0))) {
    return;
  }
  await attempt(async () => {
    await mark(of, kind, kind === 'defect' && brush ? await brush.mask() : null);
    of.markedStrokes = kind === 'defect' ? strokes : 0;
  });
}

async function attempt(act) {
  trouble = '';
  await act().catch((error) => {
    trouble = `Not saved: ${error.message}`;
  });
  describe();
}

function place(event) {
  const box = canvas.getBoundingClientRect();
  return [(event.clientX - box.left) / box.width, (event.clientY - box.top) / box.height];
}

function startPointer() {
  canvas.addEventListener('pointerdown', (event) => {
    if (!on() || !brush || event.button !== 0) {
      return;
    }
    painting = true;
    canvas.setPointerCapture(event.pointerId);
    brush.begin(...place(event), size(), erasing());
    redraw();
  });
  canvas.addEventListener('pointermove', (event) => {
    if (painting) {
      brush?.go(...place(event));
      redraw();
    }
  });
  for (const name of ['pointerup', 'pointercancel']) {
    canvas.addEventListener(name, () => {
      painting = false;
      describe();
    });
  }
}

function startKeys() {
  const steps = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
  let held = false; // Space is down: the brush paints where it goes
  canvas.addEventListener('keydown', (event) => {
    const step = steps[event.key];
    if (!on() || !brush || (!step && event.key !== ' ')) {
      return;
    }
    event.preventDefault();
    if (step) {
      const long = Math.max(canvas.width, canvas.height);
      const by = [size() * long / canvas.width / 2, size() * long / canvas.height / 2];
      brush.at = brush.at.map((v, i) => Math.min(1, Math.max(0, v + step[i] * by[i])));
      if (held) {
        brush.go(...brush.at);
      }
    } else if (!event.repeat) {
      held = true;
      brush.begin(...brush.at, size(), erasing());
    }
    redraw();
    describe();
  });
  canvas.addEventListener('keyup', (event) => {
    held &&= event.key !== ' ';
  });
  for (const name of ['focus', 'blur']) {
    canvas.addEventListener(name, () => {
      held = false;
      redraw();
    });
  }
}

// start wires the buttons; draws is called when the picture has changed.
export function start(draws) {
  redraw = draws;
  byId('mark-normal').addEventListener('click', () => save('normal'));
  byId('mark-defect').addEventListener('click', () => save('defect'));
  byId('mark-back').addEventListener('click', () => attempt(async () => {
    await takeBack(entry);
    entry.markedStrokes = 0;
  }));
  byId('brush-on').addEventListener('click', () => {
    press(byId('brush-on'), !on());
    canvas.classList.toggle('painting', on());
    redraw();
  });
  byId('brush-erase').addEventListener('click', () => press(byId('brush-erase'), !erasing()));
  byId('brush-undo').addEventListener('click', () => {
    brush.undo();
    redraw();
    describe();
  });
  byId('brush-size').addEventListener('input', () => redraw());
  startPointer();
  startKeys();
}
