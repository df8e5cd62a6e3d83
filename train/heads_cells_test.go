package train

import (
	"context"
	"image"
	"slices"
	"testing"

	"anomem"
	"anomem/autograd"
	"anomem/simd/pool"
	"anomem/train/augment"
)

func sameCells(t *testing.T, got, want *Cells) {
	t.Helper()
	if !slices.Equal(got.Image, want.Image) || !slices.Equal(got.Quarters, want.Quarters) || !slices.Equal(got.Normal, want.Normal) || !slices.Equal(got.Self, want.Self) || !slices.Equal(got.Bag, want.Bag) {
		t.Fatalf("cells of images %v, normal %v, self %v, bags %v; want %v, %v, %v, %v", got.Image, got.Normal, got.Self, got.Bag, want.Image, want.Normal, want.Self, want.Bag)
	}
	if len(got.Level) != got.Len() || !slices.Equal(got.Level, append(slices.Clone(want.Level), make([]int, want.Len()-len(want.Level))...)) {
		t.Fatalf("levels %v, want %v and then 0", got.Level, want.Level)
	}
	for s := range want.Scales {
		if len(want.Scales[s]) == 0 || !slices.Equal(got.Scales[s], want.Scales[s]) {
			t.Fatalf("scale %d differs", s)
		}
	}
}

// tiledConfig cuts images into tiles of 16 pixels.
func tiledConfig() anomem.Config {
	c := smallConfig()
	c.Input = tiles32()
	return c
}

// mixed returns normal images of 40×28 pixels and two anomalous ones, one with a mask and
// one without.
func mixed() *drawing {
	d := &drawing{}
	for i := range 3 {
		d.add(upright("mixed", i, 40, 28), true, nil)
	}
	img, mask := spotted(upright("mixed", 3, 40, 28), 30, 4, 6)
	d.add(img, false, mask)
	img, _ = spotted(upright("mixed", 4, 40, 28), 4, 20, 6)
	d.add(img, false, nil)
	return d
}

// The first view that heads are trained on is what scoring sees. Its labels are those of
// the units; a shifted copy is labelled as such.
func TestCellsOf(t *testing.T) {
	ctx := context.Background()
	for _, c := range []anomem.Config{smallConfig(), tiledConfig()} {
		m, d, o := modelOf(t, c), mixed(), smallOptions()
		o.Shift, o.Heads.Views = augment.None, 1
		plain, err := PlainCells(ctx, m, d, false)
		if err != nil {
			t.Fatal(err)
		}
		first, err := CellsOf(ctx, m, d, o, nil)
		if err != nil {
			t.Fatal(err)
		}
		units, err := unitsOf(c.Input, d, true)
		if err != nil {
			t.Fatal(err)
		}
		// PlainCells does not use masks: it makes bags of the tiles of anomalous images.
		want := *plain
		want.Normal, want.Bag = nil, nil
		for _, u := range units {
			want.Normal, want.Bag = append(want.Normal, u.normal), append(want.Bag, u.bag)
		}
		sameCells(t, first, &want)
		for k, i := range plain.Image {
			bag := 0
			if i > 2 && c.Input.Tile > 0 {
				bag = i + 1
			}
			if plain.Normal[k] != (i < 3) || plain.Self[k] || plain.Bag[k] != bag {
				t.Errorf("square %d of image %d: normal %v, self %v, bag %d", k, i, plain.Normal[k], plain.Self[k], plain.Bag[k])
			}
		}
		// Add copies and more views, on any number of threads.
		o.Shift, o.Heads.Views = augment.Rotate, 2
		all, err := CellsOf(ctx, m, d, o, nil)
		if err != nil {
			t.Fatal(err)
		}
		if all.Len() != 4*len(units) {
			t.Fatalf("%d cells of %d units", all.Len(), len(units))
		}
		for k := range all.Len() {
			u := units[k/2%len(units)]
			bag := u.bag
			if k%2 == 1 {
				bag = 0
			}
			if all.Image[k] != u.image || all.Self[k] != (k%2 == 1) || all.Normal[k] != (k%2 == 0 && u.normal) || all.Bag[k] != bag {
				t.Errorf("cell %d of unit %+v: image %d, self %v, normal %v, bag %d", k, u, all.Image[k], all.Self[k], all.Normal[k], all.Bag[k])
			}
		}
		own := func(k int) bool { return k%2 == 0 }
		view0 := all.Select(func(k int) bool { return k < 2*len(units) && own(k) })
		sameCells(t, view0, first)
		view1 := all.Select(func(k int) bool { return k >= 2*len(units) && own(k) })
		if slices.Equal(view1.Scales[0], first.Scales[0]) {
			t.Error("the second view is the first")
		}
		p := pool.New(3)
		again, err := CellsOf(ctx, m, d, o, p)
		p.Close()
		if err != nil {
			t.Fatal(err)
		}
		sameCells(t, again, all)
	}
}

// TestLocalCells checks that each cell has the label that the mask gives its part of the
// image. Cells that an anomaly only touches at its rim are left out. Without a mask, all
// cells of an image are a bag.
func TestLocalCells(t *testing.T) {
	ctx := context.Background()
	for _, c := range []anomem.Config{smallConfig(), tiledConfig()} {
		c.Head.Local, c.Head.Pool = true, 2
		m, d, o := modelOf(t, c), mixed(), smallOptions()
		o.Shift, o.Heads.Views = augment.None, 1
		plain, err := PlainCells(ctx, m, d, false)
		if err != nil {
			t.Fatal(err)
		}
		units, err := unitsOf(c.Input, d, true)
		if err != nil {
			t.Fatal(err)
		}
		if plain.Len() != 4*len(units) {
			t.Fatalf("%d cells of %d units", plain.Len(), len(units))
		}
		want := &Cells{Scales: make([][]float32, len(c.Scales))}
		anomalous := 0
		for k := range plain.Len() {
			u := units[k/4]
			one := plain.Select(func(j int) bool { return j == k })
			one.Normal[0], one.Bag[0] = u.image < 3, 0
			switch u.image {
			case 3:
				r := u.rect
				if c.Input.Tile == 0 {
					r = image.Rect(0, 0, 40, 28)
				}
				x, y := r.Dx()/2, r.Dy()/2
				r = image.Rect(0, 0, x, y).Add(r.Min).Add(image.Pt(k%2*x, k/2%2*y))
				spot := image.Rect(30, 4, 36, 10)
				share := r.Intersect(spot).Dx() * r.Intersect(spot).Dy() * 100 / (r.Dx() * r.Dy())
				if one.Normal[0] = share == 0; share > 0 && share < 10 {
					continue
				}
				if share > 0 {
					anomalous++
				}
			case 4:
				one.Bag[0] = 5
			}
			want.append(one)
		}
		got, err := CellsOf(ctx, m, d, o, nil)
		if err != nil {
			t.Fatal(err)
		}
		sameCells(t, got, want)
		if anomalous == 0 {
			t.Error("no cell was anomalous")
		}
		// Shifted copies are anomalous where they were changed, and all over if they were
		// rotated.
		for _, shift := range []augment.Shift{augment.Rotate, augment.CutPaste} {
			o.Shift = shift
			with, err := CellsOf(ctx, m, d, o, nil)
			if err != nil {
				t.Fatal(err)
			}
			self := with.Select(func(k int) bool { return with.Self[k] })
			if shift == augment.Rotate && self.Len() != 4*len(units) || self.Len() < len(units) || slices.Contains(self.Normal, true) {
				t.Errorf("%v: %d of %d cells are self-labelled anomalies", shift, self.Len(), 4*len(units))
			}
			if rest := with.Select(func(k int) bool { return with.Normal[k] }); shift == augment.CutPaste && rest.Len() <= 4*3 {
				t.Errorf("%v: only %d cells are normal", shift, rest.Len())
			}
		}
	}
}

// TestHeadsAreTrainedOnEnough checks that some of many normal squares, and of their cells,
// are left out, and no anomalous ones.
func TestHeadsAreTrainedOnEnough(t *testing.T) {
	picks, most := headPicks, normalCells
	defer func() { headPicks, normalCells = picks, most }()
	ctx := context.Background()
	c := smallConfig()
	d := uprights("many", 150)
	for i := range 10 {
		d.add(upright("more", i, 16, 16), false, nil)
	}
	o := smallOptions()
	o.Shift, o.Heads.Views = augment.None, 2
	count := func(c anomem.Config) (normal, known int) {
		cells, err := CellsOf(ctx, modelOf(t, c), d, o, nil)
		if err != nil {
			t.Fatal(err)
		}
		for k := range cells.Len() {
			if cells.Normal[k] {
				normal++
			} else {
				known++
			}
		}
		return normal, known
	}
	if normal, known := count(c); normal != 300 || known != 20 {
		t.Errorf("%d normal, %d known", normal, known)
	}
	o.Heads.KnownViews = 7
	if normal, known := count(c); normal != 300 || known != 70 {
		t.Errorf("with more views of known ones: %d normal, %d known", normal, known)
	}
	headPicks = 45
	if _, known := count(c); known != 40 {
		t.Errorf("%d known, of 45 that there may be", known)
	}
	o.Heads.KnownViews = 0
	headPicks = 160 // half of what there is
	if normal, known := count(c); normal < 100 || normal > 200 || known != 20 {
		t.Errorf("picked: %d normal, %d known", normal, known)
	}
	c.Head.Local = true
	normalCells = 300 // of 4 each
	if normal, known := count(c); normal < 200 || normal > 400 || known != 80 {
		t.Errorf("cells: %d normal, %d known", normal, known)
	}
}

// TestMoreViewsOfKnownAnomalies checks that anomalies have more views if it is known where
// heads see them. The fourth image of mixed has a mask, the fifth none.
func TestMoreViewsOfKnownAnomalies(t *testing.T) {
	local := smallConfig()
	local.Head.Local = true
	for name, want := range map[string][2]int{"whole": {7, 7}, "tiled": {7, 2}, "local": {7, 2}} {
		c := map[string]anomem.Config{"whole": smallConfig(), "tiled": tiledConfig(), "local": local}[name]
		o := smallOptions()
		o.Shift, o.Heads.Views, o.Heads.KnownViews = augment.None, 2, 7
		cells, err := CellsOf(context.Background(), modelOf(t, c), mixed(), o, nil)
		if err != nil {
			t.Fatal(err)
		}
		first, err := unitsOf(c.Input, mixed(), true)
		if err != nil {
			t.Fatal(err)
		}
		each, got := map[int]int{}, [2]int{} // of a view
		for _, u := range first {
			if !u.normal {
				each[u.image] += c.Head.Distances()
			}
		}
		for k, i := range cells.Image {
			if !cells.Normal[k] {
				got[i-3]++
			}
		}
		if name == "local" { // of a view the mask marks one cell, or two
			if got[0] < 7 || got[0] > 14 {
				t.Errorf("local: %d cells of 7 views of a small spot", got[0])
			}
			got[0], want[0] = 0, 0
		}
		for i := range got {
			if got[i] != want[i]*each[3+i] {
				t.Errorf("%s: image %d has %d anomalous squares or cells, want %d views of %d", name, 3+i, got[i], want[i], each[3+i])
			}
		}
	}
}

// TestHeadScores checks that calibration by stored cells and by images is the same, bit for
// bit.
func TestHeadScores(t *testing.T) {
	ctx := context.Background()
	levels := tiledConfig()
	levels.Input.Levels, levels.Score.Levels = 2, [][]float64{{0.5, 2}, {0.25, 1}}
	for _, c := range []anomem.Config{smallConfig(), tiledConfig(), levels} {
		for _, side := range []int{1, 2, 3, -2, -3, 4} { // of the cells; the maps are 4 and 2
			turns := side != 3 && side > -3
			c.Head.Pool, c.Score.Rotations, c.Head.RotationWeight = max(side, -side), turns, 0
			if side == 4 {
				c.Head.RotationWeight = 0.3
			}
			c.Head.Local = side < 0
			c.Score.Kind = anomem.ScoreHeads
			m := modelOf(t, c)
			d := mixed()
			for i := range 70 { // more than are analysed at a time
				d.add(grains("more", i, 16+i%3*20, 16), true, nil)
			}
			cells, err := PlainCells(ctx, m, d, turns)
			if err != nil {
				t.Fatal(err)
			}
			want := scoresOf(m, d)
			p := pool.New(2)
			got := headScores(c, m.Parts(), cells, p)
			p.Close()
			if !slices.Equal(got, want) || want[0] == want[1] {
				t.Errorf("tiles of %d, %d cells a side: by cells %v, by images %v", c.Input.Tile, side, got[:5], want[:5])
			}
		}
	}
	if got := headScores(smallConfig(), modelOf(t, smallConfig()).Parts(), &Cells{Scales: make([][]float32, 2)}, nil); len(got) != 0 {
		t.Errorf("scores of nothing: %v", got)
	}
}

// A replay holds the cells that it was made of, except for those that exceed its size.
func TestReplay(t *testing.T) {
	ctx := context.Background()
	c := tiledConfig()
	c.Input.Levels = 1
	m, o := modelOf(t, c), smallOptions()
	cells, err := CellsOf(ctx, m, mixed(), o, nil)
	if err != nil {
		t.Fatal(err)
	}
	held, err := PlainCells(ctx, m, &drawing{images: mixed().images[:2], normal: []bool{true, true}}, false)
	if err != nil {
		t.Fatal(err)
	}
	r := replayOf(c.Head, c.Input.Levels, cells, held)
	if err := m.SetReplay(r); err != nil {
		t.Fatal(err)
	}
	if !slices.Contains(r.Level, 1) {
		t.Error("no square of level 1 is kept")
	}
	gotCells, gotHeld := cellsOfReplay(r)
	sameCells(t, gotHeld, held)
	// Bags come first, then other anomalies, normal squares and shifted copies.
	var order []int
	for _, keep := range []func(k int) bool{
		func(k int) bool { return cells.Bag[k] > 0 },
		func(k int) bool { return !cells.Normal[k] && !cells.Self[k] && cells.Bag[k] == 0 },
		func(k int) bool { return cells.Normal[k] },
		func(k int) bool { return cells.Self[k] },
	} {
		for k := range cells.Len() {
			if keep(k) {
				order = append(order, k)
			}
		}
	}
	want := &Cells{Scales: make([][]float32, 2)}
	for _, k := range order {
		want.append(cells.Select(func(j int) bool { return j == k }))
	}
	sameCells(t, gotCells, want)
	if r := replayOf(c.Head, 0, cells, &Cells{}); slices.Contains(r.Role, anomem.RoleHeld) || r.Len() != cells.Len() {
		t.Errorf("without held-out images: %v", r.Role)
	}

	// Of many, it keeps evenly spaced ones, and whole held-out images.
	many, out := &Cells{Scales: [][]float32{nil}}, &Cells{Scales: [][]float32{nil}}
	for k := range 3000 {
		many.Scales[0] = append(many.Scales[0], float32(k))
		many.Level, many.Quarters, many.Image, many.Normal, many.Self, many.Bag = append(many.Level, 0), append(many.Quarters, 0), append(many.Image, k), append(many.Normal, true), append(many.Self, false), append(many.Bag, 0)
	}
	for k := range 5000 {
		out.Scales[0] = append(out.Scales[0], 0)
		out.Level, out.Quarters, out.Image, out.Normal, out.Self, out.Bag = append(out.Level, 0), append(out.Quarters, k%9/3), append(out.Image, k/9), append(out.Normal, true), append(out.Self, false), append(out.Bag, 0)
	}
	bytes := heldBytes
	defer func() { heldBytes = bytes }()
	heldBytes = 4 * 2048
	r = replayOf(c.Head, 0, many, out)
	if len(r.Role) != replayMost+2052 || r.Image[0] != 0 || r.Image[1] != 2 || r.Image[replayMost-1] != 2997 || r.Image[len(r.Image)-1] != 227 {
		t.Errorf("%d squares, of images %v ... %d", len(r.Role), r.Image[:3], r.Image[len(r.Image)-1])
	}
	// Of many squares of known anomalies, it keeps the first of each image, old or new.
	known := many.Select(func(int) bool { return true })
	known.append(many)
	for k := range known.Len() {
		if known.Normal[k] = false; k < 5000 {
			known.Image[k] = k % 20
		} else {
			known.Image[k] = 20 + k%20
		}
	}
	r = replayOf(c.Head, 0, known, nil)
	kept := map[int32]int{}
	for i, image := range r.Image {
		if kept[image]++; r.Role[i] != anomem.RoleKnown {
			t.Fatalf("role %v", r.Role[i])
		}
	}
	if r.Len() != knownMost || kept[3] < 154 || kept[3] > 155 || kept[23] != 50 {
		t.Errorf("of 20 images with 250 squares and 20 with 50: %v", kept)
	}
	// Heads for rotated copies are not trained again.
	two := anomem.HeadConfig{Pool: 2, RotationWeight: 0.5}
	if r := replayOf(two, 0, cells, nil); slices.Contains(r.Role, anomem.RoleSelf) || r.Len() == 0 {
		t.Errorf("beside heads for rotated copies: %v", r.Role)
	}
	// It keeps as many cells as the squares have.
	if r = replayOf(anomem.HeadConfig{Pool: 2, Local: true}, 0, many, out); len(r.Role) != 3000+2052 {
		t.Errorf("of cells %d", len(r.Role))
	}
}

func TestFirstOfEach(t *testing.T) {
	image := []int{7, 7, 5, 7, 9, 5, 7}
	for n, want := range map[int][]int{0: {}, 2: {1, 2}, 4: {1, 2, 4, 3}, 9: {1, 2, 4, 3, 5, 6}} {
		if got := firstOfEach(image, []int{1, 2, 3, 4, 5, 6}, n); !slices.Equal(got, want) {
			t.Errorf("%d: %v, want %v", n, got, want)
		}
	}
	if got := firstOfEach(nil, nil, 3); len(got) != 0 {
		t.Errorf("of nothing %v", got)
	}
}

// AvgPoolTo changes no bit of cells that are already pooled. Storing them relies on that.
func TestPoolingTwiceIsPoolingOnce(t *testing.T) {
	g := autograd.NewGraph[float32](nil)
	x := g.NewTensor(2, 5, 7, 3)
	for i := range x.Data() {
		x.Data()[i] = float32(i%11)/7 - 0.6
	}
	once := g.AvgPoolTo(x, 3, 3)
	if !slices.Equal(g.AvgPoolTo(once, 3, 3).Data(), once.Data()) {
		t.Error("pooled cells change")
	}
}
