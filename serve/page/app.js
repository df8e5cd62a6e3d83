// The page of a server: what is dropped on it is scored.

import { askJSON } from './api.js';
import * as detail from './detail.js';
import { dropped, picked } from './files.js';
import * as marks from './marks.js';
import * as refit from './refit.js';
import { add, again, empty } from './scoring.js';
import { changed, entries, now, onChange } from './state.js';
import * as table from './table.js';
import * as threshold from './threshold.js';

const model = document.getElementById('model');
let models = [];

// load asks for the models, and what the server lets the page do.
async function load() {
  const answer = await askJSON('v1/models');
  models = answer.models;
  now.labels = answer.labels;
  now.refit = answer.refit;
  model.replaceChildren(...models.map(({ name }) => new Option(name, name)));
  document.getElementById('model-choice').hidden = models.length < 2;
  choose(models.find(({ name }) => name === now.model?.name) ?? models[0]);
  await Promise.all([marks.load(), refit.load()]);
}

// look notices that the server has another version of a model.
async function look() {
  if (document.hidden || !now.model) {
    return;
  }
  const { models: found } = await askJSON('v1/models');
  if (found.find(({ name }) => name === now.model.name)?.version !== now.model.version) {
    await load();
  }
}

// choose makes a model the one that scores, all images anew if another one did.
function choose(chosen) {
  const other = chosen.name !== now.model?.name || chosen.version !== now.model.version;
  now.model = chosen;
  model.value = chosen.name;
  if (other) {
    now.threshold = chosen.threshold ?? Infinity;
    now.byHand = false;
    again();
  }
  changed();
}

function status() {
  document.getElementById('version').textContent = now.model ? `${now.model.name}, version ${now.model.version}` : '';
  const done = entries.filter((e) => e.state !== 'waiting').length;
  const progress = document.getElementById('progress');
  progress.hidden = done === entries.length;
  progress.max = Math.max(1, entries.length);
  progress.value = done;
  document.getElementById('status').textContent = entries.length === 0 ? '' : `${done} of ${entries.length} images scored`;
}

function trouble(error) {
  const line = document.getElementById('trouble');
  line.hidden = false;
  line.textContent = `This does not work: ${error.message ?? error}`;
}

function startAdding() {
  for (const id of ['pick', 'folder', 'camera']) {
    const input = document.getElementById(id);
    input.addEventListener('change', () => {
      add(picked(input.files));
      input.value = '';
    });
  }
  const zone = document.getElementById('add');
  let within = 0; // elements that the pointer has entered and not left
  const over = (by) => {
    within = by === 0 ? 0 : within + by;
    zone.classList.toggle('over', within > 0);
  };
  document.addEventListener('dragenter', () => over(1));
  document.addEventListener('dragleave', () => over(-1));
  document.addEventListener('dragover', (event) => event.preventDefault());
  document.addEventListener('drop', async (event) => {
    event.preventDefault();
    over(0);
    add(await dropped(event.dataTransfer).catch((error) => {
      trouble(error);
      return [];
    }));
  });
}

table.start(detail.open);
detail.start();
threshold.start();
refit.start(load);
startAdding();
onChange(status);
model.addEventListener('change', () => {
  choose(models.find(({ name }) => name === model.value));
  refit.load().catch(trouble);
setInterval(() => look().catch(() => {}), 10000); // a server that is away says so when it is asked
});
document.getElementById('clear').addEventListener('click', empty);
load().catch(trouble);
setInterval(() => look().catch(() => {}), 10000); // a server that is away says so when it is asked
