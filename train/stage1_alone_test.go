package train

import (
	"context"
	"slices"
	"strings"
	"testing"

	"anomem"
	"anomem/train/augment"
)

// Without eq. 7 and quarter turns, heads alone teach the encoder: their loss falls, and the
// patterns that they compare with are features from the first step on, and learn with them.
func TestStage1OfHeadsAlone(t *testing.T) {
	d := &drawing{}
	for i := range 16 {
		d.add(grains("alone", i, 32, 32), true, nil)
	}
	c, o := smallConfig(), smallOptions()
	c.Head.Local, c.Head.Pool = true, 2
	o.Shift, o.Uncontrasted, o.Joint, o.Epochs = augment.Blemish, true, 10, 12
	o.Augment = augment.ForKind(augment.Texture, c.Input.Size)
	s := newStage(t, c, o, d)
	random := slices.Clone(s.Parts.Memories[0].Patterns.Data())
	var filled []float32
	var losses []float64
	for s.Done() < s.Steps() {
		p, err := s.Next(context.Background())
		if err != nil {
			t.Fatal(err)
		}
		if len(s.batch.Views[1]) > 0 {
			t.Fatal("there is a second view")
		}
		if p.Loss != p.HeadsLoss {
			t.Errorf("step %d: loss %v, of which heads %v", p.Step, p.Loss, p.HeadsLoss)
		}
		if losses = append(losses, p.Loss); p.Step == 0 {
			filled = slices.Clone(s.Parts.Memories[0].Patterns.Data())
		}
	}
	if slices.Equal(random, filled) {
		t.Error("the first patterns are random")
	}
	if slices.Equal(filled, s.Parts.Memories[0].Patterns.Data()) {
		t.Error("patterns learn nothing")
	}
	const few = 8
	if first, last := mean(losses[:few]), mean(losses[len(losses)-few:]); !(last < 0.9*first) {
		t.Errorf("the loss goes from %.3f to %.3f", first, last)
	}
}

func mean(v []float64) float64 {
	var sum float64
	for _, x := range v {
		sum += x / float64(len(v))
	}
	return sum
}

// Without eq. 7 there must be something else to learn from.
func TestStage1OfNothing(t *testing.T) {
	d := &drawing{}
	for i := range 4 {
		d.add(grains("nothing", i, 16, 16), true, nil)
	}
	c, o := smallConfig(), smallOptions()
	o.Shift, o.Uncontrasted = augment.None, true
	parts, err := anomem.NewParts[float32](c, 1)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := NewStage1(c, o, parts, d, nil); err == nil || !strings.Contains(err.Error(), "known or self-labelled") {
		t.Errorf("no anomalies: %v", err)
	}
	d.add(grains("nothing", 4, 16, 16), false, nil)
	if _, err := NewStage1(c, o, parts, d, nil); err != nil {
		t.Errorf("a known anomaly: %v", err)
	}
	o.Joint = 0
	if err := o.Validate(); err == nil || !strings.Contains(err.Error(), "quarter turns or heads") {
		t.Errorf("no heads: %v", err)
	}
}
