package train

import (
	"context"
	"math"
	"slices"
	"testing"

	"anomem/autograd"
	"anomem/hopfield"
	"anomem/loss"
	"anomem/nn/rng"
	"anomem/train/augment"
)

func TestLabelCells(t *testing.T) {
	for _, c := range []struct {
		cover  []float32
		normal bool
		want   []Label
	}{
		{[]float32{0, 0, 0, 0}, true, []Label{Normal, Normal, Normal, Normal}},
		{[]float32{0, 0, 0, 0}, false, []Label{Unknown, Unknown, Unknown, Unknown}},
		{[]float32{0, 0.09, 0.1, 1}, true, []Label{Normal, Unknown, Anomalous, Anomalous}},
		{[]float32{0, 0.09, 0.1, 1}, false, []Label{Unknown, Unknown, Anomalous, Anomalous}},
		{[]float32{0.01, 0.02, 0, 0}, true, []Label{Unknown, Anomalous, Normal, Normal}}, // a speck
	} {
		got := make([]Label, 4)
		if labelCells(got, c.cover, c.normal); !slices.Equal(got, c.want) {
			t.Errorf("cover %v, normal %v: %v, want %v", c.cover, c.normal, got, c.want)
		}
	}
}

// TestSuperviseCells compares eq. 12 over cells with its definition over all rows of both
// views: half the mean over normal cells, and half the mean over rows that show an anomaly.
// Such a row counts by its anomalous cells, or by the worst cell if these are not known.
func TestSuperviseCells(t *testing.T) {
	const rows, margin = 7, 2.0
	c := smallConfig()
	b := smallBatch[float64](c, rows)
	c = withLocalHeads(c, b)
	s := joint[float64]{config: c, margin: margin, views: 2}
	each := c.Head.Distances()
	g := autograd.NewGraph[float64](nil)
	r := rng.New(3)
	var normal, anomalous float64
	var normals, shows int
	total := 0.0
	for v := range 2 {
		var distances []*autograd.Tensor[float64]
		for range 2 {
			d := autograd.New[float64](rows * each)
			for i := range d.Data() {
				d.Data()[i] = 2 * r.Norm()
			}
			distances = append(distances, d)
		}
		for k := range rows {
			labels := b.Cells[v][b.row(v, k)*each:][:each]
			for _, d := range distances {
				var here []float64
				worst := math.Inf(-1)
				for i, l := range labels {
					x := d.Data()[k*each+i]
					switch l {
					case Normal:
						normal += max(0, x-1/margin)
						normals++
					case Anomalous:
						here = append(here, max(0, margin-x))
					case Somewhere:
						worst = max(worst, x)
					}
				}
				sum, n := 0.0, 0
				for _, h := range here {
					sum += h / float64(len(here))
					n = 1
				}
				if !math.IsInf(worst, -1) {
					sum += max(0, margin-worst)
					n = 1
				}
				anomalous += sum
				shows += n
			}
		}
		for _, lohi := range [][2]int{{0, 3}, {3, rows}} { // two chunks
			var part []*autograd.Tensor[float64]
			for _, d := range distances {
				part = append(part, autograd.FromSlice(d.Data()[lohi[0]*each:lohi[1]*each], (lohi[1]-lohi[0])*each))
			}
			total += s.superviseCells(g, part, b, v, lohi[0], lohi[1]).Item()
		}
	}
	want := 0.5*normal/float64(normals) + 0.5*anomalous/float64(shows)
	if !(math.Abs(total-want) <= 1e-12*want) {
		t.Errorf("%v, want %v", total, want)
	}
}

// TestSuperviseRows compares eq. 12 over some of the rows with its definition, the mean
// over these rows, both views and all scales, whatever the distances of the other rows.
func TestSuperviseRows(t *testing.T) {
	const rows, margin = 7, 2.0
	c := smallConfig()
	b := smallBatch[float64](c, rows)
	s := joint[float64]{config: c, margin: margin, views: 2}
	g := autograd.NewGraph[float64](nil)
	r := rng.New(3)
	counts := func(row int) bool { return row%3 != 1 } // three normal ones, two anomalous
	var total, want float64
	for v := range 2 {
		var distances []*autograd.Tensor[float64]
		for range 2 {
			d := autograd.New[float64](rows)
			for k := range rows {
				row := b.row(v, k)
				switch d.Data()[k] = 2 * r.Norm(); {
				case !counts(row):
					d.Data()[k] = 1e9
				case b.Normal[row]:
					want += max(0, d.Data()[k]-1/margin) / (5 * 2 * 2)
				default:
					want += max(0, margin-d.Data()[k]) / (5 * 2 * 2)
				}
			}
			distances = append(distances, d)
		}
		for _, lohi := range [][2]int{{0, 3}, {3, rows}} { // two chunks
			var part []*autograd.Tensor[float64]
			for _, d := range distances {
				part = append(part, autograd.FromSlice(d.Data()[lohi[0]:lohi[1]], lohi[1]-lohi[0]))
			}
			total += s.superviseRows(g, part, b, v, lohi[0], lohi[1], counts).Item()
		}
	}
	if !(math.Abs(total-want) <= 1e-12*want) {
		t.Errorf("%v, want %v", total, want)
	}
}

// TestSupervisePaired compares what eq. 12 adds to a step with two heads a scale with its
// definition: the first head's mean over rows that are no copies, plus the second head's
// over rows that are no known anomalies.
func TestSupervisePaired(t *testing.T) {
	const rows, margin, joint = 9, 2.0, 0.7
	c := smallConfig()
	b := smallBatch[float64](c, rows)
	c = withHeads("paired", c, b)
	parts := partsWithHeads[float64](t, c, 1, "plain")
	s := NewStepper(parts, c, loss.DefaultConfig(), rows, 0, nil)
	s.Joint, s.Margin = joint, margin
	if _, err := s.Step(b); err != nil {
		t.Fatal(err)
	}
	g := autograd.NewGraph[float64](nil)
	var known, made float64
	var knowns, mades int
	for v := range b.Views {
		x := g.NewTensor(rows, b.Size, b.Size, 3)
		each := b.Size * b.Size * 3
		for k := range rows {
			copy(x.Data()[k*each:], b.Views[v][b.row(v, k)*each:][:each])
		}
		maps := parts.Encoder.Stages(g, x)
		for sc, memory := range parts.Memories {
			z := maps[c.Scales[sc].Stage-1]
			delta := hopfield.Deviation(g, z, memory.Patterns, memory.Config)
			delta = g.Scale(delta, 2*math.Sqrt(float64(z.Dim(3))))
			first, second := parts.Heads[sc].Forward(g, delta).Data(), parts.RotationHeads[sc].Forward(g, delta).Data()
			hinge := func(d float64, normal bool) float64 {
				if normal {
					return max(0, d-1/margin)
				}
				return max(0, margin-d)
			}
			for k := range rows {
				row := b.row(v, k)
				if !b.Copied[row] {
					known += hinge(first[k], b.Normal[row])
					knowns++
				}
				if b.Copied[row] || b.Normal[row] {
					made += hinge(second[k], b.Normal[row])
					mades++
				}
			}
		}
	}
	want := joint * (known/float64(knowns) + made/float64(mades))
	if got := s.HeadsLoss(); !(math.Abs(got-want) <= 1e-12*want) || knowns == mades {
		t.Errorf("%v, want %v", got, want)
	}
}

// TestFillLabels checks that the batches of stage 1 have the labels of the units and of the
// shifts.
func TestFillLabels(t *testing.T) {
	c := smallConfig()
	c.Head.Local, c.Head.Pool = true, 2
	o := smallOptions()
	o.Augment = augment.Options{CropArea: [2]float64{1, 1}, CropRatio: [2]float64{1, 1}, BlurSigma: o.Augment.BlurSigma}
	o.Shift = augment.Blemish
	d := mixed()
	units, err := unitsOf(c.Input, d, false)
	if err != nil {
		t.Fatal(err)
	}
	v := newViewer(c, o, d, units)
	b := &Batch[float32]{Size: c.Input.Size}
	var picks []pick
	for u := range units {
		picks = append(picks, pick{u, 1})
	}
	for view := range b.Views {
		b.Views[view] = make([]float32, 2*len(picks)*c.Input.Size*c.Input.Size*3)
	}
	if err := v.fill(context.Background(), nil, b, picks, 2); err != nil {
		t.Fatal(err)
	}
	for view := range b.Cells {
		for u := range units {
			labels := b.Cells[view][2*u*4:][:8]
			own, copied := labels[:4], labels[4:]
			want := []Label{Normal, Normal, Normal, Normal}
			switch u {
			case 3: // 36 of the 280 pixels of the second cell
				want[1] = Anomalous
			case 4:
				want = []Label{Somewhere, Somewhere, Somewhere, Somewhere}
			}
			if !slices.Equal(own, want) {
				t.Errorf("view %d, image %d: labels %v, want %v", view, u, own, want)
			}
			if !slices.Contains(copied, Anomalous) || slices.Contains(copied, Somewhere) || u == 4 && slices.Contains(copied, Normal) || u == 3 && copied[1] != Anomalous {
				t.Errorf("view %d, image %d: labels %v of a copy with a blemish", view, u, copied)
			}
		}
	}
}
