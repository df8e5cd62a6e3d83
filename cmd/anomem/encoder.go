package main

import (
	"errors"
	"fmt"

	"anomem"
	"anomem/train"
)

// checkEncoder returns an error if options contradict --encoder or --freeze.
func (f *trainFlags) checkEncoder() error {
	if f.encoder == "" {
		if f.freeze {
			return usagef("--freeze keeps the encoder of --encoder, which is not given")
		}
		return nil
	}
	for _, name := range []string{"depth", "width"} {
		if f.given[name] {
			return usagef("--%s is that of the encoder: leave it away, or --encoder", name)
		}
	}
	for _, name := range []string{"encoder.depth", "encoder.width", "encoder.stem"} {
		if f.sets.covers(name) {
			return usagef("--set %s is that of the encoder: leave it away, or --encoder", name)
		}
	}
	if f.freeze && f.given["epochs"] {
		return usagef("--epochs train the encoder, which --freeze keeps as it is: give one")
	}
	return nil
}

// readEncoder reads the file of --encoder.
func (f *trainFlags) readEncoder() (err error) {
	if f.encoder != "" {
		f.begin, err = train.ReadEncoder(f.encoder)
	}
	return err
}

// encoderLines says, for the plan, which encoder a training starts from.
func (f *trainFlags) encoderLines() []string {
	if f.begin == nil {
		return nil
	}
	c, how := f.begin.Config, "which training goes on from"
	if f.freeze {
		how = "which stays as it is"
	}
	return []string{fmt.Sprintf("begin:  %s, a ResNet-%d with the %s stem of width %g, %s", originText(f.begin.Origin), c.Depth, c.Stem, c.Width, how)}
}

// originText names the file of an encoder.
func originText(o anomem.Origin) string { return fmt.Sprintf("%s (%s)", o.File, o.Digest) }

// sameEncoder returns an error that ends "CHECKPOINT ..." unless the options ask for the
// encoder that a checkpoint started from.
func (f *trainFlags) sameEncoder(s *train.State) error {
	if f.begin == nil && !f.freeze {
		return nil // a difference of settings tells
	}
	return f.sameBegin(s.Encoder, s.Options.Freeze)
}

// sameBegin returns an error that ends "MODEL ..." unless the options ask for the encoder that
// its training started from, and for what was done with it.
func (f *trainFlags) sameBegin(was *anomem.Origin, frozen bool) error {
	switch {
	case was == nil && f.begin != nil:
		return errors.New("began with no encoder: leave --encoder away")
	case was != nil && f.begin == nil:
		return fmt.Errorf("began with the encoder %s: give its file by --encoder", originText(*was))
	case was != nil && was.Digest != f.begin.Origin.Digest:
		return fmt.Errorf("began with the encoder %s, not %s", originText(*was), originText(f.begin.Origin))
	case frozen != f.freeze:
		return fmt.Errorf("was trained with --freeze=%t", frozen)
	}
	return nil
}
