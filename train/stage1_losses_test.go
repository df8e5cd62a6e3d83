package train

import (
	"context"
	"encoding/json"
	"testing"
)

// otherLosses are settings of eq. 7 other than the defaults, as options in JSON.
var otherLosses = map[string]string{
	"Barlow Twins": `{"loss": {"Contrast": {"Pair": "barlow"}}}`,
	"VICReg":       `{"loss": {"Contrast": {"Pair": "vicreg"}}}`,
	"pooled":       `{"loss": {"Pooled": true}}`,
	"per row":      `{"loss": {"Spread": {"PerRow": true}}}`,
	"not hinged":   `{"loss": {"Spread": {"Hinge": 0}}}`,
}

func optionsWith(t *testing.T, text string) Options {
	t.Helper()
	o := smallOptions()
	if err := json.Unmarshal([]byte(text), &o); err != nil {
		t.Fatal(err)
	}
	if err := o.Validate(); err != nil {
		t.Fatal(err)
	}
	return o
}

// Two steps of stage 1 with each setting give finite losses, which differ from those of the
// defaults.
func TestStage1TrainsWithEveryLoss(t *testing.T) {
	steps := func(text string) (losses [2]float64) {
		s := newStage(t, smallConfig(), optionsWith(t, text), uprights("a", 12))
		for i := range losses {
			p, err := s.Next(context.Background())
			if err != nil {
				t.Fatalf("%s: step %d: %v", text, i, err)
			}
			losses[i] = p.Loss
		}
		return losses
	}
	usual := steps(`{}`)
	for name, text := range otherLosses {
		got := steps(text)
		if !finite(got[0]) || !finite(got[1]) || got[0] == got[1] || got[0] == usual[0] || got[1] == usual[1] {
			t.Errorf("%s: losses %v, and by default %v", name, got, usual)
		}
	}
}

// The gradient of a step is that of MultiScale on one tape, bit for bit.
func TestStepIsOneTapeWithEveryLoss(t *testing.T) {
	for name, text := range otherLosses {
		t.Run(name, func(t *testing.T) {
			testStepIsOneTape[float32](t, optionsWith(t, text).Loss, 0, "plain")
		})
	}
}
