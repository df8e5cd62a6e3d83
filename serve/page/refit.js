// Refits the model on the marks, shows what would change, and puts former models back.

import { ask, askJSON } from './api.js';
import { count } from './marks.js';
import { now, number, onChange } from './state.js';

const byId = (id) => document.getElementById(id);
const most = 300; // rows that are shown

let answer = { state: 'none' };
let shown = null; // the change whose rows are on the page
let trouble = '';
let replaced = () => {};

function render() {
  byId('refit').hidden = !now.refit;
  if (!now.refit) {
    return;
  }
  const [defects, normals] = [count('defect'), count('normal')];
  byId('marks').textContent = `Marked so far: ${defects} ${defects === 1 ? 'defect' : 'defects'}, ${normals} normal.`;
  const { state } = answer;
  byId('refit-start').disabled = state === 'running' || defects === 0;
  byId('refit-end').hidden = state !== 'running';
  byId('refit-state').textContent = trouble || {
    running: `Refitting ${answer.model}: ${answer.phase}…`,
    failed: `It failed: ${answer.error}`,
    ready: `${answer.model} is refitted. Nothing is replaced yet.`,
  }[state] || '';
  byId('refit-notes').replaceChildren(...(answer.notes ?? []).map((text) => item(text)));
  byId('change').hidden = state !== 'ready';
  if (answer.change !== shown) {
    shown = answer.change;
    compare(shown);
  }
}

function item(text) {
  const li = document.createElement('li');
  li.textContent = text;
  return li;
}

// compare shows what would change.
function compare(change) {
  byId('change-rows').replaceChildren();
  if (!change) {
    return;
  }
  const { images, auroc, threshold } = change;
  const other = images.filter(({ result: { before, after } }) => before?.anomalous !== after?.anomalous).length;
  const right = (side) => images.filter(({ label, result }) => result[side] && result[side].anomalous === (label === 'defect')).length;
  const learned = images.filter((i) => i.learned).length;
  byId('change-sum').textContent = [
    `${other} of ${images.length} verdicts change; ${right('before')} agreed with the marks before, ${right('after')} after.`,
    auroc ? `AUROC ${(100 * auroc.before).toFixed(1)} before, ${(100 * auroc.after).toFixed(1)} after.` : 'AUROC takes marks of both kinds.',
    `Threshold ${number(threshold.before)} before, ${number(threshold.after)} after.`,
    `The refitted model has learned ${learned} of these images, so what it says of them is no proof.`,
  ].join(' ');
  byId('change-rows').append(...images.slice(0, most).map(row));
}

function row({ id, label, learned, result: { before, after } }) {
  const tr = document.createElement('tr');
  const image = document.createElement('canvas');
  image.className = 'thumb unknown';
  image.width = image.height = 96;
  picture(id, image);
  const cells = ['', label + (learned ? ', learned' : ''), said(before), said(after)].map((text) => {
    const td = document.createElement('td');
    td.textContent = text;
    return td;
  });
  cells[0].append(image);
  cells[3].classList.toggle('changed', before?.anomalous !== after?.anomalous);
  tr.append(...cells);
  return tr;
}

function said(judged) {
  return judged ? `${judged.anomalous ? 'anomalous' : 'normal'} ${number(judged.score)}` : 'not read';
}

// picture draws a marked image, which the server has.
async function picture(id, canvas) {
  try {
    const bitmap = await createImageBitmap(await (await ask(`v1/labels/${id}`)).blob());
    const scale = canvas.width / Math.max(bitmap.width, bitmap.height);
    canvas.getContext('2d').drawImage(bitmap, (canvas.width - bitmap.width * scale) / 2, (canvas.height - bitmap.height * scale) / 2, bitmap.width * scale, bitmap.height * scale);
    canvas.classList.remove('unknown');
  } catch {
    canvas.title = 'This browser cannot show the image.';
  }
}

// follow looks at the refit again until it has ended.
async function follow() {
  while (answer.state === 'running') {
    await new Promise((resolve) => setTimeout(resolve, 500));
    answer = await askJSON('v1/refit');
    render();
  }
}

async function attempt(act) {
  trouble = '';
  await act().catch((error) => {
    trouble = error.message;
  });
  render();
}

// load asks how the refit is, and for the former models.
export async function load() {
  if (!now.refit) {
    return;
  }
  answer = await askJSON('v1/refit');
  await history();
  render();
  follow();
}

async function history() {
  const path = `v1/models/${encodeURIComponent(now.model.name)}/history`;
  const { version, history: formers } = await askJSON(path);
  byId('history-title').hidden = formers.length === 0;
  byId('history').replaceChildren(...formers.map((former) => {
    const is = former.version === version;
    const li = item(`${former.n}: version ${former.version}, of ${new Date(former.time).toLocaleString()}${is ? ', in use' : ''} `);
    if (!is) {
      const button = document.createElement('button');
      button.type = 'button';
      button.textContent = 'Go back to it';
      button.dataset.former = former.n;
      button.addEventListener('click', () => attempt(async () => {
        await ask(`${path}/${former.n}`, { method: 'POST' });
        await replaced();
      }));
      li.append(button);
    }
    return li;
  }));
}

// start wires the buttons; another is called when another model answers.
export function start(another) {
  replaced = another;
  onChange(render);
  byId('refit-start').addEventListener('click', () => attempt(async () => {
    answer = await askJSON(`v1/refit?${new URLSearchParams({ model: now.model.name })}`, { method: 'POST' });
    render();
    await follow();
  }));
  for (const id of ['refit-end', 'refit-discard']) {
    byId(id).addEventListener('click', () => attempt(async () => {
      answer = await askJSON('v1/refit', { method: 'DELETE' });
    }));
  }
  byId('refit-use').addEventListener('click', () => attempt(async () => {
    await ask('v1/refit/use', { method: 'POST' });
    await replaced();
  }));
}
