package anomem

import (
	"context"
	"errors"

	"anomem/align"
	"anomem/dataset"
	"anomem/train"
	"anomem/train/augment"
)

// The values of the setting align.
const (
	alignAuto   = "auto"
	alignAlways = "always"
	alignNever  = "never"
)

// keepAligned is how many bytes of aligned images are kept in memory.
const keepAligned = 1 << 30

// aligned returns what training sees of src, and the template by which that is aligned; nil: it
// is src as it is. By itself it aligns what shows a part in any pose, as anomem train does.
func (d *Detector) aligned(ctx context.Context, src dataset.Source) (dataset.Source, *align.Template, error) {
	unasked := d.preset == train.Paper || d.kind != nil && *d.kind != augment.Part
	if d.align == alignNever || d.align == alignAuto && unasked {
		return src, nil, nil
	}
	t, e, err := train.Alignment(ctx, src)
	switch {
	case err != nil:
		return nil, nil, err
	case t == nil && d.align == alignAlways:
		return nil, nil, errors.New("baseline: anomem: align=always: these images cannot be aligned")
	case t == nil || d.align == alignAuto && !e.Pays():
		return src, nil, nil
	}
	return dataset.Align(src, t, keepAligned), t, nil
}
