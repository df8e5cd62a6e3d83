// Marks of images, kept by the server: normal, or a defect and where.

import { ask, askJSON } from './api.js';
import { changed, entries, now } from './state.js';

let kept = new Map(); // of the server, by the digest of the file

// load asks for the marks of earlier.
export async function load() {
  if (!now.labels) {
    return;
  }
  const { labels } = await askJSON('v1/labels');
  kept = new Map(labels.map((label) => [label.id, label]));
  await Promise.all(entries.map(recall));
  changed();
}

// count returns how many images are marked as a kind.
export function count(kind) {
  return [...kept.values()].filter(({ label }) => label === kind).length;
}

// recall gives an entry the mark that its file has. Where the page is not served safely, by
// https or from this machine, browsers compute no digest, and only new marks are shown.
export async function recall(entry) {
  if (!now.labels || !globalThis.crypto?.subtle || (kept.size === 0 && !entry.label)) {
    return;
  }
  const sum = await crypto.subtle.digest('SHA-256', await entry.file.arrayBuffer());
  const id = [...new Uint8Array(sum, 0, 16)].map((b) => b.toString(16).padStart(2, '0')).join('');
  entry.label = kept.get(id) ?? null;
}

// mark keeps an entry as normal or as a defect. mask is a file or null.
export async function mark(entry, kind, mask) {
  const body = new FormData();
  body.append('image', entry.file, 'image');
  if (mask) {
    body.append('mask', mask, 'mask.png');
  }
  const query = new URLSearchParams({ label: kind, model: now.model.name });
  entry.label = await askJSON(`v1/labels?${query}`, { method: 'POST', body });
  kept.set(entry.label.id, entry.label);
  changed();
}

// takeBack forgets the mark of an entry.
export async function takeBack(entry) {
  await ask(`v1/labels/${entry.label.id}`, { method: 'DELETE' });
  kept.delete(entry.label.id);
  entry.label = null;
  changed();
}
