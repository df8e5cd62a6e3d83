// Files that the user drops or picks.

// dropped returns the files of a drop, those in folders too, with paths as names.
export async function dropped(transfer) {
  // The list of items is gone after the first wait.
  const entries = [...transfer.items].map((item) => item.webkitGetAsEntry?.()).filter(Boolean);
  if (entries.length === 0) {
    return picked(transfer.files);
  }
  const found = [];
  for (const entry of entries) {
    await walk(entry, found);
  }
  return found;
}

// picked returns the files of an input.
export function picked(files) {
  return [...files].filter(shown).map((file) => ({ file, name: file.webkitRelativePath || file.name }));
}

async function walk(entry, found) {
  if (entry.isFile) {
    const file = await new Promise((resolve, reject) => entry.file(resolve, reject));
    if (shown(file)) {
      found.push({ file, name: entry.fullPath.replace(/^\//, '') });
    }
    return;
  }
  const reader = entry.createReader();
  for (;;) {
    const some = await new Promise((resolve, reject) => reader.readEntries(resolve, reject));
    if (some.length === 0) {
      return;
    }
    for (const inner of some) {
      await walk(inner, found);
    }
  }
}

// shown reports whether a file is none that systems hide, such as .DS_Store and Thumbs.db.
function shown(file) {
  return !file.name.startsWith('.') && !/^(thumbs\.db|desktop\.ini)$/i.test(file.name);
}
