// The table of images: sorted, filtered, and as CSV.

import { changed, entries, number, now, onChange, verdict } from './state.js';

const step = 200; // rows that are shown at first, and more each time

const by = { key: null, down: false };
let shown = step;
let open = () => {};

const columns = {
  name: (e) => e.name,
  score: (e) => e.score,
  pValue: (e) => e.pValue,
  verdict,
};

// visible returns the entries that the filters leave, in order.
export function visible() {
  const name = document.getElementById('filter-name').value.toLowerCase();
  const kind = document.getElementById('filter-verdict').value;
  const list = entries.filter((e) => e.name.toLowerCase().includes(name)
    && (kind === '' || (kind === 'marked' ? e.label !== null : verdict(e) === kind)));
  if (by.key) {
    const value = columns[by.key];
    list.sort((a, b) => compare(value(a), value(b)) * (by.down ? -1 : 1) || a.id - b.id);
  }
  return list;
}

// compare orders texts as people do, and missing values behind all, whichever way is sorted.
function compare(a, b) {
  if (a === null || b === null) {
    return ((a === null) - (b === null)) * (by.down ? -1 : 1);
  }
  return typeof a === 'string' ? a.localeCompare(b, undefined, { numeric: true }) : a - b;
}

function row(entry) {
  const tr = document.createElement('tr');
  const says = verdict(entry);
  tr.className = says;
  const cells = ['', '', number(entry.score), entry.pValue === null ? '' : entry.pValue.toFixed(4), says].map((text) => {
    const td = document.createElement('td');
    td.textContent = text;
    tr.append(td);
    return td;
  });
  if (entry.thumb) {
    cells[0].append(entry.thumb);
  }
  const button = document.createElement('button');
  button.type = 'button';
  button.className = 'name';
  button.textContent = entry.name;
  button.dataset.entry = entry.id;
  cells[1].append(button);
  cells[2].className = cells[3].className = 'number';
  if (entry.error) {
    cells[4].append(quiet(entry.error));
  }
  if (entry.label) {
    cells[4].append(quiet(`marked ${entry.label.label}`));
  }
  tr.addEventListener('click', () => open(entry));
  return tr;
}

function quiet(text) {
  const small = document.createElement('small');
  small.textContent = text;
  return small;
}

// render shows the rows anew. The row that has the focus keeps it.
function render() {
  const list = visible();
  const focused = document.activeElement?.dataset?.entry;
  document.getElementById('list').hidden = entries.length === 0;
  document.getElementById('rows').replaceChildren(...list.slice(0, shown).map(row));
  document.getElementById('more').hidden = list.length <= shown;
  if (focused) {
    document.querySelector(`button[data-entry="${focused}"]`)?.focus({ preventScroll: true });
  }
  for (const th of document.querySelectorAll('th[data-sort]')) {
    if (th.dataset.sort === by.key) {
      th.setAttribute('aria-sort', by.down ? 'descending' : 'ascending');
    } else {
      th.removeAttribute('aria-sort');
    }
  }
}

// csv returns the visible entries as a table (RFC 4180).
export function csv() {
  const quoted = (text) => (/[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text);
  const lines = visible().map((e) => [e.name, e.score ?? '', e.pValue ?? '', verdict(e),
    now.threshold === Infinity ? '' : now.threshold, e.label?.label ?? '', e.error].map((v) => quoted(String(v))).join(','));
  return ['name,score,p_value,verdict,threshold,mark,error', ...lines, ''].join('\r\n');
}

function download() {
  const link = document.createElement('a');
  link.href = URL.createObjectURL(new Blob([csv()], { type: 'text/csv' }));
  link.download = 'anomem.csv';
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 60000);
}

// start wires the table; opened is called with the entry of a row that is chosen.
export function start(opened) {
  open = opened;
  onChange(render);
  for (const th of document.querySelectorAll('th[data-sort]')) {
    th.querySelector('button').addEventListener('click', () => {
      by.down = by.key === th.dataset.sort ? !by.down : th.dataset.sort === 'score';
      by.key = th.dataset.sort;
      changed();
    });
  }
  document.getElementById('filter-name').addEventListener('input', changed);
  document.getElementById('filter-verdict').addEventListener('change', changed);
  document.getElementById('download').addEventListener('click', download);
  document.getElementById('more').addEventListener('click', () => {
    shown += step;
    changed();
  });
}
