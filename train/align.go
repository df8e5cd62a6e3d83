package train

import (
	"context"
	"fmt"

	"anomem/align"
	"anomem/dataset"
)

// Alignment returns the template that aligns the normal images of d, as if they showed one part
// in any pose, and the evidence of whether they do. A nil template: the images cannot be
// aligned, since they have regions of interest, are small, more than twice as long as wide, or
// fewer than two.
func Alignment(ctx context.Context, d dataset.Source) (*align.Template, align.Evidence, error) {
	normal := newSubset(d, true)
	longest, shortest := dataset.Sides(normal)
	some, err := dataset.HasRegions(normal)
	if err != nil || some || longest <= wholeSide || longest > 2*shortest {
		return nil, align.Evidence{}, err
	}
	var l align.Learner
	for i, few := 0, spaced(normal, min(align.MostImages, kindImages(normal))); i < few.Len(); i++ {
		if err := ctx.Err(); err != nil {
			return nil, align.Evidence{}, err
		}
		img, err := few.Image(i)
		if err != nil {
			return nil, align.Evidence{}, err
		}
		l.Add(img)
	}
	t, e := l.Learn()
	return t, e, nil
}

// AlignedBecause says in words why images are aligned.
func AlignedBecause(e align.Evidence) string {
	return fmt.Sprintf("by %d images: turned and moved, two of them correlate by %.2f in the mean, as they are by %.2f", e.Images, e.After, e.Before)
}
