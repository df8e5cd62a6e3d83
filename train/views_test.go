package train

import (
	"context"
	"errors"
	"image"
	"slices"
	"testing"

	"anomem"
	"anomem/dataset"
	"anomem/imageio"
	"anomem/nn/rng"
	"anomem/simd/pool"
	"anomem/train/augment"
)

// tiles32 cuts images into tiles of 16 pixels, 12 apart.
func tiles32() anomem.Input {
	in := smallConfig().Input
	in.Tile, in.Stride = 16, 12
	return in
}

func TestUnits(t *testing.T) {
	d := &drawing{}
	d.add(upright("a", 0, 28, 16), true, nil)
	img, mask := spotted(upright("a", 1, 28, 28), 20, 2, 4) // in the upper right tile alone
	d.add(img, false, mask)
	d.add(img, false, nil)
	empty := imageio.NewMask(28, 28)
	d.add(img, false, empty)
	d.add(upright("a", 2, 5, 5), true, nil)

	whole, err := unitsOf(smallConfig().Input, d, false)
	if err != nil {
		t.Fatal(err)
	}
	if want := []unit{{image: 0, normal: true}, {image: 1}, {image: 2}, {image: 3}, {image: 4, normal: true}}; !slices.Equal(whole, want) {
		t.Errorf("whole images: %v", whole)
	}
	at := func(x, y int) image.Rectangle { return image.Rect(x, y, x+16, y+16) }
	known := []unit{
		{0, at(0, 0), true, 0}, {0, at(12, 0), true, 0},
		{1, at(0, 0), true, 0}, {1, at(12, 0), false, 0}, {1, at(0, 12), true, 0}, {1, at(12, 12), true, 0},
	}
	bags := []unit{
		{2, at(0, 0), false, 3}, {2, at(12, 0), false, 3}, {2, at(0, 12), false, 3}, {2, at(12, 12), false, 3},
		{3, at(0, 0), false, 4}, {3, at(12, 0), false, 4}, {3, at(0, 12), false, 4}, {3, at(12, 12), false, 4},
	}
	last := []unit{{4, at(0, 0), true, 0}}
	for _, with := range []bool{false, true} {
		want := slices.Concat(known, last)
		if with {
			want = slices.Concat(known, bags, last)
		}
		got, err := unitsOf(tiles32(), d, with)
		if err != nil || !slices.Equal(got, want) {
			t.Errorf("tiles, bags %v: %v, %v", with, err, got)
		}
	}
	// The normal images alone keep their sizes, and what is left has no bag.
	got, err := unitsOf(tiles32(), newSubset(d, true), false)
	if err != nil || len(got) != 3 || got[2].rect != at(0, 0) || got[2].image != 1 {
		t.Errorf("tiles of normal images: %v, %v", err, got)
	}
}

// Tiles of normal images are displaced by up to a quarter, within the image. Those of
// anomalous images, which have been labelled, stay, and so do all without move.
func TestTilesMove(t *testing.T) {
	r := rng.New(1)
	big, small := imageio.NewImage(100, 40), imageio.NewImage(7, 100)
	seen := map[image.Point]bool{}
	for range 2000 {
		at := image.Rect(40, 20, 56, 36)
		m := jitter(at, big, &r)
		d := m.Min.Sub(at.Min)
		if m.Dx() != 16 || m.Dy() != 16 || d.X < -4 || d.X > 4 || d.Y < -4 || d.Y > 4 {
			t.Fatalf("%v has moved to %v", at, m)
		}
		seen[d] = true
		if m := jitter(image.Rect(84, 24, 100, 40), big, &r); !m.In(image.Rect(0, 0, 100, 40)) {
			t.Fatalf("the last tile has left the image: %v", m)
		}
		if m := jitter(image.Rect(0, 0, 16, 16), small, &r); m.Min.X != 0 {
			t.Fatalf("a tile has moved along an axis that is shorter: %v", m)
		}
	}
	if len(seen) != 9*9 {
		t.Errorf("%d places, want 81", len(seen))
	}

	d := &drawing{}
	img, mask := spotted(upright("a", 1, 40, 40), 20, 2, 4)
	d.add(img, true, nil)
	d.add(img, false, mask)
	units, err := unitsOf(tiles32(), d, false)
	if err != nil {
		t.Fatal(err)
	}
	v := newViewer(anomem.Config{Input: tiles32()}, smallOptions(), d, units)
	var all []pick
	for u := range units {
		all = append(all, pick{u, 1})
	}
	moved := 0
	for _, move := range []bool{false, true} {
		images, _, err := v.images(context.Background(), nil, all, move)
		if err != nil {
			t.Fatal(err)
		}
		for u, tile := range images {
			r := units[u].rect
			same := slices.Equal(tile.Pix, img.CropReflect(r.Min.X, r.Min.Y, 16, 16).Pix)
			if !same && (!move || units[u].image == 1) {
				t.Errorf("unit %d, %v, has moved", u, units[u])
			}
			if !same {
				moved++
			}
		}
	}
	if moved < 5 {
		t.Errorf("%d tiles of 9 have moved", moved)
	}
}

// A batch shows the same on any number of threads. Each view follows from its own stream
// and the picture of the unit or of its shifted copy, which both views share.
func TestViews(t *testing.T) {
	in, o := tiles32(), smallOptions()
	o.Shift = augment.CutPaste
	d := &drawing{}
	for i := range 4 {
		d.add(upright("a", i, 40, 28), true, nil)
	}
	units, err := unitsOf(in, d, false)
	if err != nil {
		t.Fatal(err)
	}
	const copies, pass = 2, 6
	chosen := []pick{{3, pass}, {0, pass}, {7, pass}, {11, pass}, {5, pass}}
	var first *Batch[float32]
	for _, threads := range []int{1, 2, 4} {
		p := pool.New(threads)
		defer p.Close()
		v := newViewer(anomem.Config{Input: in}, o, d, units)
		b := &Batch[float32]{Size: in.Size}
		each := in.Size * in.Size * 3
		for view := range b.Views {
			b.Views[view] = make([]float32, len(chosen)*copies*each)
		}
		for range 2 { // the second time in used memory
			if err := v.fill(context.Background(), p, b, chosen, copies); err != nil {
				t.Fatal(err)
			}
			if first == nil {
				first = b
			}
			for view := range b.Views {
				if !slices.Equal(b.Views[view], first.Views[view]) {
					t.Errorf("%d threads: view %d differs", threads, view)
				}
			}
		}
		if threads > 1 {
			continue
		}
		images, _, err := v.images(context.Background(), nil, chosen, true)
		if err != nil {
			t.Fatal(err)
		}
		norm := imageio.Norm{Mean: in.Mean, Std: in.Std}
		for i, u := range chosen {
			stream := func(view int) rng.Stream {
				return rng.New(o.Seed, rng.Name("view"), pass, uint64(u.unit), uint64(view))
			}
			want := make([]float32, each)
			for view := range 2 {
				o.Augment.View(want, images[i], in.Size, norm, stream(view))
				if !slices.Equal(b.Views[view][2*i*each:(2*i+1)*each], want) {
					t.Errorf("unit %d, view %d is another", u.unit, view)
				}
			}
			if slices.Equal(b.Views[0][2*i*each:(2*i+1)*each], b.Views[1][2*i*each:(2*i+1)*each]) {
				t.Errorf("unit %d: one view twice", u.unit)
			}
		}
	}
	// With nothing but the shift, both views of a copy are that copy.
	o.Augment = augment.Options{}
	v := newViewer(anomem.Config{Input: in}, o, d, units)
	b := &Batch[float32]{Size: in.Size}
	each := in.Size * in.Size * 3
	for view := range b.Views {
		b.Views[view] = make([]float32, len(chosen)*copies*each)
	}
	if err := v.fill(context.Background(), nil, b, chosen, copies); err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(b.Views[0], b.Views[1]) {
		t.Error("the views of a shifted copy show two copies")
	}
	for i := range chosen {
		if slices.Equal(b.Views[0][2*i*each:(2*i+1)*each], b.Views[0][(2*i+1)*each:(2*i+2)*each]) {
			t.Errorf("row %d: the copy is not shifted", i)
		}
	}
}

// broken is a source with one image that cannot be read.
type broken struct {
	dataset.Source
	at int
}

var errBroken = errors.New("broken.png: no image")

func (b broken) Image(i int) (*imageio.Image, error) {
	if i == b.at {
		return nil, errBroken
	}
	return b.Source.Image(i)
}

func TestBrokenImagesAreErrors(t *testing.T) {
	d := broken{uprights("a", 8), 5}
	p := pool.New(2)
	defer p.Close()
	s := newStage(t, smallConfig(), smallOptions(), d)
	var err error
	for range s.StepsPerEpoch() {
		if _, err = s.Next(context.Background()); err != nil {
			break
		}
	}
	if !errors.Is(err, errBroken) {
		t.Errorf("Next: %v", err)
	}
	m := modelOf(t, smallConfig())
	if _, err := PlainCells(context.Background(), m, d, false); !errors.Is(err, errBroken) {
		t.Errorf("PlainCells: %v", err)
	}
	if _, err := CellsOf(context.Background(), m, d, smallOptions(), p); !errors.Is(err, errBroken) {
		t.Errorf("CellsOf: %v", err)
	}
	if err := Calibrate(context.Background(), m, d, anomem.Promise{}); !errors.Is(err, errBroken) {
		t.Errorf("Calibrate: %v", err)
	}
}

// modelOf returns an untrained model of c with heads.
func modelOf(t testing.TB, c anomem.Config) *anomem.Model {
	t.Helper()
	parts, err := anomem.NewParts[float32](c, 1)
	if err != nil {
		t.Fatal(err)
	}
	parts.AddHeads(c, 2)
	m, err := anomem.NewModel(c, parts, nil)
	if err != nil {
		t.Fatal(err)
	}
	return m
}
