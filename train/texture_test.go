package train

import (
	"context"
	"slices"
	"strings"
	"testing"

	"anomem"
	"anomem/imageio"
	"anomem/nn/rng"
	"anomem/train/augment"
)

// spots returns n pictures of spots of 2×2 pixels, and of 4×4 in a corner of that side.
func spots(name string, n, side int) *drawing {
	d := &drawing{}
	for i := range n {
		r, img := rng.New(9, rng.Name(name), uint64(i)), imageio.NewImage(48, 48)
		for _, of := range [][2]int{{2, 48}, {4, side}} {
			for y := 0; y < of[1]; y += of[0] {
				for x := 0; x < of[1]; x += of[0] {
					v := byte(60 + r.IntN(120))
					for k := range of[0] * of[0] {
						at := 3 * ((y+k/of[0])*48 + x + k%of[0])
						img.Pix[at], img.Pix[at+1], img.Pix[at+2] = v, v, v
					}
				}
			}
		}
		d.add(img, side == 0, nil)
	}
	return d
}

// textureRun returns a training of local heads with made blemishes at two levels of a pyramid, and
// a texture.
func textureRun(t testing.TB) *Run {
	r := smallRun(t, spots("normal", 24, 0))
	r.Held = spots("held", 10, 0)
	r.Config.Head.Local, r.Config.Texture.Window = true, 12
	r.Config.Input.Tile, r.Config.Input.Stride, r.Config.Input.Levels = 16, 16, 1
	r.Options.Shift, r.Options.Joint = augment.Blemish, 10
	return r
}

// The score is that of heads and of the texture beside them. A refit keeps the texture and its
// weight, and calibrates by stored cells as by the images.
func TestTextureBesideHeads(t *testing.T) {
	ctx := context.Background()
	r := textureRun(t)
	m, err := r.Train(ctx, nil)
	if err != nil {
		t.Fatal(err)
	}
	c := m.Config()
	if !c.Score.Has(anomem.ScoreTexture) || !c.Score.Has(anomem.ScoreHeads) || len(c.Score.Levels) != 1 || m.Parts().Texture == nil {
		t.Fatalf("score %+v", c.Score)
	}
	if notes := strings.Join(m.Provenance().Notes, "\n"); !strings.Contains(notes, "texture, by 24 normal images") {
		t.Errorf("notes %q", notes)
	}
	// A patch of another grain is found, whatever the heads know.
	worst := slices.Max(scoresOf(m, spots("test", 20, 0)))
	for _, got := range scoresOf(m, spots("odd", 5, 24)) {
		if !(got > worst) {
			t.Errorf("another grain: %v, and normal ones have up to %v", got, worst)
		}
	}
	next, err := Refit(ctx, m, spots("new", 5, 24), r.Options, nil, nil)
	if err != nil {
		t.Fatal(err)
	}
	if got := next.Config().Score; got.Beside != c.Score.Beside || next.Parts().Texture != m.Parts().Texture {
		t.Errorf("after a refit the score is %+v", got)
	}
	scores := scoresOf(next, r.Held.(*drawing))
	slices.Sort(scores)
	if !slices.Equal(scores, next.Calibration().Scores) {
		t.Errorf("calibrated by %v, and the held-out images score %v", next.Calibration().Scores, scores)
	}
}

// The heads beside a texture are those without one.
func TestTextureLeavesHeadsAlone(t *testing.T) {
	ctx := context.Background()
	with, err := textureRun(t).Train(ctx, nil)
	if err != nil {
		t.Fatal(err)
	}
	for name, change := range map[string]func(r *Run){
		"no window": func(r *Run) { r.Config.Texture = anomem.TextureConfig{} },
		"heads":     func(r *Run) { r.Score = anomem.ScoreHeads },
	} {
		r := textureRun(t)
		change(r)
		m, err := r.Train(ctx, nil)
		if err != nil {
			t.Fatal(err)
		}
		if m.Config().Score.Kind != anomem.ScoreHeads || m.Parts().Texture != nil {
			t.Errorf("%s: score %+v", name, m.Config().Score)
		}
		for s, h := range m.Parts().Heads {
			if !slices.Equal(h.Hidden.Weight.Data(), with.Parts().Heads[s].Hidden.Weight.Data()) {
				t.Errorf("%s: other heads at scale %d", name, s)
			}
		}
	}
}

// Where nothing trains heads, or these compare an image with its rotated copies, a texture has no
// part.
func TestTextureGivesWay(t *testing.T) {
	for _, shift := range []augment.Shift{augment.None, augment.Mixed} {
		r := textureRun(t)
		r.Options.Shift = shift
		m, err := r.Train(context.Background(), nil)
		if err != nil {
			t.Fatal(err)
		}
		if s := m.Config().Score; s.Has(anomem.ScoreTexture) {
			t.Errorf("shift %s: score %+v", shift, s)
		}
	}
}
