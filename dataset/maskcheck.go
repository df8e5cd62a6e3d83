package dataset

import (
	"context"
	"fmt"

	"anomem/imageio"
)

// CheckMasks reads the masks of all images and returns a line for each kind of oddity: for
// masks of anomalies that mark nothing, for masks that mark more than half of an image,
// and for those of normal images that mark something. It fails with the error of a mask
// that cannot be read or is of another size than its image, with a *FaultsError if there
// are several, or with ctx's error.
func (im *Images) CheckMasks(ctx context.Context, threads int) (warnings []string, err error) {
	warnings, errs, err := im.checkMasks(ctx, threads)
	if err == nil {
		err = faults(errs)
	}
	return warnings, err
}

func (im *Images) checkMasks(ctx context.Context, threads int) (warnings []string, errs []error, err error) {
	errs = make([]error, im.Len())
	shares := make([]float64, im.Len())
	if err := each(ctx, threads, im.Len(), func(k int) {
		var m *imageio.Mask
		if m, errs[k] = im.Mask(k); m != nil {
			shares[k] = m.Share()
		}
	}); err != nil {
		return nil, nil, err
	}
	var empty, large, normal []string
	for k, s := range shares {
		switch it := im.Item(k); {
		case it.Mask == "" || errs[k] != nil:
		case it.Normal && s > 0:
			normal = append(normal, it.Mask)
		case !it.Normal && s == 0:
			empty = append(empty, it.Mask)
		case s > 0.5:
			large = append(large, fmt.Sprintf("%s (%.0f %%)", it.Mask, 100*s))
		}
	}
	for _, w := range []struct {
		names     []string
		one, many string
	}{
		{empty, "1 mask of an anomaly marks nothing", "%d masks of anomalies mark nothing"},
		{large, "1 mask marks more than half of its image, as an inverted one would", "%d masks mark more than half of their images, as inverted ones would"},
		{normal, "1 mask of a normal image marks something", "%d masks of normal images mark something"},
	} {
		if len(w.names) > 0 {
			warnings = append(warnings, counted(len(w.names), w.one, w.many)+": "+list(w.names))
		}
	}
	return warnings, errs, nil
}
