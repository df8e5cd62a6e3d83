// The threshold that verdicts follow: the model's, or one that is moved by hand.

import { askJSON } from './api.js';
import { changed, entries, now, number, onChange, verdict } from './state.js';

const slider = document.getElementById('threshold');
const field = document.getElementById('threshold-number');
const promise = document.getElementById('promise');

let asked = ''; // what the promise on the page is of

// reach sets the ends of the slider: the scores of the images here and of the held-out ones,
// and a little beyond.
function reach() {
  const scores = entries.filter((e) => e.state === 'scored').map((e) => e.score);
  const held = now.model?.held;
  if (held) {
    scores.push(held.least, held.most);
  }
  if (Number.isFinite(now.threshold)) {
    scores.push(now.threshold);
  }
  if (scores.length === 0) {
    return false;
  }
  const least = scores.reduce((a, b) => Math.min(a, b));
  const most = scores.reduce((a, b) => Math.max(a, b));
  const margin = 0.02 * (most - least) || 1;
  slider.min = least - margin;
  slider.max = most + margin;
  return true;
}

function render() {
  document.getElementById('limit').hidden = !reach();
  if (document.activeElement !== slider) {
    slider.value = Number.isFinite(now.threshold) ? now.threshold : slider.max;
  }
  if (document.activeElement !== field) {
    field.value = Number.isFinite(now.threshold) ? number(now.threshold) : '';
  }
  slider.setAttribute('aria-valuetext', number(now.threshold));
  document.getElementById('threshold-back').disabled = !now.byHand;
  document.getElementById('promise-note').hidden = !now.byHand;
  const scored = entries.filter((e) => e.state === 'scored');
  const anomalous = scored.filter((e) => verdict(e) === 'anomalous').length;
  document.getElementById('counts').textContent = scored.length === 0 ? ''
    : `${anomalous} of ${scored.length} images ${anomalous === 1 ? 'is' : 'are'} anomalous, ${scored.length - anomalous} normal.`;
  follow();
}

// follow says what the threshold of the moment promises.
async function follow() {
  if (!now.model?.held) {
    promise.textContent = now.model ? 'The model is not calibrated, and promises nothing.' : '';
    return;
  }
  if (!Number.isFinite(now.threshold)) {
    promise.textContent = 'The model has no threshold: it calls nothing anomalous.';
    return;
  }
  const path = `v1/models/${encodeURIComponent(now.model.name)}/promise?threshold=${now.threshold}`;
  const of = `${now.model.version} ${path}`;
  if (of === asked) {
    return;
  }
  asked = of;
  const answer = await askJSON(path).catch((error) => ({ error }));
  if (asked === of) {
    promise.textContent = answer.error ? String(answer.error.message) : inWords(answer);
  }
}

function inWords({ held, above, false_alarm: rate, confidence }) {
  const share = rate === null ? 'no rate of false alarms can be promised' : `at most ${percent(rate)} of normal images are called anomalous${confidence > 0 ? ` with confidence ${confidence}` : ', in the mean over calibrations'}`;
  return `${above} of ${held} held-out normal images score above: ${share}.`;
}

// percent rounds up, so that no less is said than holds.
function percent(rate) {
  return `${(Math.ceil(rate * 1000 - 1e-9) / 10).toFixed(1)} %`;
}

function set(value) {
  if (!Number.isFinite(value)) {
    return;
  }
  now.threshold = value;
  now.byHand = true;
  changed();
}

export function start() {
  onChange(render);
  slider.addEventListener('input', () => set(slider.valueAsNumber));
  field.addEventListener('change', () => set(field.valueAsNumber));
  document.getElementById('threshold-back').addEventListener('click', () => {
    now.threshold = now.model.threshold ?? Infinity;
    now.byHand = false;
    changed();
  });
}
