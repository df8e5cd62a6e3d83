package train

import (
	"context"
	"slices"
	"testing"

	"anomem"
	"anomem/dataset"
	"anomem/imageio"
)

// within returns upright pictures of which a ring counts. Elsewhere they are grey.
func within(n int) dataset.Samples {
	var all dataset.Samples
	for i := range n {
		img, region := upright("ring", i, 16, 16), imageio.NewMask(16, 16)
		for k := range region.Pix {
			x, y := 2*(k%16)-15, 2*(k/16)-15
			region.Pix[k] = x*x+y*y < 256 && x*x+y*y > 100
		}
		img.Blank(region)
		all = append(all, dataset.Sample{Image: img, Normal: true, Region: region})
	}
	return all
}

// A row has cells of its region alone at the sampled positions, the same ones in both views.
func TestPlacesAreInside(t *testing.T) {
	s := newStage(t, smallConfig(), smallOptions(), within(12))
	moved, checked := 0, 0
	for step := range 3 {
		if err := s.draw(context.Background(), step); err != nil {
			t.Fatal(err)
		}
		b := &s.batch
		for i, places := range b.Places {
			cols, n := s.Config.MapSizes()[i].X, len(b.Positions[i])
			if len(places) != s.Rows()*n {
				t.Fatalf("%d places of %d rows at %d positions", len(places), s.Rows(), n)
			}
			for k, c := range places {
				row, q := k/n, b.Positions[i][k%n]
				first, second := s.views.parts.inside(0, row, i), s.views.parts.inside(1, row, i)
				some := false
				for j := range first {
					some = some || first[j] && second[j]
				}
				if !some {
					continue
				}
				checked++
				if int(c) != q.Y*cols+q.X {
					moved++
				}
				if !first[c] || !second[c] {
					t.Errorf("step %d, scale %d, row %d: cell %d is outside", step, i, row, c)
				}
			}
		}
	}
	if moved == 0 || moved == checked {
		t.Errorf("%d of %d places are others than the positions", moved, checked)
	}
	if s := newStage(t, smallConfig(), smallOptions(), uprights("a", 12)); s.draw(context.Background(), 0) != nil || s.batch.Places != nil {
		t.Error("places without a region")
	}
}

// Local heads learn from cells of the region alone, made blemishes lie within it, and the
// cells of scoring are those that count.
func TestCellsInside(t *testing.T) {
	c, o := smallConfig(), smallOptions()
	c.Head.Local, c.Head.Pool, c.Score.Kind = true, 4, anomem.ScoreCosine
	parts, err := anomem.NewParts[float32](c, 1)
	if err != nil {
		t.Fatal(err)
	}
	m, err := anomem.NewModel(c, parts, nil)
	if err != nil {
		t.Fatal(err)
	}
	d := within(3)
	for i := range d { // the left half
		for k := range d[i].Region.Pix {
			d[i].Region.Pix[k] = k%16 < 8
		}
	}
	plain, err := PlainCells(context.Background(), m, d, true)
	if err != nil {
		t.Fatal(err)
	}
	if plain.Len() != 3*4*8 {
		t.Errorf("%d cells of 3 images, in 4 turns, of which 8 of 16 cells count", plain.Len())
	}
	o.Shift, o.Heads.Views = 0, 1
	all, err := CellsOf(context.Background(), m, d, o, nil)
	if err != nil {
		t.Fatal(err)
	}
	upright := plain.Select(func(k int) bool { return plain.Quarters[k] == 0 })
	if all.Len() != upright.Len() || !slices.Equal(all.Scales[0], upright.Scales[0]) {
		t.Errorf("%d cells for training, %d in scoring", all.Len(), upright.Len())
	}
}

// A common region is kept in the model, by which it is calibrated and refitted; regions of
// each image's own are said to be needed.
func TestRunInRegions(t *testing.T) {
	c, o := smallConfig(), smallOptions()
	o.Epochs = 1
	r := &Run{Config: c, Options: o, Data: within(8), Held: within(4), Promise: anomem.Promise{Alpha: 0.25}}
	m, err := r.Train(context.Background(), nil)
	if err != nil {
		t.Fatal(err)
	}
	if m.Region() != nil || !m.Config().Input.Regions {
		t.Errorf("each its own: %v, %t", m.Region(), m.Config().Input.Regions)
	}
	region := r.Data.(dataset.Samples)[0].Region
	r = &Run{Config: c, Options: o, Data: common{within(8), region}, Held: within(4), Promise: anomem.Promise{Alpha: 0.25}}
	if m, err = r.Train(context.Background(), nil); err != nil {
		t.Fatal(err)
	}
	if m.Region() != region || m.Config().Input.Regions {
		t.Errorf("one for all: %v, %t", m.Region(), m.Config().Input.Regions)
	}
	bare := uprights("x", 2)
	if _, err := Refit(context.Background(), m, dataset.AllAnomalous(bare), o, func(string) {}, nil); err == nil {
		t.Error("refitted on images without the region")
	}
	next, err := Refit(context.Background(), m, dataset.AllAnomalous(within(2)), o, func(string) {}, nil)
	if err != nil || next.Region() != region {
		t.Errorf("refit: %v", err)
	}
	// Images that were read without the region are scored within it.
	scores := m.Calibration().Scores
	if err := Calibrate(context.Background(), m, within(4), anomem.Promise{Alpha: 0.25}); err != nil || !slices.Equal(m.Calibration().Scores, scores) {
		t.Errorf("calibrated again: %v, %v", m.Calibration().Scores, err)
	}
}

// common is a source whose images all have one region.
type common struct {
	dataset.Samples
	region *imageio.Mask
}

func (c common) CommonRegion() (*imageio.Mask, error) { return c.region, nil }
