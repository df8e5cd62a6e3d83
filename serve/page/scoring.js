// Sends images to the server, some at a time.

import { ask, Refused } from './api.js';
import { recall } from './marks.js';
import { changed, entries, now } from './state.js';

const together = 4; // requests at a time
const keepHeat = 200; // heatmaps that stay; others are asked for again

let made = 0; // entries so far
let running = 0;
let withHeat = []; // entries whose heatmap stays, the oldest first

// add puts files into the list, and begins to score them.
export function add(files) {
  for (const { file, name } of files) {
    entries.push({ id: ++made, file, name, thumb: null, state: 'waiting', error: '', score: null, pValue: null, heat: null, label: null });
  }
  run();
  changed();
}

// again scores all images anew, by the model of the moment.
export function again() {
  for (const entry of entries) {
    Object.assign(entry, { state: 'waiting', error: '', score: null, pValue: null, heat: null, working: null });
  }
  withHeat = [];
  run();
  changed();
}

// empty forgets all images.
export function empty() {
  entries.length = 0;
  withHeat = [];
  changed();
}

function run() {
  while (running < together) {
    const entry = entries.find((e) => e.state === 'waiting' && !e.working);
    if (!entry) {
      return;
    }
    running++;
    score(entry).finally(() => {
      running--;
      run();
      changed();
    });
  }
}

// score asks for the result of an entry. What comes after a call of again is dropped.
export async function score(entry) {
  const ticket = {};
  entry.working = ticket;
  let result;
  try {
    if (!entry.thumb) {
      entry.thumb = await thumbnail(entry.file);
    }
    const query = new URLSearchParams({ heatmap: 'json', ...(now.model && { model: now.model.name }) });
    const response = await ask(`v1/score?${query}`, { method: 'POST', body: entry.file });
    result = await response.json();
  } catch (error) {
    if (entry.working === ticket) {
      Object.assign(entry, { state: 'refused', working: null, error: said(error) });
    }
    return;
  }
  if (entry.working !== ticket) {
    return;
  }
  const { score: value, p_value: pValue, heatmap } = result;
  heatmap.values = Float32Array.from(heatmap.values);
  Object.assign(entry, { state: 'scored', working: null, error: '', score: value, pValue, heat: heatmap });
  await recall(entry).catch(() => {}); // the mark is not shown
  withHeat.push(entry);
  if (withHeat.length > keepHeat) {
    withHeat.shift().heat = null;
  }
}

function said(error) {
  if (error instanceof Refused) {
    return error.message.replace(/^-: /, '');
  }
  return error instanceof TypeError ? 'the server does not answer, or the file is gone' : String(error);
}

const side = 96; // of a thumbnail, in pixels

// thumbnail returns a small canvas with the image, or one that is empty if the browser cannot
// read it.
async function thumbnail(file) {
  const canvas = document.createElement('canvas');
  canvas.width = canvas.height = side;
  canvas.className = 'thumb';
  try {
    const bitmap = await createImageBitmap(file);
    const scale = side / Math.max(bitmap.width, bitmap.height);
    const [w, h] = [bitmap.width * scale, bitmap.height * scale];
    canvas.getContext('2d').drawImage(bitmap, (side - w) / 2, (side - h) / 2, w, h);
    bitmap.close();
  } catch {
    canvas.classList.add('unknown');
  }
  return canvas;
}
