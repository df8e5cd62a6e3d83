package dataset

import (
	"context"

	"anomem/imageio"
)

// labelByMasks makes masks say which images are normal where nothing else does: in the
// layouts flat and ksdd, an image whose mask marks something is an anomaly.
func (r *reader) labelByMasks() error {
	if r.Layout != Flat && r.Layout != KSDD {
		return nil
	}
	errs := make([]error, len(r.Items))
	if err := each(context.Background(), 0, len(r.Items), func(i int) {
		for _, path := range r.Items[i].masks() {
			m, err := imageio.DecodeMaskFile(path)
			if err != nil {
				errs[i] = err
				return
			}
			r.Items[i].marked = r.Items[i].marked || m.Any()
		}
	}); err != nil {
		return err
	}
	for i := range r.Items {
		r.byMask = r.byMask || r.Items[i].Mask != ""
	}
	return faults(errs)
}

// masks returns the paths of all masks of an item.
func (it *Item) masks() []string {
	if it.Mask == "" {
		return nil
	}
	return append([]string{it.Mask}, it.MoreMasks...)
}
