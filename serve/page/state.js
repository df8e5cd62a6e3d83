// What the page knows: images with their results, the model, and the threshold.

// An entry is an image: {id, file, name, thumb, state, error, score, pValue, heat, label}.
// state is 'waiting', 'scored' or 'refused'; label is null or {id, label, mask}.
export const entries = [];

export const now = {
  model: null, // of /v1/models
  threshold: Infinity, // that verdicts follow
  byHand: false, // the threshold is not the model's
  labels: false, // marks are kept
  refit: false, // the server may refit
};

const listeners = [];
let due = false;

// changed tells all who listen, once before the next frame.
export function changed() {
  if (due) {
    return;
  }
  due = true;
  requestAnimationFrame(() => {
    due = false;
    listeners.forEach((tell) => tell());
  });
}

export function onChange(tell) {
  listeners.push(tell);
}

// verdict returns what is said of an entry, '' if nothing can be.
export function verdict(entry) {
  switch (entry.state) {
    case 'refused':
      return 'refused';
    case 'scored':
      if (now.threshold === Infinity) {
        return '';
      }
      return entry.score > now.threshold ? 'anomalous' : 'normal';
  }
  return 'waiting';
}

// number formats a score or a threshold.
export function number(x) {
  return x === null || x === undefined ? '' : Number(x).toPrecision(5);
}
