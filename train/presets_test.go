package train

import (
	"errors"
	"reflect"
	"testing"

	"anomem"
	"anomem/train/augment"
)

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
	for _, s := range []struct {
		kind         augment.Kind
		shift        augment.Shift
		uncontrasted bool
	}{
		{augment.Object, augment.Rotate, true}, {augment.Object, augment.Blemish, false}, {augment.Part, augment.Blemish, false},
		{augment.Texture, augment.Blemish, true}, {augment.Texture, augment.CutPaste, true}, {augment.Texture, augment.None, false},
	} {
		c, o := Settings(Small, s.kind, 200, 200)
		if o = o.WithShift(s.shift); o.Uncontrasted != s.uncontrasted {
			t.Errorf("%v, shift %v: without eq. 7: %v", s.kind, s.shift, o.Uncontrasted)
		}
		if err := errors.Join(c.Validate(), o.Validate()); err != nil {
			t.Errorf("%v, shift %v: %v", s.kind, s.shift, err)
		}
	}
	plain := DefaultOptions(32)
	if _, o := Settings(Small, augment.Object, 32, 32); o.Joint >= plain.Joint || o.Known >= plain.Known || o.Mix == 0 {
		t.Errorf("beside turns, known anomalies have the weight %v and the share %v", o.Joint, o.Known)
	} else if o = o.WithShift(augment.None); o.Joint != plain.Joint || o.Known != plain.Known || o.Mix != plain.Mix {
		t.Errorf("beside eq. 7, known anomalies have the weight %v and the share %v", o.Joint, o.Known)
	}
	if _, o := Settings(Paper, augment.Texture, 200, 200); o.Uncontrasted {
		t.Error("the paper's: without eq. 7")
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

// Plan is Settings by the images' sizes, with patterns that they can fill.
func TestPlan(t *testing.T) {
	d := uprights("a", 40)
	c, o := Plan(Quick, augment.Object, 7, d)
	want, wantOptions := Settings(Quick, augment.Object, 16, 16)
	LimitPatterns(&want, wantOptions, d)
	wantOptions.Seed = 7
	if !reflect.DeepEqual(c, want) || !reflect.DeepEqual(o, wantOptions) {
		t.Errorf("%+v, %+v; want %+v, %+v", c, o, want, wantOptions)
	}
}
