package main

import (
	"errors"
	"fmt"
	"strconv"

	"anomem"
	"anomem/describe"
	"anomem/train"
)

// promiseFlags are the options that say how many false alarms a model may give.
type promiseFlags struct{ falseAlarm, confidence float64 }

// promise declares the options of a command that takes over what a model promises.
func (g *optionGroup) promise(f *promiseFlags) {
	option(g, &f.falseAlarm, "false-alarm", 0, "the `RATE` of normal images that may be called anomalous, in the mean over calibrations or with --confidence", between(0.0, 1)).byDefault("the model's, or 0.05")
	g.confidence(&f.confidence).byDefault("the model's")
}

func (g *optionGroup) confidence(to *float64) *declaration {
	return option(g, to, "confidence", 0, "keep the rate with `PROBABILITY`, such as 0.95, rather than in the mean over calibrations; takes three times the images and more; 0: in the mean", share)
}

// of returns the promise that the options ask for, by default that of m.
func (f *promiseFlags) of(m *anomem.Model, given map[string]bool) anomem.Promise {
	p := m.Promise()
	if given["false-alarm"] {
		p.Alpha = f.falseAlarm
	}
	if p.Alpha == 0 {
		p.Alpha = describe.UsualAlpha
	}
	if given["confidence"] {
		p.Confidence = f.confidence
	}
	return p
}

// canRefit returns an error if m is calibrated and keeps none of the images that it was
// calibrated by, or too few for the promise of m refitted.
func (f *promiseFlags) canRefit(m *anomem.Model, given map[string]bool) error {
	if m.Calibration() != nil && train.KeptHeld(m) == 0 {
		return errors.New("the model keeps none of the images that it was calibrated by; give --normals, normal images that it was not trained on")
	}
	if m.Calibration() == nil || m.Promise().Alpha == 0 && !given["false-alarm"] && !given["confidence"] {
		return nil // apply says so, or there is nothing to keep
	}
	return checkPromise(f.of(m, given), train.KeptHeld(m), "held-out images", "the model keeps no more of those that it was calibrated by; give --normals, normal images that it was not trained on")
}

// apply makes m keep the promise that the options ask for, if they ask for any. It is an
// error if m has no held-out images.
func (f *promiseFlags) apply(m *anomem.Model, given map[string]bool) error {
	if !given["false-alarm"] && !given["confidence"] {
		return nil
	}
	c := m.Calibration()
	if c == nil {
		return fmt.Errorf("the model keeps no held-out images, and so cannot promise a false-alarm rate: anomem calibrate gives it one afterwards")
	}
	p := f.of(m, given)
	if err := checkPromise(p, len(c.Scores), "held-out normal images", "calibrate with more afterwards"); err != nil {
		return err
	}
	return m.Calibrate(c.Scores, p)
}

// asked returns the options that ask for p.
func asked(p anomem.Promise) string {
	s := fmt.Sprintf("--false-alarm %g", p.Alpha)
	if p.Confidence > 0 {
		s += fmt.Sprintf(" --confidence %g", p.Confidence)
	}
	return s
}

// checkPromise returns an error unless n images, of which what tells the kind, can promise
// p. more says where more of them come from.
func checkPromise(p anomem.Promise, n int, what, more string) error {
	if p.Check(n) == nil {
		return nil
	}
	return fmt.Errorf("%s takes %.0f %s, and there %s: %s, or --false-alarm %s", asked(p), p.Held(), what, isOrAre(n), more, leastRate(p, n))
}

// isOrAre returns "is 1", "are 2".
func isOrAre(n int) string {
	if n == 1 {
		return "is 1"
	}
	return fmt.Sprintf("are %d", n)
}

// leastRate returns the smallest false-alarm rate that n images can promise with p's
// confidence, as --false-alarm takes it; 0, which promises nothing, if there are none.
func leastRate(p anomem.Promise, n int) string {
	if n == 0 {
		return "0"
	}
	return anomem.RoundedUp(p.Least(n))
}

// promised returns what the held-out images of a training promise. If no rate is asked for
// and they are too few for the usual one, that is the smallest rate that they can, and note
// says so.
func (f *trainFlags) promised(held int) (p anomem.Promise, note string, err error) {
	p = anomem.Promise{Alpha: f.falseAlarm, Confidence: f.confidence}
	if p.Alpha == 0 {
		return anomem.Promise{}, "", nil
	}
	if f.given["false-alarm"] || f.given["confidence"] || held == 0 {
		return p, "", checkPromise(p, held, "held-out normal images", "give more images, a larger --hold-out")
	}
	if p.Check(held) == nil {
		return p, "", nil
	}
	least, err := strconv.ParseFloat(leastRate(p, held), 64)
	if err != nil {
		return p, "", err
	}
	note = fmt.Sprintf("warning: few images: the %d held-out ones can promise a false-alarm rate of %g at best, which %.0f bring down to %g", held, least, p.Held(), p.Alpha)
	p.Alpha = least
	return p, note, nil
}
