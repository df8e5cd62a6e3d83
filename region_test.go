package anomem

import (
	"math"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"anomem/imageio"
	"anomem/nn/safetensors"
)

// ring returns a region of w×h without its corners and its middle, off the edges.
func ring(w, h int) *imageio.Mask {
	m := imageio.NewMask(w, h)
	for i := range m.Pix {
		x, y := i%w-w/2, i/w-h/2
		m.Pix[i] = x*x+y*y < w*w/8 && x*x+y*y > w*w/64
	}
	return m
}

// localKinds returns configurations of each kind of score, for whole images and tiles, with
// rotated copies and local heads among them.
func localKinds() []Config {
	local := tinyConfig()
	local.Score.Kind, local.Head.Local, local.Head.Pool = ScoreHeads, true, 4
	rotations := tinyConfig()
	rotations.Score.Rotations = true
	return append(kinds(), local, tiled(local), rotations, paired(tinyConfig()))
}

// What lies outside a region changes neither score nor heatmap, and has no heat.
func TestOutsideDoesNotCount(t *testing.T) {
	region := ring(40, 30)
	img := pictureOf(1, 40, 30)
	other := &Image{W: 40, H: 30, Pix: slices.Clone(img.Pix)}
	for i := range other.Pix {
		if !region.Pix[i/3] {
			other.Pix[i] += byte(90 + i)
		}
	}
	for _, c := range localKinds() {
		m := tinyModel(t, c, nil)
		whole := m.Score(img)
		if err := m.SetRegion(region); err != nil {
			t.Fatal(err)
		}
		all := m.Explain([]*Image{img, other})
		if !sameResult(all[0].Result, all[1].Result) || !slices.Equal(all[0].Heatmap.Value, all[1].Heatmap.Value) {
			t.Errorf("%+v: outside counts: %+v, %+v", c.Score, all[0].Result, all[1].Result)
		}
		if sameResult(all[0].Result, whole) || !sameResult(m.Score(img), all[0].Result) {
			t.Errorf("%+v: score %v of the region, %v of all", c.Score, all[0].Score, whole.Score)
		}
		h := all[0].Heatmap
		if h.W != 40 || h.H != 30 || !slices.Equal(m.Heatmap(img).Value, h.Value) {
			t.Fatalf("%+v: a heatmap of %d×%d, or two of them", c.Score, h.W, h.H)
		}
		least := float32(math.Inf(1))
		for i, v := range h.Value {
			if region.Pix[i] {
				least = min(least, v)
			}
		}
		for i, v := range h.Value {
			if !region.Pix[i] && v != least {
				t.Errorf("%+v: heat %v outside, the least inside is %v", c.Score, v, least)
				break
			}
		}
	}
}

// A rectangular region is as good as an image that was cut.
func TestRegionIsACut(t *testing.T) {
	img := pictureOf(2, 50, 40)
	region := imageio.NewMask(50, 40)
	for i := range region.Pix {
		x, y := i%50, i/50
		region.Pix[i] = x >= 7 && x < 41 && y >= 3 && y < 36
	}
	for _, c := range localKinds() {
		m := tinyModel(t, c, nil)
		in, cut := m.ExplainIn([]*Image{img}, []*imageio.Mask{region})[0], m.Explain([]*Image{img.Crop(7, 3, 34, 33)})[0]
		if !sameResult(in.Result, cut.Result) {
			t.Errorf("%+v: %v in the region, %v of the cut", c.Score, in.Score, cut.Score)
		}
		for i, v := range cut.Heatmap.Value {
			if at := (3+i/34)*50 + 7 + i%34; in.Heatmap.Value[at] != v {
				t.Errorf("%+v: pixel %d: %v, want %v", c.Score, at, in.Heatmap.Value[at], v)
				break
			}
		}
	}
}

// A region is stretched over an image of another size; a nil one is the model's, and one
// that marks nothing is all of the image.
func TestWhichRegion(t *testing.T) {
	m := tinyModel(t, tinyConfig(), nil)
	img, region := pictureOf(3, 40, 30), ring(40, 30)
	all := m.Score(img)
	inside := m.ScoreBatchIn([]*Image{img}, []*imageio.Mask{region})[0]
	if got := m.ScoreBatchIn([]*Image{img, img}, []*imageio.Mask{nil, imageio.NewMask(40, 30)}); !sameResult(got[0], all) || !sameResult(got[1], all) {
		t.Errorf("%+v without a region, want %+v", got, all)
	}
	if err := m.SetRegion(region.Resize(80, 60)); err != nil {
		t.Fatal(err)
	}
	if got := m.ScoreBatchIn([]*Image{img, img}, []*imageio.Mask{nil, region}); !sameResult(got[0], inside) || !sameResult(got[1], inside) {
		t.Errorf("%+v in the model's region, want %+v", got, inside)
	}
	if err := m.SetRegion(imageio.NewMask(4, 4)); err == nil || m.Region().W != 80 {
		t.Errorf("an empty region: %v", err)
	}
}

func TestRegionInFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "m.safetensors")
	m := tinyModel(t, tinyConfig(), nil)
	for _, region := range []*imageio.Mask{nil, ring(40, 30), {W: 1, H: 2, Pix: []bool{true, true}}} {
		if err := m.SetRegion(region); err != nil {
			t.Fatal(err)
		}
		if err := m.Save(path); err != nil {
			t.Fatal(err)
		}
		for _, opts := range [][]LoadOption{nil, {ForScoring()}} {
			got, err := Load(path, nil, opts...)
			if err != nil {
				t.Fatal(err)
			}
			if of := got.Region(); (of == nil) != (region == nil) || of != nil && (of.W != region.W || !slices.Equal(of.Pix, region.Pix)) {
				t.Errorf("%v, want %v", of, region)
			}
		}
	}
	for _, c := range []struct {
		runs []float64
		want string
	}{
		{[]float64{2}, "has no size"},
		{[]float64{1e9, 1e9}, "has no size"},
		{[]float64{2, 1.5, 2}, "has no size"},
		{[]float64{2, 2, 1, 2}, "its runs have 3 of 4 pixels"},
		{[]float64{2, 2, 1, 4}, "run 1 has 4 of 3 pixels that are left"},
		{[]float64{2, 2, -1, 5}, "run 0 has -1 of 4"},
		{[]float64{2, 2, math.NaN()}, "run 0 has NaN"},
		{[]float64{2, 2, 4}, "marks nothing"},
	} {
		tensors, meta, err := m.Tensors()
		if err != nil {
			t.Fatal(err)
		}
		delete(meta, checksumKey)
		for i := range tensors {
			if tensors[i].Name == regionTensor {
				tensors[i] = safetensors.FromSlice(regionTensor, c.runs, len(c.runs))
			}
		}
		if err := safetensors.WriteFile(path, tensors, meta); err != nil {
			t.Fatal(err)
		}
		if _, err := Load(path, nil); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%v: %v, want %q", c.runs, err, c.want)
		}
	}
}

// The scale of heatmaps is that of what counts.
func TestHeatMeterInRegion(t *testing.T) {
	h := &Heatmap{W: 3, H: 2, Value: []float32{1, 2, 3, 1, 1, 1}}
	var m HeatMeter
	m.AddIn(h, &imageio.Mask{W: 3, H: 2, Pix: []bool{false, true, true, false, false, false}})
	s, err := m.Scale()
	if err != nil || s.Floor != 3 || s.Peaks[0] != 3 {
		t.Errorf("%+v, %v", s, err)
	}
}
