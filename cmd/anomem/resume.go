package main

import (
	"errors"
	"fmt"

	"anomem/dataset"
	"anomem/train"
	"anomem/train/augment"
)

// sameAs returns an error that ends "CHECKPOINT ..." unless the images are those that the
// checkpoint was written for, and the flags that say how to train, if any are given, too.
func (f *trainFlags) sameAs(s *train.State, digest string, all dataset.Source) error {
	if s.Data != digest {
		if dataset.SameImages(s.Data, digest) {
			return errors.New("was written for the same images in other parts: repeat --normal, --gamma, --hold-out and --false-alarm as they were")
		}
		return errors.New("was written for other images: repeat DATA, --normal, --defects, --gamma and --images as they were")
	}
	for _, name := range []string{"preset", "kind", "shift", "size", "tile", "stride", "depth", "width", "batch", "epochs"} {
		if !f.given[name] {
			continue
		}
		c, o, err := f.settings(all)
		if err != nil {
			return err
		}
		if f.epochs == 0 { // a budget planned them
			o.Epochs, o.Steps = s.Options.Epochs, s.Options.Steps
		}
		if o.Shift != augment.None && s.Options.Shift == augment.Blemish {
			o.Shift = augment.Blemish // so the probe decided
		}
		if fmt.Sprint(c, o.Epochs, o.Batch, o.Shift, o.Augment) != fmt.Sprint(s.Config, s.Options.Epochs, s.Options.Batch, s.Options.Shift, s.Options.Augment) {
			return fmt.Errorf("was written with other flags than --%s and the like: repeat all that say how to train, or none", name)
		}
		return nil
	}
	return nil
}
