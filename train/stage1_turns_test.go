package train

import (
	"context"
	"math"
	"slices"
	"testing"

	"anomem"
	"anomem/autograd"
	"anomem/loss"
	"anomem/train/augment"
)

// The loss of turns is the cross-entropy of each row's quarter turns where the image is
// normal, and of the uniform distribution where it is anomalous, over both views.
func TestTurnsLoss(t *testing.T) {
	c := smallConfig()
	const rows, weight = 16, 3.0
	b := smallBatch[float64](c, rows)
	c = withHeads("turns", c, b)
	parts := partsWithHeads[float64](t, c, 0, "turns")
	s := NewStepper(parts, c, loss.DefaultConfig(), 5, 0, nil)
	weigh(s, "turns", 0)
	if _, err := s.Step(b); err != nil {
		t.Fatal(err)
	}
	var want, lambda float64
	for _, sc := range c.Scales {
		lambda += sc.Lambda
	}
	n := chunks(rows, s.Chunk)
	for v := range 2 {
		for i := range n {
			lo, hi := chunkOf(rows, n, i)
			g := autograd.NewGraph[float64](nil)
			x := g.NewTensor(hi-lo, b.Size, b.Size, 3)
			each := b.Size * b.Size * 3
			for k := lo; k < hi; k++ {
				copy(x.Data()[(k-lo)*each:], b.Views[v][b.row(v, k)*each:][:each])
			}
			maps := parts.Encoder.Stages(g, x)
			for sc, h := range parts.Turns {
				log := h.Forward(g, maps[c.Scales[sc].Stage-1]).Data()
				for k := lo; k < hi; k++ {
					row := b.row(v, k)
					p := log[(k-lo)*4 : (k-lo+1)*4]
					entropy := -(p[0] + p[1] + p[2] + p[3]) / 4
					if row%8 < 4 {
						entropy = -p[row%4]
					}
					want += weight * c.Scales[sc].Lambda / lambda * entropy / (2 * rows)
				}
			}
		}
	}
	if got := s.HeadsLoss(); !(math.Abs(got-want) <= 1e-12*want) {
		t.Errorf("%v, want %v", got, want)
	}
}

// With quarter turns a unit's rows show it rotated by none to three of them.
func TestRowsOfTurns(t *testing.T) {
	d := &drawing{}
	for i := range 4 {
		d.add(upright("turns", i, 16, 16), true, nil)
	}
	c, o := smallConfig(), smallOptions()
	o.Shift, o.Turn, o.Uncontrasted, o.Batch = augment.Rotate, 1, true, 16
	o.Augment = augment.Options{CropArea: [2]float64{1, 1}, CropRatio: [2]float64{1, 1}}
	parts, err := anomem.NewParts[float32](c, 1)
	if err != nil {
		t.Fatal(err)
	}
	s, err := NewStage1(c, o, parts, d, nil)
	if err != nil {
		t.Fatal(err)
	}
	if err := s.draw(context.Background(), 0); err != nil {
		t.Fatal(err)
	}
	if len(s.batch.Normal) != 16 || len(s.batch.Views[1]) != 0 {
		t.Fatalf("%d rows, and %d values of a second view", len(s.batch.Normal), len(s.batch.Views[1]))
	}
	for i, p := range s.order.of(0) {
		img, err := d.Image(s.units[p.unit].image)
		if err != nil {
			t.Fatal(err)
		}
		for q := range 4 {
			want := make([]float32, 16*16*3)
			augment.Plain(want, img.Rotate90(q), 16, c.Input.Norm())
			row := i*4 + q
			if got := s.batch.Views[0][row*len(want):][:len(want)]; !slices.Equal(got, want) {
				t.Errorf("row %d does not show unit %d rotated %d times", row, p.unit, q)
			}
			if s.batch.Normal[row] != (q == 0) || s.batch.Copied[row] != (q > 0) {
				t.Errorf("row %d: normal %v, copied %v", row, s.batch.Normal[row], s.batch.Copied[row])
			}
		}
	}
}

// Evidence is normal, disjoint from what is trained on, and nothing where images are few.
func TestSplitEvidence(t *testing.T) {
	of := func(normals, known int) *drawing {
		d := &drawing{}
		img := upright("evidence", 0, 8, 8)
		for i := range normals + known {
			d.add(img, i >= known, nil)
		}
		return d
	}
	for _, c := range []struct{ normals, known, want int }{{127, 3, 0}, {128, 3, 8}, {500, 0, 31}, {5000, 10, 256}} {
		d := of(c.normals, c.known)
		rest, evidence := splitEvidence(d, 1)
		if c.want == 0 {
			if rest.Len() != d.Len() || evidence != nil {
				t.Errorf("%d normal images: some are evidence", c.normals)
			}
			continue
		}
		if evidence.Len() != c.want || rest.Len()+evidence.Len() != d.Len() {
			t.Errorf("%d normal images: %d evidence, %d others", c.normals, evidence.Len(), rest.Len())
		}
		seen := map[int]bool{}
		for _, s := range []subset{rest.(subset), evidence.(subset)} {
			for _, i := range s.at {
				if seen[i] {
					t.Fatalf("image %d is on both sides", i)
				}
				seen[i] = true
			}
		}
		for i := range evidence.Len() {
			if !evidence.Normal(i) {
				t.Errorf("a known anomaly is evidence")
			}
		}
		again, _ := splitEvidence(d, 1)
		other, _ := splitEvidence(d, 2)
		if !slices.Equal(again.(subset).at, rest.(subset).at) || slices.Equal(other.(subset).at, rest.(subset).at) {
			t.Errorf("the split does not follow from the seed alone")
		}
	}
}

func TestSpread(t *testing.T) {
	if mean, std := spread([]float64{1, 3, 5, 7}); mean != 4 || math.Abs(std-math.Sqrt(5)) > 1e-15 {
		t.Errorf("mean %v, deviation %v", mean, std)
	}
	if _, std := spread([]float64{2, 2}); std != 1 {
		t.Errorf("deviation %v of equal scores", std)
	}
}

// A classifier that tells nothing, with odds of 3 against any turn, weighs nothing, one that
// is sure weighs 1, and one that is misled nothing, too.
func TestKnown(t *testing.T) {
	for _, c := range []struct {
		odds []float64
		want float64
	}{
		{[]float64{math.Log(3), math.Log(3)}, 0}, {[]float64{-50, -60}, 1}, {[]float64{9, 8}, 0},
		{[]float64{0, 0}, 0.5}, {[]float64{0, -50}, 0.75},
	} {
		if got := known(c.odds); !(math.Abs(got-c.want) <= 1e-6) {
			t.Errorf("odds %v: %v, want %v", c.odds, got, c.want)
		}
	}
}
