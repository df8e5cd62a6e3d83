package anomem

import (
	"image"
	"math"
	"slices"
	"strings"
	"testing"

	"anomem/imageio"
	"anomem/imageio/energy"
	"anomem/nn/rng"
	"anomem/nn/safetensors"
)

// textureConfig is tinyConfig with a texture alone.
func textureConfig() Config {
	c := tinyConfig()
	c.Texture.Window, c.Score.Kind = 16, ScoreSum
	t := Term{Kind: ScoreTexture}
	for range c.Scales {
		t.Weight, t.Mean, t.Std = append(t.Weight, 1), append(t.Mean, 0), append(t.Std, 1)
	}
	c.Score.Terms = []Term{t}
	return c
}

// textureModel returns a model whose texture was fitted to pictures within regions.
func textureModel(t *testing.T, c Config, normal []*Image, regions []*imageio.Mask) *Model {
	t.Helper()
	plain := c
	plain.Score = ScoreConfig{Kind: ScoreCosine, Top: 1}
	m := tinyModel(t, plain, nil)
	parts := m.Parts()
	parts.Texture = NewTexture[float32]()
	var f TextureFit
	f.Add(m, normal[:1], regions[:min(1, len(regions))])
	f.Add(m, normal[1:], regions[min(1, len(regions)):])
	if err := f.Fit(parts.Texture); err != nil {
		t.Fatal(err)
	}
	with, err := NewModel(c, parts, nil)
	if err != nil {
		t.Fatal(err)
	}
	return with
}

// spotted returns pictures of 2×2 spots, with a square of 4×4 spots, as bright in the mean, at
// (40, 20).
func spotted(name string, n, side int) []*Image {
	var all []*Image
	for i := range n {
		r, img := rng.New(4, rng.Name(name), uint64(i)), imageio.NewImage(80, 64)
		for _, of := range []struct{ spot, left, top, w, h int }{{2, 0, 0, 80, 64}, {4, 40, 20, side, side}} {
			for y := of.top; y < of.top+of.h; y += of.spot {
				for x := of.left; x < of.left+of.w; x += of.spot {
					v := byte(60 + r.IntN(120))
					for k := range of.spot * of.spot {
						at := 3 * ((y+k/of.spot)*img.W + x + k%of.spot)
						img.Pix[at], img.Pix[at+1], img.Pix[at+2] = v, v, v
					}
				}
			}
		}
		all = append(all, img)
	}
	return all
}

// A patch of another grain has a score and heat at its place; what looks normal mostly has none.
func TestTextureTellsAnotherGrain(t *testing.T) {
	m := textureModel(t, textureConfig(), spotted("normal", 40, 0), nil)
	some := 0
	for _, img := range spotted("test", 40, 0) {
		if s := m.Score(img).Score; s > 0 {
			some++
		}
	}
	if some > 8 { // more than 1 in 1 + 2², the most that two deviations leave of any distribution (Cantelli)
		t.Errorf("%d of 40 normal pictures have a score", some)
	}
	e := m.Explain(spotted("odd", 1, 20))[0]
	if !(e.Score > 4) {
		t.Errorf("another grain scores %v", e.Score)
	}
	// Without local heads, the heatmap holds that of the memories, too.
	less := m.config
	less.Score = ScoreConfig{Kind: ScoreCosine, Top: 1}
	plain, err := NewModel(less, m.parts, nil)
	if err != nil {
		t.Fatal(err)
	}
	without, at := plain.Heatmap(spotted("odd", 1, 20)[0]), 0
	for i, v := range e.Heatmap.Value {
		if v-without.Value[i] > e.Heatmap.Value[at]-without.Value[at] {
			at = i
		}
	}
	if x, y := at%80, at/80; x < 40 || x > 60 || y < 20 || y > 40 {
		t.Errorf("the heatmap is hottest at (%d, %d)", x, y)
	}
}

// The spread is that of each image by the energies of the others, rounded to float32.
func TestTextureFit(t *testing.T) {
	const n = 6
	pictures := spotted("normal", n, 0)
	m := textureModel(t, textureConfig(), pictures, nil)
	var worst []float64
	for i := range n {
		var of energy.Moments
		for k, img := range pictures {
			if k != i {
				of.Add(energy.Of(img, 16), nil)
			}
		}
		normal, err := of.Normal()
		if err != nil {
			t.Fatal(err)
		}
		worst = append(worst, float64(slices.Max(normal.Distances(energy.Of(pictures[i], 16)))))
	}
	mean, std := meanAndDeviation(worst)
	if got := m.parts.Texture.Spread.Data(); math.Abs(float64(got[0])-mean) > 1e-6*mean || math.Abs(float64(got[1])-std) > 1e-6*std {
		t.Errorf("spread %v, want %v and %v", got, mean, std)
	}
	if err := new(TextureFit).Fit(NewTexture[float32]()); err == nil {
		t.Error("the texture of no image")
	}
	// By one image, which cannot be left out, the distances are its own.
	textureModel(t, textureConfig(), pictures[:1], nil)
}

// Windows without a pixel of the region count nothing, and what lies outside does not matter.
func TestTextureWithinARegion(t *testing.T) {
	region := imageio.NewMask(80, 64)
	for i := range region.Pix {
		region.Pix[i] = i%80 < 30 || i/80 > 50
	}
	normal := spotted("normal", 30, 0)
	m := textureModel(t, textureConfig(), normal, slices.Repeat([]*imageio.Mask{region}, len(normal)))
	odd := spotted("odd", 1, 20)[0] // its patch is not in the region
	if s := m.ScoreBatchIn([]*Image{odd}, []*imageio.Mask{region})[0].Score; s > 4 {
		t.Errorf("a patch outside the region scores %v", s)
	}
	other := &Image{W: 80, H: 64, Pix: slices.Clone(odd.Pix)}
	for i := range other.Pix {
		if !region.Pix[i/3] {
			other.Pix[i] += 70
		}
	}
	two := m.ScoreBatchIn([]*Image{odd, other}, []*imageio.Mask{region, region})
	if !sameResult(two[0], two[1]) {
		t.Errorf("outside counts: %v, %v", two[0].Score, two[1].Score)
	}
	of, out := energy.Of(odd, 16), 0
	for k, in := range windowsIn(of, odd, region, 16) {
		y0, y1 := energy.Window(k/of.Cols, of.Rows, 64, 16)
		x0, x1 := energy.Window(k%of.Cols, of.Cols, 80, 16)
		want := false
		for i, marked := range region.Pix {
			want = want || marked && i%80 >= x0 && i%80 < x1 && i/80 >= y0 && i/80 < y1
		}
		if in != want {
			t.Errorf("window %d is inside: %t", k, in)
		} else if !in {
			out++
		}
	}
	if out == 0 {
		t.Error("all windows are inside")
	}
	all := imageio.NewMask(80, 64)
	for i := range all.Pix {
		all.Pix[i] = true
	}
	if s := m.ScoreBatchIn([]*Image{odd}, []*imageio.Mask{all})[0].Score; !(s > 4) {
		t.Errorf("the same within it scores %v", s)
	}
}

// The middles of a map's cells but the outermost are those of the windows.
func TestOverWindows(t *testing.T) {
	for _, c := range [][3]int{{100, 80, 10}, {81, 64, 8}, {500, 1280, 62}, {20, 30, 20}, {7, 9, 64}} {
		img := imageio.NewImage(c[0], c[1])
		of := energy.Map{Rows: rowsOf(c[1], c[2]), Cols: rowsOf(c[0], c[2])}
		d := make([]float32, of.Rows*of.Cols)
		rect, maps := overWindows(d, of, img, c[2])
		if maps[0].rows != of.Rows+2 || maps[0].cols != of.Cols+2 || !image.Rect(0, 0, c[0], c[1]).In(rect) {
			t.Fatalf("%v: %d×%d cells over %v", c, maps[0].rows, maps[0].cols, rect)
		}
		for i := range of.Cols {
			lo, hi := energy.Window(i, of.Cols, c[0], c[2])
			middle := float64(rect.Min.X) + (float64(i)+1.5)*float64(rect.Dx())/float64(of.Cols+2)
			// The step is rounded by less than a pixel, which moves the outermost middles by 1.5;
			// the beginnings of the map and of the window are rounded, too.
			if want := float64(lo+hi) / 2; math.Abs(middle-want) > 2.5 {
				t.Errorf("%v: the middle of window %d is at %v, want %v", c, i, middle, want)
			}
		}
		for i := range of.Rows {
			lo, hi := energy.Window(i, of.Rows, c[1], c[2])
			middle := float64(rect.Min.Y) + (float64(i)+1.5)*float64(rect.Dy())/float64(of.Rows+2)
			if want := float64(lo+hi) / 2; math.Abs(middle-want) > 2.5 {
				t.Errorf("%v: the middle of row %d is at %v, want %v", c, i, middle, want)
			}
		}
	}
}

// rowsOf returns the number of windows along a side.
func rowsOf(side, window int) int { return energy.Of(imageio.NewImage(1, side), window).Rows }

// With a texture, alone and beside local heads, one pass gives the same bits as separate scores
// and heatmaps, and a saved model scores as before.
func TestTextureInAModel(t *testing.T) {
	beside := tiled(textureConfig())
	beside.Head.Local, beside.Score.Beside = true, 0.5
	for _, c := range []Config{textureConfig(), tiled(textureConfig()), beside} {
		m := textureModel(t, c, spotted("normal", 8, 0), nil)
		sameAfterLoad(t, m, append(someImages(), spotted("odd", 2, 20)...))
	}
}

// A file whose texture is not that of its configuration is refused.
func TestLoadRefusesTextures(t *testing.T) {
	for want, change := range map[string]func(t *safetensors.Tensor){
		"texture.whiten": func(t *safetensors.Tensor) {
			if t.Name == "texture.whiten" {
				*t = safetensors.FromSlice(t.Name, []float32{1}, 1)
			}
		},
		"texture.spread has the deviation 0": func(t *safetensors.Tensor) {
			if t.Name == "texture.spread" {
				*t = safetensors.FromSlice(t.Name, []float32{1, 0}, 2)
			}
		},
		"there are none": func(t *safetensors.Tensor) {
			if strings.HasPrefix(t.Name, "texture.") {
				t.Name = "replay." + t.Name // of which nothing is read
			}
		},
	} {
		refusesChanged(t, textureModel(t, textureConfig(), spotted("normal", 8, 0), nil), change, want)
	}
}
