package anomem

import (
	"math"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"anomem/align"
	"anomem/imageio"
)

// cornered draws a bright corner, turned by quarters, and a dot at (x, y) unless x is 0.
func cornered(size, quarters, x, y int) *Image {
	img := imageio.NewImage(size, size)
	for i := range size * size {
		u, v := i%size-size/2, i/size-size/2
		grey := byte(60)
		if max(u, -u) < size/4 && max(v, -v) < size/5 && (u < -size/10 || v > size/12) {
			grey = 180
		}
		for c := range 3 {
			img.Pix[3*i+c] = grey
		}
	}
	if x > 0 {
		for j := range 9 {
			at := 3 * ((y+j/3)*size + x + j%3)
			img.Pix[at], img.Pix[at+1], img.Pix[at+2] = 255, 0, 0
		}
	}
	return img.Rotate90(quarters)
}

// corners returns a template learned from corners in all quarter turns.
func corners(t *testing.T) *align.Template {
	t.Helper()
	var l align.Learner
	for i := range 8 {
		l.Add(cornered(64, i%4, 0, 0))
	}
	tm, e := l.Learn()
	if !e.Pays() {
		t.Fatalf("%+v", e)
	}
	return tm
}

// A model with a template scores cuts, and puts their heat where the image has it.
func TestTemplate(t *testing.T) {
	tm := corners(t)
	for _, c := range localKinds() {
		m := tinyModel(t, c, nil)
		img := cornered(64, 1, 20, 30)
		cut := tm.Cut(img)
		want := m.Explain([]*Image{cut.Image(img)})[0]
		if err := m.SetTemplate(tm); err != nil {
			t.Fatal(err)
		}
		got := m.Explain([]*Image{img})[0]
		if !sameResult(got.Result, want.Result) || !sameResult(m.Score(img), want.Result) {
			t.Errorf("%+v: %v, and %v of the cut", c.Score, got.Score, want.Score)
		}
		if h := cut.Back(want.Heatmap); got.Heatmap.W != 64 || !slices.Equal(got.Heatmap.Value, h.Value) || !slices.Equal(m.Heatmap(img).Value, h.Value) {
			t.Errorf("%+v: another heatmap than that of the cut", c.Score)
		}
		// A region is cut as the image is.
		region := imageio.NewMask(64, 64)
		for i := range region.Pix {
			region.Pix[i] = i%64 > 20
		}
		in := m.ExplainIn([]*Image{img}, []*imageio.Mask{region})[0]
		if err := m.SetTemplate(nil); err != nil {
			t.Fatal(err)
		}
		if of := m.ExplainIn([]*Image{cut.Image(img)}, []*imageio.Mask{cut.Mask(region)})[0]; !sameResult(in.Result, of.Result) {
			t.Errorf("%+v: %v in a region, and %v of the cut", c.Score, in.Score, of.Score)
		}
	}
}

// A file keeps the template, and one that is broken is refused.
func TestTemplateInAFile(t *testing.T) {
	m := tinyModel(t, tinyConfig(), nil)
	if err := m.SetTemplate(corners(t)); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "m")
	if err := m.Save(path); err != nil {
		t.Fatal(err)
	}
	again, err := Load(path, nil)
	if err != nil {
		t.Fatal(err)
	}
	img := cornered(50, 3, 10, 12)
	if a, b := m.Score(img), again.Score(img); !sameResult(a, b) {
		t.Errorf("score %v, loaded %v", a.Score, b.Score)
	}
	if m.SetRegion(ring(40, 30)); m.SetTemplate(corners(t)) == nil {
		t.Error("a model with a region takes a template")
	}
	_, frame := again.Template().Values()
	for _, spoil := range []func(){func() { again.template.Frame.Width = math.NaN() }, func() { again.template.Frame.Turn = -1 }} {
		was := again.template.Frame
		spoil()
		if err := again.Save(path); err != nil {
			t.Fatal(err)
		}
		again.template.Frame = was
		if _, err := Load(path, nil); err == nil || !strings.Contains(err.Error(), "frame") {
			t.Errorf("frame %v: %v", frame, err)
		}
	}
}
