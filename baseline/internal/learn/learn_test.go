package learn

import (
	"context"
	"fmt"
	"slices"
	"testing"

	"anomem/autograd"
	"anomem/dataset"
	"anomem/imageio"
	"anomem/nn/rng"
)

// A pass takes each index once; batches continue from one pass to the next, and a step's do
// not depend on the steps before.
func TestOrder(t *testing.T) {
	o := NewOrder(3, "test", 7)
	var all []int
	dst := make([]int, 4)
	for step := range 7 {
		o.Batch(dst, step)
		all = append(all, dst...)
		again := make([]int, 4)
		if NewOrder(3, "test", 7).Batch(again, step); !slices.Equal(dst, again) {
			t.Errorf("step %d: %v, and from there %v", step, dst, again)
		}
	}
	for pass := range 4 {
		p := slices.Clone(all[7*pass:][:7])
		if slices.Sort(p); !slices.Equal(p, []int{0, 1, 2, 3, 4, 5, 6}) {
			t.Errorf("pass %d takes %v", pass, all[7*pass:][:7])
		}
	}
	if slices.Equal(all[:7], all[7:14]) {
		t.Error("two passes have one order")
	}
	other := make([]int, 7)
	if NewOrder(3, "other", 7).Batch(other, 0); slices.Equal(other, all[:7]) {
		t.Error("two names have one order")
	}
}

// ramp is an image whose pixels are all different.
func ramp(side int) *imageio.Image {
	img := imageio.NewImage(side, side)
	for i := range img.Pix {
		img.Pix[i] = byte(i)
	}
	return img
}

func TestMoves(t *testing.T) {
	img := ramp(8)
	of := func(m Move) *imageio.Image {
		x, y := make([]float32, len(img.Pix)), make([]float32, len(img.Pix))
		Unit.Apply(x, img.Pix)
		m.Apply(y, x, 8)
		return Unit.Image(y, 8, 8)
	}
	at := func(m *imageio.Image, x, y int) byte { return m.Pix[3*(y*8+x)] }
	all := Moves()
	if len(all) != 36 || !slices.Equal(of(all[0]).Pix, img.Pix) {
		t.Fatalf("%d moves, the first of which moves", len(all))
	}
	right := of(Move{X: 1})
	for x, from := range []int{1, 0, 0, 1, 2, 3, 4, 5} {
		if got, want := at(right, x, 3), at(img, from, 3); got != want {
			t.Errorf("to the right: pixel %d is %d, want that of %d", x, got, from)
		}
	}
	up := of(Move{Y: -1})
	for y, from := range []int{2, 3, 4, 5, 6, 7, 7, 6} {
		if got, want := at(up, 5, y), at(img, 5, from); got != want {
			t.Errorf("up: pixel %d is %d, want that of %d", y, got, from)
		}
	}
	for q := range 4 {
		if !slices.Equal(of(Move{Quarters: q, Y: -1}).Pix, up.Rotate90(q).Pix) {
			t.Errorf("%d quarter turns are none of a shifted image", q)
		}
	}
	seen := map[string]bool{}
	for i, m := range all {
		seen[string(of(m).Pix)] = true
		if want := 9*m.Quarters + 3*Class(m.Y) + Class(m.X); i != want {
			t.Errorf("move %d is %v, whose classes give %d", i, m, want)
		}
	}
	if len(seen) != 36 {
		t.Errorf("%d different images", len(seen))
	}
}

func TestCrossEntropy(t *testing.T) {
	r := rng.New(1)
	logits := autograd.New[float64](4, 3)
	for i := range logits.Data() {
		logits.Data()[i] = r.Norm()
	}
	class := []int{2, 0, 1, 1}
	err := autograd.GradCheck("CrossEntropy", func(g *autograd.Graph[float64], in []*autograd.Tensor[float64]) *autograd.Tensor[float64] {
		return CrossEntropy(g, in[0], class)
	}, []*autograd.Tensor[float64]{logits})
	if err != nil {
		t.Error(err)
	}
	g := autograd.NewGraph[float64](nil)
	if got, want := CrossEntropy(g, autograd.New[float64](2, 4), []int{0, 3}).Item(), 1.3862943611198906; got != want {
		t.Errorf("of equal logits: %v, want ln 4", got)
	}
	for _, class := range [][]int{{0}, {0, 4}, {-1, 0}} {
		func() {
			defer func() {
				if recover() == nil {
					t.Errorf("classes %v: no panic", class)
				}
			}()
			CrossEntropy(g, autograd.New[float64](2, 4), class)
		}()
	}
}

func TestRead(t *testing.T) {
	src := dataset.Samples{{Image: ramp(8), Normal: true}, {Image: ramp(16)}, {Image: imageio.NewImage(4, 9), Normal: true}}
	for _, anomalies := range []bool{false, true} {
		m, err := Read(context.Background(), "test", src, 6, anomalies)
		if err != nil {
			t.Fatal(err)
		}
		if got, want := fmt.Sprint(len(m.Normal), len(m.Anomalous)), map[bool]string{false: "2 0", true: "2 1"}[anomalies]; got != want {
			t.Errorf("%s images, want %s", got, want)
		}
		for _, img := range m.All() {
			if img.W != 6 || img.H != 6 {
				t.Errorf("%d×%d", img.W, img.H)
			}
		}
	}
	src = append(src, dataset.Sample{Image: new(imageio.Image)})
	if _, err := Read(context.Background(), "test", src, 6, false); err != nil {
		t.Errorf("an anomaly that is not asked for: %v", err)
	}
	if _, err := Read(context.Background(), "test", src, 6, true); err == nil {
		t.Error("an anomaly without pixels is no error")
	}
}
