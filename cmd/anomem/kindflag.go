package main

import (
	"context"
	"errors"

	"anomem/dataset"
	"anomem/train"
	"anomem/train/augment"
)

// kindFlag is the value of --kind: what the images show, or that this is to be found out.
type kindFlag struct {
	auto bool
	is   augment.Kind // once it is known
	why  string       // how it was found out; "": it was said
}

func (k *kindFlag) String() string {
	if k.auto {
		return "auto"
	}
	return k.is.String()
}

func (k *kindFlag) Set(text string) error {
	if text == "auto" {
		*k = kindFlag{auto: true}
		return nil
	}
	is, err := augment.ParseKind(text)
	if err != nil {
		return errors.New("want auto, object, part or texture")
	}
	*k = kindFlag{is: is}
	return nil
}

// line says what the kind is and why.
func (k *kindFlag) line() string {
	if k.why == "" {
		return k.is.String()
	}
	return k.is.String() + ", " + k.why
}

// kindBefore returns the kind that a model or a checkpoint records. Those of versions that
// recorded none were trained as objects unless --kind said otherwise.
func kindBefore(name, why string) *kindFlag {
	k := &kindFlag{is: augment.Object}
	if is, err := augment.ParseKind(name); err == nil {
		*k = kindFlag{is: is, why: why}
	}
	return k
}

// kindAndPose decides what the images show, unless --kind says it, and whether they are
// aligned.
func (f *trainFlags) kindAndPose(ctx context.Context, set *dataset.TrainingSet) (*trainingImages, error) {
	images, err := f.aligned(ctx, set)
	if err == nil {
		err = f.decideKind(ctx, set.All)
	}
	return images, err
}

// decideKind decides the kind where --kind leaves it open: that of the training which is
// repeated or resumed, else what the normal images of all tell.
func (f *trainFlags) decideKind(ctx context.Context, all dataset.Source) error {
	switch {
	case !f.kind.auto:
		return nil
	case f.before != nil:
		f.kind = *f.before
		return nil
	}
	is, e, err := train.KindOf(ctx, all)
	f.kind = kindFlag{is: is, why: e.String()}
	return err
}
