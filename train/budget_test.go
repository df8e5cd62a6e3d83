package train

import (
	"context"
	"reflect"
	"strings"
	"testing"
	"time"

	"anomem"
	"anomem/imageio"
	"anomem/simd"
	"anomem/train/augment"
)

func TestFit(t *testing.T) {
	ctx := context.Background()
	c, o := smallConfig(), smallOptions()
	d := withDefects(12, 2)
	if _, _, err := Fit(ctx, time.Millisecond, c, o, d, nil); err == nil || !strings.Contains(err.Error(), "the budget leaves no time for training: a step takes") {
		t.Errorf("a budget of 1 ms: %v", err)
	}
	// Only epochs are planned for a long budget.
	long, step, err := Fit(ctx, 24*time.Hour, c, o, d, nil)
	if err != nil {
		t.Fatal(err)
	}
	if long.Epochs < 2 || long.Steps != 0 || step <= 0 {
		t.Errorf("a day: %d epochs, %d steps of %v", long.Epochs, long.Steps, step)
	}
	if long.Epochs = o.Epochs; long != o {
		t.Errorf("from %+v to %+v", o, long)
	}
	ended, cancel := context.WithCancel(ctx)
	cancel()
	if _, _, err := Fit(ended, time.Hour, c, o, d, nil); err != context.Canceled {
		t.Errorf("a context that has ended: %v", err)
	}
	if _, _, err := Fit(ctx, time.Hour, c, o, uprights("a", 1), nil); err == nil {
		t.Error("one image")
	}
}

// A short budget allows for a part of an epoch.
func TestFitPartOfAnEpoch(t *testing.T) {
	c, o := smallConfig(), smallOptions()
	o.Shift = augment.None
	const n = 1 << 20 // an epoch of 131072 steps
	many := &drawing{images: make([]*imageio.Image, n), normal: make([]bool, n), masks: make([]*imageio.Mask, n)}
	img := upright("a", 0, 16, 16)
	for i := range n {
		many.images[i], many.normal[i] = img, true
	}
	got, step, err := Fit(context.Background(), 30*time.Second, c, o, many, nil)
	if err != nil {
		t.Fatal(err)
	}
	if got.Epochs != 1 || got.Steps < 1 || time.Duration(got.Steps)*step > 30*time.Second {
		t.Errorf("%d epochs, %d steps of %v in 30 s", got.Epochs, got.Steps, step)
	}
	// The last of a few long epochs is cut short.
	o.Epochs = 1
	s := newStage(t, c, o, many)
	budget := 30*time.Second + time.Duration(float64(s.StepsPerEpoch())*1.5*float64(step))
	if got, _, err = Fit(context.Background(), budget, c, o, many, nil); err != nil {
		t.Fatal(err)
	}
	if each := s.StepsPerEpoch(); got.Epochs >= wholeEpochs && got.Steps != 0 || got.Epochs < wholeEpochs && (got.Steps <= (got.Epochs-1)*each || got.Steps > got.Epochs*each) {
		t.Errorf("%d steps planned as %d epochs of %d", got.Steps, got.Epochs, each)
	}
}

func TestSettings(t *testing.T) {
	for _, s := range []struct {
		longest, shortest, size, tile, stride int
		stem                                  string
	}{
		{32, 32, 32, 0, 0, "small"}, {28, 28, 32, 0, 0, "small"}, {64, 20, 64, 0, 0, "small"},
		{1024, 768, 128, 128, 96, "imagenet"}, {300, 100, 96, 100, 75, "imagenet"}, {300, 70, 64, 70, 52, "small"}, {300, 10, 32, 32, 24, "small"},
	} {
		c, _ := Settings(Small, augment.Object, s.longest, s.shortest)
		if in := c.Input; in.Size != s.size || in.Tile != s.tile || in.Stride != s.stride || c.Encoder.Stem != s.stem {
			t.Errorf("images of %d to %d pixels: %+v, %s stem", s.shortest, s.longest, in, c.Encoder.Stem)
		}
	}
	c, o := Settings(Paper, augment.Object, 32, 32)
	if c.Encoder != (anomem.Encoder{Depth: 50, Stem: "small", Width: 1}) || c.Score.Kind != anomem.ScoreL2 || o.Batch != 1024 || o.Shift != augment.None || o.Loss.Spread.Hinge != 0 ||
		c.Memory != (anomem.MemoryConfig{Beta: 2, Updates: 0, Eps: 1e-3, Similarity: "none"}) {
		t.Errorf("the paper's: %+v, %+v", c, o)
	}
	for _, name := range []string{"quick", "small", "paper"} {
		if p, err := ParsePreset(name); err != nil || string(p) != name {
			t.Errorf("%s: %v, %v", name, p, err)
		}
	}
	if _, err := ParsePreset("large"); err == nil {
		t.Error("a preset that is none")
	}
}

// Plan is Settings by the images' sizes, patterns that they can fill, and Fit's epochs.
func TestPlan(t *testing.T) {
	if simd.Level() == "purego" {
		t.Skip("a step of a preset takes ten seconds in plain Go, and planning measures several")
	}
	d := uprights("a", 40)
	c, o, err := Plan(context.Background(), 10*time.Second, Quick, augment.Object, 7, d, nil)
	if err != nil {
		t.Fatal(err)
	}
	want, wantOptions := Settings(Quick, augment.Object, 16, 16)
	LimitPatterns(&want, wantOptions, d)
	if !reflect.DeepEqual(c, want) || o.Seed != 7 || o.Epochs < 1 || o.Batch != wantOptions.Batch {
		t.Errorf("%+v, %+v; want %+v", c, o, want)
	}
	if _, _, err := Plan(context.Background(), time.Nanosecond, Quick, augment.Object, 7, d, nil); err == nil {
		t.Error("a plan for no time")
	}
}
