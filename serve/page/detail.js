// One image, with its heatmap over it.

import { painted } from './heatmap.js';
import * as marking from './marking.js';
import { score } from './scoring.js';
import { changed, number, onChange, verdict } from './state.js';
import { visible } from './table.js';

const longest = 1600; // side of the canvas, in pixels

const dialog = document.getElementById('detail');
const canvas = document.getElementById('picture');
const strength = document.getElementById('strength');

// shown is the entry that is open, with what is drawn of it.
const shown = { entry: null, bitmap: null, heat: null, heatOf: null };

// draw puts the layers over one another.
function draw() {
  const context = canvas.getContext('2d');
  context.clearRect(0, 0, canvas.width, canvas.height);
  if (shown.bitmap) {
    context.drawImage(shown.bitmap, 0, 0, canvas.width, canvas.height);
  }
  if (shown.heat) {
    context.globalAlpha = strength.value / 100;
    context.imageSmoothingQuality = 'high';
    context.drawImage(shown.heat, 0, 0, canvas.width, canvas.height);
    context.globalAlpha = 1;
  }
  marking.draw(context);
}

// open shows an entry.
export async function open(entry) {
  Object.assign(shown, { entry, bitmap: null, heat: null, heatOf: null });
  if (!dialog.open) {
    dialog.showModal();
  }
  marking.show(entry, null);
  describe();
  const bitmap = await createImageBitmap(entry.file).catch(() => null);
  if (shown.entry !== entry) {
    bitmap?.close();
    return;
  }
  shown.bitmap = bitmap;
  if (entry.state === 'scored' && !entry.heat && !entry.working) {
    await score(entry);
  }
  if (shown.entry !== entry) {
    return;
  }
  size(bitmap ?? entry.heat ?? canvas);
  marking.show(entry, bitmap);
  describe();
}

// size gives the canvas the shape of what it shows.
function size({ width, height }) {
  const scale = Math.min(longest / Math.max(width, height), Math.max(1, 512 / Math.max(width, height)));
  canvas.width = Math.round(width * scale);
  canvas.height = Math.round(height * scale);
}

// describe says what is known of the entry, and draws it.
function describe() {
  const { entry } = shown;
  if (!entry || !dialog.open) {
    return;
  }
  document.getElementById('detail-name').textContent = entry.name;
  const facts = [verdict(entry), entry.score !== null && `score ${number(entry.score)}`, entry.pValue !== null && `p-value ${entry.pValue.toFixed(4)}`];
  const result = document.getElementById('detail-result');
  result.className = verdict(entry);
  result.textContent = facts.filter(Boolean).join(', ');
  document.getElementById('detail-note').textContent = entry.error || (shown.bitmap || !entry.heat ? '' : 'This browser cannot show the image; this is its heatmap.');
  if (entry.heat !== shown.heatOf) {
    shown.heatOf = entry.heat;
    shown.heat = entry.heat && painted(entry.heat);
  }
  const list = visible();
  const at = list.indexOf(entry);
  document.getElementById('before').disabled = at <= 0;
  document.getElementById('after').disabled = at < 0 || at === list.length - 1;
  marking.describe();
  draw();
}

// move opens the entry before or after.
function move(by) {
  const list = visible();
  const next = list[list.indexOf(shown.entry) + by];
  if (next) {
    open(next);
  }
}

export function start() {
  marking.start(draw);
  onChange(describe);
  strength.addEventListener('input', draw);
  document.getElementById('before').addEventListener('click', () => move(-1));
  document.getElementById('after').addEventListener('click', () => move(1));
  document.getElementById('close').addEventListener('click', () => dialog.close());
  document.addEventListener('keydown', (event) => {
    const way = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
    if (way && dialog.open && event.target.tagName !== 'INPUT' && !event.defaultPrevented) {
      event.preventDefault();
      move(way);
    }
  });
  dialog.addEventListener('close', () => {
    const name = document.querySelector(`button[data-entry="${shown.entry?.id}"]`);
    shown.bitmap?.close();
    marking.hide();
    Object.assign(shown, { entry: null, bitmap: null, heat: null, heatOf: null });
    name?.focus();
    changed();
  });
}
