package dataset

import (
	"fmt"
	"path"
	"path/filepath"
)

// maskSuffix ends the name of a mask, before the extension.
const maskSuffix = "_mask"

// maskIndex finds masks by the names of their images.
type maskIndex struct {
	paths map[string]string // by path below the folder, without extension
	taken map[string]bool
}

// findMasks lists the masks below dir. It fails if two have one name.
func (w *walker) findMasks(dir string) (*maskIndex, error) {
	names, err := w.images(dir, 0, nil)
	if err != nil {
		return nil, err
	}
	m := &maskIndex{paths: make(map[string]string, len(names))}
	for _, name := range names {
		full := filepath.Join(dir, filepath.FromSlash(name))
		if other := m.paths[stem(name)]; other != "" {
			return nil, fmt.Errorf("masks %s and %s belong to one image: remove one", other, full)
		}
		m.paths[stem(name)] = full
	}
	return m, nil
}

// take returns the path of the mask of an image, whose name has no extension; "" if there
// is none. The mask is in the same folder below the masks' folder or in that folder
// itself, with the suffix or without.
func (m *maskIndex) take(name string) string {
	for _, key := range []string{name + maskSuffix, name, path.Base(name) + maskSuffix, path.Base(name)} {
		if full := m.paths[key]; full != "" {
			if m.taken == nil {
				m.taken = map[string]bool{}
			}
			m.taken[key] = true
			return full
		}
	}
	return ""
}

// left returns the number of masks that no image took.
func (m *maskIndex) left() int { return len(m.paths) - len(m.taken) }
