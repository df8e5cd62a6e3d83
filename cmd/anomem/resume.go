package main

import (
	"errors"
	"fmt"
	"os"

	"anomem/dataset"
	"anomem/internal/setting"
	"anomem/train"
)

// checkpoint is the path of the training's checkpoint.
func (f *trainFlags) checkpoint() string { return f.out + ".checkpoint" }

// resumed returns the state of the checkpoint that --resume continues from, or nil for a new
// training. The training's seed becomes that of the state.
func (f *trainFlags) resumed(show *progress) (*train.State, error) {
	checkpoint := f.checkpoint()
	if !f.resume {
		if _, err := train.ReadState(checkpoint); err == nil {
			show.note(fmt.Sprintf("%s is of an earlier training and will be overwritten; --resume would go on from it", checkpoint))
		}
		return nil, nil
	}
	s, damage, err := train.Recover(checkpoint)
	switch {
	case errors.Is(err, os.ErrNotExist):
		return nil, fmt.Errorf("--resume: there is no %s: train without --resume", checkpoint)
	case err != nil:
		return nil, fmt.Errorf("--resume: %w", err)
	case f.given["seed"] && f.seed != s.Options.Seed:
		return nil, fmt.Errorf("--resume: %s was written with --seed %d, not %d", checkpoint, s.Options.Seed, f.seed)
	}
	if damage != nil {
		show.note(fmt.Sprintf("going on from the checkpoint before: %s", errorText(damage)))
	}
	f.seed = s.Options.Seed // the images that are held out follow from it
	f.before = kindBefore(s.Kind, s.KindWhy)
	f.alignedBefore = alignedBefore(s.Aligned)
	return &s, nil
}

// sameAs returns an error that ends "CHECKPOINT ..." unless the images are those that the
// checkpoint was written for and the settings are the same. Settings are compared if an
// option is given that decides them.
func (f *trainFlags) sameAs(s *train.State, digest string, all dataset.Source) error {
	if s.Data != digest {
		if dataset.SameImages(s.Data, digest) {
			return errors.New("was written for the same images in other parts: repeat --normal, --gamma, --hold-out and --false-alarm as they were")
		}
		return errors.New("was written for other images: repeat DATA, --normal, --defects, --gamma and --images as they were")
	}
	switch lengths := f.lengths(); {
	case s.Budget > 0 && len(lengths) > 0 && !f.given["budget"]:
		return fmt.Errorf("was written with a budget: leave %s away", lengths[0])
	case !f.decides():
		return nil
	}
	if err := f.sameEncoder(s); err != nil {
		return err
	}
	want, _, err := f.settings(all)
	if err != nil {
		return err
	}
	if s.Budget > 0 || len(f.lengths()) == 0 { // a budget decides them, or they were not repeated
		want.Train.Epochs, want.Train.Steps, want.Train.Schedule = s.Options.Epochs, s.Options.Steps, s.Options.Schedule
	}
	if d := setting.Diff(&settings{&s.Config, &s.Options}, &want); len(d) > 0 {
		return fmt.Errorf("was written with %s %s, not %s: repeat all options that say how to train, or none", d[0].Name, d[0].A, d[0].B)
	}
	return nil
}

// decides reports that an option is given that decides the settings of the training.
func (f *trainFlags) decides() bool {
	for _, name := range []string{"preset", "kind", "align", "shift", "size", "tile", "stride", "depth", "width", "batch", "epochs", "repeat", "set", "encoder", "freeze"} {
		if f.given[name] {
			return true
		}
	}
	return false
}
