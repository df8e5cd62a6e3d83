package align

import (
	"fmt"
	"image"
	"math"
	"slices"
	"testing"

	"anomem/imageio"
	"anomem/nn/rng"
)

func TestCircle(t *testing.T) {
	for turn := range Turns {
		cos, sin := circle(turn)
		wantSin, wantCos := math.Sincos(2 * math.Pi * float64(turn) / Turns)
		if math.Abs(cos-wantCos) > 1e-14 || math.Abs(sin-wantSin) > 1e-14 {
			t.Fatalf("turn %d: %v, %v, want %v, %v", turn, cos, sin, wantCos, wantSin)
		}
	}
}

// noisy returns an image of noise.
func noisy(w, h int, seed uint64) *imageio.Image {
	r := rng.New(seed)
	img := imageio.NewImage(w, h)
	for i := range img.Pix {
		img.Pix[i] = byte(r.IntN(256))
	}
	return img
}

// angled draws a part that has no symmetry, turned and moved by a pose, as a template of whole
// images would find it, under a lamp at one side.
func angled(size int, p Pose, seed uint64) *imageio.Image {
	img := imageio.NewImage(size, size)
	cos, sin := circle(normal(-p.Turn))
	r := rng.New(seed)
	lx, ly := 2*r.Float64()-1, 2*r.Float64()-1
	for i := range size * size {
		x, y := (float64(2*(i%size)+1)/float64(size))-1, (float64(2*(i/size)+1)/float64(size))-1
		u, v := rotate(cos, sin, x-p.X, y-p.Y)
		light := 150 + 20*(lx*x+ly*y) + 6*r.Float64()
		switch {
		case math.Abs(u+0.1) < 0.1 && math.Abs(v) < 0.45: // the upright of an L
			light -= 90
		case math.Abs(u-0.1) < 0.3 && math.Abs(v-0.4) < 0.08: // its foot
			light -= 60
		case math.Hypot(u-0.3, v+0.1) < 0.07: // a dot beside it
			light -= 110
		}
		for c := range 3 {
			img.Pix[3*i+c] = byte(light)
		}
	}
	return img
}

func anyPose(r *rng.Stream) Pose {
	return Pose{r.IntN(Turns), 0.2 * (2*r.Float64() - 1), 0.2 * (2*r.Float64() - 1)}
}

// apart returns by how much two poses move a corner of the template apart, at most.
func apart(a, b Pose) float64 {
	most := 0.0
	for k := range 4 {
		x, y := float64(2*(k&1)-1)*0.7, float64(k&2-1)*0.7
		ax, ay := a.at(x, y)
		bx, by := b.at(x, y)
		most = max(most, math.Hypot(ax-bx, ay-by))
	}
	return most
}

// A template finds the pose in which a part lies to a pixel of 128.
func TestPose(t *testing.T) {
	f := newFinder(mean([]look{lookAt(angled(200, Pose{}, 1))}, []Pose{{}}))
	r := rng.New(2)
	for i := range 20 {
		p := anyPose(&r)
		got := f.find(lookAt(angled(200, p, uint64(i))))
		if d := apart(got.pose, p); d > 2.0/128 || got.agree < 0.9 {
			t.Errorf("%+v: found %+v, %.4f away, agreeing by %.3f", p, got.pose, d, got.agree)
		}
	}
}

// Images of a part in any pose are aligned, and cut to the part.
func TestLearn(t *testing.T) {
	var l Learner
	r := rng.New(3)
	poses := make([]Pose, 16)
	for i := range poses {
		poses[i] = anyPose(&r)
		l.Add(angled(160, poses[i], uint64(i)))
	}
	tm, e := l.Learn()
	if !e.Pays() || e.Images != 16 || e.Before > 0.3 || e.After < 0.9 {
		t.Errorf("%+v", e)
	}
	// The L with its dot is 0.6 wide and 0.93 high; the margin is an eighth of 0.75 at each
	// side, and two pixels.
	if f := tm.Frame; f.Width < 1.05 || f.Width > 1.3 || f.Height < 0.7 || f.Height > 0.95 {
		t.Errorf("frame %+v", f)
	}
	// Of new images, all cuts show the same.
	first := tm.Cut(angled(160, Pose{}, 99)).Image(angled(160, Pose{}, 99))
	for i := range 10 {
		img := angled(160, anyPose(&r), uint64(100+i))
		cut := tm.Cut(img).Image(img)
		if w, h := tm.Size(160, 160); cut.W != w || cut.H != h || cut.W != first.W || cut.H != first.H {
			t.Fatalf("cut to %d×%d, want %d×%d", cut.W, cut.H, w, h)
		}
		d := diskOf(fine)
		a, b := d.gather(lookAt(first)), d.gather(lookAt(cut))
		d.plain(a)
		d.plain(b)
		if agree := dot(a, b); agree < 0.95 {
			t.Errorf("cut %d correlates with the first by %.3f", i, agree)
		}
	}
}

// What is not a part in any pose is not aligned: surfaces, parts that lie alike, too few.
func TestLearnWhatStays(t *testing.T) {
	r := rng.New(4)
	for _, c := range []struct {
		name string
		n    int
		draw func(i int) *imageio.Image
		pays bool
	}{
		{"noise", 12, func(i int) *imageio.Image { return noisy(100, 100, uint64(i)) }, false},
		{"a part that lies alike", 10, func(i int) *imageio.Image { return angled(100, Pose{}, uint64(i)) }, false},
		{"seven of a part in any pose", leastSeen - 1, func(i int) *imageio.Image { return angled(100, anyPose(&r), uint64(i)) }, false},
		{"eight of a part in any pose", leastSeen, func(i int) *imageio.Image { return angled(100, anyPose(&r), uint64(i)) }, true},
		{"grey", 8, func(i int) *imageio.Image { return imageio.NewImage(50, 50) }, false},
	} {
		var l Learner
		for i := range c.n {
			l.Add(c.draw(i))
		}
		if _, e := l.Learn(); e.Pays() != c.pays || math.IsNaN(e.After) || math.IsNaN(e.Before) {
			t.Errorf("%s: %+v", c.name, e)
		}
	}
	if tm, e := new(Learner).Learn(); tm != nil || e.Pays() {
		t.Errorf("no image: %v, %+v", tm, e)
	}
}

func TestPays(t *testing.T) {
	e := Evidence{leastSeen, mostBefore, leastAfter}
	if !e.Pays() {
		t.Errorf("%+v does not pay", e)
	}
	for _, worse := range []Evidence{{leastSeen - 1, mostBefore, leastAfter}, {leastSeen, mostBefore + 1e-9, leastAfter}, {leastSeen, mostBefore, leastAfter - 1e-9}} {
		if worse.Pays() {
			t.Errorf("%+v pays", worse)
		}
	}
}

// A cut in no pose is the image, and in quarter turns the image turned.
func TestCutOfQuarterTurns(t *testing.T) {
	tm := &Template{Frame: whole}
	for _, size := range [][2]int{{7, 7}, {8, 8}} {
		img := noisy(size[0], size[1], 5)
		for q := range 4 {
			got := tm.cut(img.W, img.H, Pose{Turn: q * Turns / 4}).Image(img)
			if want := img.Rotate90(q); !slices.Equal(got.Pix, want.Pix) {
				t.Errorf("%v by %d quarter turns: other pixels", size, q)
			}
		}
	}
	img := noisy(9, 4, 6)
	if got := tm.cut(9, 4, Pose{}).Image(img); !slices.Equal(got.Pix, img.Pix) {
		t.Error("9×4, not turned: other pixels")
	}
}

// Back undoes a cut: a mark on an image is, through its cut, at the same pixel again.
func TestBack(t *testing.T) {
	tm := &Template{Frame: Frame{Turn: 700, X: 0.1, Y: -0.1, Width: 1, Height: 0.6}}
	r := rng.New(7)
	for range 50 {
		p := anyPose(&r)
		c := tm.cut(300, 200, p)
		i, j := 5+r.IntN(c.W-10), 5+r.IntN(c.H-10)
		fx, fy := c.at(i, j)
		x, y := int((fx+one/2)>>oneBits), int((fy+one/2)>>oneBits)
		part := &imageio.Map{W: c.W, H: c.H, Value: make([]float32, c.W*c.H)}
		for k := range part.Value {
			part.Value[k] = -1
		}
		for dj := -1; dj <= 1; dj++ {
			for di := -1; di <= 1; di++ {
				part.Value[(j+dj)*c.W+i+di] = 3
			}
		}
		back := c.Back(part)
		if back.W != 300 || back.H != 200 {
			t.Fatalf("a map of %d×%d", back.W, back.H)
		}
		marked := 0
		for _, v := range back.Value {
			if v == 3 {
				marked++
			}
		}
		if x < 0 || x >= 300 || y < 0 || y >= 200 { // it lies outside the image
			continue
		}
		if back.Value[y*300+x] != 3 || marked > 16 {
			t.Errorf("%+v: pixel (%d, %d) has %v, and %d are marked", p, x, y, back.Value[y*300+x], marked)
		}
		mask := imageio.NewMask(300, 200)
		mask.Pix[y*300+x] = true
		if cut := c.Mask(mask); !cut.AnyIn(image.Rect(i-1, j-1, i+2, j+2)) {
			t.Errorf("%+v: the mask's mark is not at (%d, %d)", p, i, j)
		}
	}
}

func TestValues(t *testing.T) {
	var l Learner
	r := rng.New(8)
	for i := range 8 {
		l.Add(angled(100, anyPose(&r), uint64(i)))
	}
	tm, _ := l.Learn()
	pix, frame := tm.Values()
	again, err := FromValues(pix, frame)
	if err != nil {
		t.Fatal(err)
	}
	img := angled(100, anyPose(&r), 50)
	if a, b := tm.Cut(img), again.Cut(img); a != b {
		t.Errorf("%+v, then %+v", a, b)
	}
	bad := func(name string, pix []float32, frame []float64) {
		if _, err := FromValues(pix, frame); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
	bad("short", pix[1:], frame)
	bad("no frame", pix, frame[:4])
	for i, v := range map[int]float64{0: Turns, 1: 3, 2: math.NaN(), 3: 0, 4: math.Inf(1)} {
		wrong := slices.Clone(frame)
		wrong[i] = v
		bad(fmt.Sprint("frame ", wrong), pix, wrong)
	}
	nan := slices.Clone(pix)
	nan[7] = float32(math.NaN())
	bad("NaN", nan, frame)
}
