package main

import (
	"context"
	"errors"
	"fmt"

	"anomem/align"
	"anomem/dataset"
	"anomem/train"
	"anomem/train/augment"
)

// The values of --align.
const (
	alignAuto   = "auto"
	alignAlways = "always"
	alignNever  = "never"
)

// trainingImages is a training set whose images may be aligned: All and Held are what
// training sees.
type trainingImages struct {
	*dataset.TrainingSet
	All, Held dataset.Source

	template *align.Template // nil: images are as they are
	why      string          // they are aligned; "": they are not, or it was said
}

// aligned returns the images of set, aligned if --align says so or, where it leaves that open,
// if they show a part in any pose: then they are of that kind. The preset paper and other kinds
// take images as they are unless they are asked.
func (f *trainFlags) aligned(ctx context.Context, set *dataset.TrainingSet) (*trainingImages, error) {
	images := &trainingImages{TrainingSet: set, All: set.All, Held: set.Held}
	when := f.align
	if when == alignAuto && f.alignedBefore != "" {
		when = f.alignedBefore
	}
	unasked := f.preset == string(train.Paper) || !f.kind.auto && f.kind.is != augment.Part
	if when == alignNever || when == alignAuto && unasked {
		return images, nil
	}
	t, e, err := train.Alignment(ctx, set.All)
	switch {
	case err != nil:
		return nil, err
	case when == alignAlways && t == nil:
		return nil, errors.New("--align always: these images cannot be aligned: they are small, fewer than two, more than twice as long as wide, or have regions of interest")
	case t == nil || when == alignAuto && !e.Pays():
		return images, nil
	}
	images.template = t
	if when == alignAuto {
		images.why = train.AlignedBecause(e)
		if f.kind.auto {
			f.kind = kindFlag{is: augment.Part, why: "whose pose is found"}
		}
	}
	keep := bytesOf(f.cache)
	images.All = dataset.Align(set.All, t, keep)
	images.Held = dataset.Align(set.Held, t, keep/8)
	return images, nil
}

// line says how images are aligned; "" if they are not.
func (i *trainingImages) line() string {
	if i.template == nil {
		return ""
	}
	longest, shortest := dataset.Sides(i.All)
	text := fmt.Sprintf("turned and moved as their part lies, and cut to %d×%d pixels", longest, shortest)
	if i.why != "" {
		text += ", " + i.why
	}
	return text
}

// alignedBefore returns what --align says of a training that aligned its images or did not.
func alignedBefore(aligned bool) string {
	if aligned {
		return alignAlways
	}
	return alignNever
}
