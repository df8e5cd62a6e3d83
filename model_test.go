package anomem

import (
	"fmt"
	"hash/fnv"
	"math"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"anomem/autograd"
	"anomem/hopfield"
	"anomem/imageio"
	"anomem/nn"
	"anomem/nn/rng"
	"anomem/resnet"
	"anomem/simd"
	"anomem/simd/pool"
)

// tinyParts returns parts with heads and with running statistics other than the initial
// ones.
func tinyParts[T autograd.Float](t testing.TB, c Config) *Parts[T] {
	t.Helper()
	parts, err := NewParts[T](c, 1)
	if err != nil {
		t.Fatal(err)
	}
	parts.AddHeads(c, 2)
	for _, e := range nn.Entries(parts, "") {
		if e.Buffer {
			for i := range e.Tensor.Data() {
				e.Tensor.Data()[i] += T(i%5) / 8
			}
		}
	}
	nn.SetTraining(parts, false)
	return parts
}

func tinyModel(t testing.TB, c Config, p *pool.Pool) *Model {
	t.Helper()
	m, err := NewModel(c, tinyParts[float32](t, c), p)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// tiled cuts images into overlapping tiles of 16 pixels and resizes these to 8.
func tiled(c Config) Config {
	c.Input.Size, c.Input.Tile, c.Input.Stride = 8, 16, 12
	c.Score.Top = 0.1
	return c
}

// paired gives each scale a second head, for rotated copies.
func paired(c Config) Config {
	c.Score.Kind, c.Score.Rotations, c.Head.RotationWeight = ScoreHeads, true, 0.7
	return c
}

// kinds returns a configuration for each kind of score, for whole images and for tiles.
func kinds() []Config {
	var all []Config
	for _, k := range []ScoreKind{ScoreCosine, ScoreL2, ScoreHeads} {
		c := tinyConfig()
		c.Score.Kind = k
		all = append(all, c, tiled(c))
	}
	return all
}

func pictureOf(i, w, h int) *Image {
	m, s := imageio.NewImage(w, h), rng.New(1, rng.Name(fmt.Sprintf("picture %d of %d×%d", i, w, h)))
	for i := range m.Pix {
		m.Pix[i] = byte(s.Uint64() >> 56)
	}
	return m
}

// someImages returns images of several sizes: smaller than a tile, of one pixel, long ones.
func someImages() []*Image {
	sizes := [][2]int{{16, 16}, {1, 1}, {40, 30}, {16, 17}, {3, 90}, {120, 1}, {16, 16}, {29, 29}, {17, 16}}
	var all []*Image
	for i, s := range sizes {
		all = append(all, pictureOf(i, s[0], s[1]))
	}
	return all
}

func sameResult(a, b Result) bool {
	same := func(x, y float64) bool { return math.Float64bits(x) == math.Float64bits(y) }
	return same(a.Score, b.Score) && slices.EqualFunc(a.Scales, b.Scales, same) && same(a.PValue, b.PValue) && a.Anomalous == b.Anomalous
}

// An image has the same score alone and among others, on any number of threads, and beside
// other callers.
func TestScoreIsThatOfTheBatch(t *testing.T) {
	turned := tiled(tinyConfig())
	turned.Score.Rotations = true
	configs := append(kinds(), turned, paired(tiled(tinyConfig())))
	if testing.Short() { // under the race detector
		configs = configs[:2]
	}
	for _, c := range configs {
		name := fmt.Sprintf("%s, tiles of %d", c.Score.Kind, c.Input.Tile)
		alone := tinyModel(t, c, nil)
		images := someImages()
		var want []Result
		for _, img := range images {
			want = append(want, alone.Score(img))
			if s := want[len(want)-1].Score; math.IsNaN(s) || len(want) > 1 && s == want[0].Score {
				t.Fatalf("%s: scores of %v are no use for a comparison", name, want)
			}
		}
		for _, threads := range []int{1, 2, 4} {
			p := pool.New(threads)
			defer p.Close()
			m := tinyModel(t, c, p)
			// Batches have 1 to 20 images; 16 whole images are analysed at a time.
			for _, n := range []int{1, 2, 15, 16, 17, 20} {
				if testing.Short() && n < 16 {
					continue
				}
				var batch []*Image
				for i := range n {
					batch = append(batch, images[i%len(images)])
				}
				for i, r := range m.ScoreBatch(batch) {
					if !sameResult(r, want[i%len(images)]) {
						t.Fatalf("%s, %d threads: image %d of %d: %+v, alone %+v", name, threads, i, n, r, want[i%len(images)])
					}
				}
			}
			var wait sync.WaitGroup
			for k := range 3 {
				wait.Go(func() {
					for i := range images {
						i = (i + 3*k) % len(images)
						if r := m.Score(images[i]); !sameResult(r, want[i]) {
							t.Errorf("%s, %d threads: image %d: %+v beside other callers, alone %+v", name, threads, i, r, want[i])
						}
					}
					m.Heatmap(images[k])
				})
			}
			wait.Wait()
		}
	}
	if got := tinyModel(t, tinyConfig(), nil).ScoreBatch(nil); len(got) != 0 {
		t.Errorf("no images: %v", got)
	}
}

// TestScoreIsItsEquations composes each score from the functions of the equations, one
// image at a time. It has the same bits with the frozen encoder, and the same value up to
// rounding in float64.
func TestScoreIsItsEquations(t *testing.T) {
	for _, c := range kinds() {
		if c.Input.Tile > 0 {
			continue
		}
		m := tinyModel(t, c, nil)
		parts := tinyParts[float32](t, c)
		frozen := resnet.Freeze(parts.Encoder)
		exact := tinyParts[float64](t, c)
		for i, e := range nn.Entries(exact, "") { // the same values, rounded to float32
			for j, v := range nn.Entries(parts, "")[i].Tensor.Data() {
				e.Tensor.Data()[j] = float64(v)
			}
		}
		for i := range 3 {
			img := pictureOf(i, 16, 16)
			x := make([]float32, 16*16*3)
			for j, v := range img.Pix {
				x[j] = (float32(v)/255 - 0.5) / 0.25
			}
			x64 := make([]float64, len(x))
			for j, v := range x {
				x64[j] = float64(v)
			}
			got := m.Score(img)
			g := autograd.NewGraph[float32](nil)
			want := scoresOf(g, c, frozen.Stages(g, autograd.FromSlice(x, 1, 16, 16, 3)), parts)
			if !slices.Equal(got.Scales, want) || got.Score != c.Scoring().Merge(want) {
				t.Errorf("%s: %v of scales %v, want %v of %v", c.Score.Kind, got.Score, got.Scales, c.Scoring().Merge(want), want)
			}
			h := autograd.NewGraph[float64](nil)
			// The sums of some 20 layers have at most 288 products and err by a few times
			// √288·2⁻²⁴ each; 1e-4 leaves room for cancellation.
			for s, w := range scoresOf(h, c, exact.Encoder.Stages(h, autograd.FromSlice(x64, 1, 16, 16, 3)), exact) {
				if math.Abs(got.Scales[s]-w) > 1e-4*max(math.Abs(w), 0.1) {
					t.Errorf("%s, scale %d: %v, in float64 %v", c.Score.Kind, s, got.Scales[s], w)
				}
			}
		}
	}
}

// scoresOf returns the score at each scale of one image with the given maps.
func scoresOf[T autograd.Float](g *autograd.Graph[T], c Config, maps [4]*autograd.Tensor[T], parts *Parts[T]) []float64 {
	var scores []float64
	for s, sc := range c.Scales {
		z, memory := maps[sc.Stage-1], parts.Memories[s]
		delta, cosine := hopfield.Deviations(g, z, memory.Patterns, memory.Config) // eq. 8
		switch c.Score.Kind {
		case ScoreCosine:
			var sum float64
			for _, v := range cosine.Data() {
				sum += float64(v)
			}
			scores = append(scores, sum/float64(cosine.Len()))
		case ScoreL2:
			scores = append(scores, float64(MapNorm(g, delta).Item())) // eq. 9
		case ScoreHeads:
			scores = append(scores, float64(parts.Heads[s].Forward(g, delta).Item())) // eq. 10
		}
	}
	return scores
}

// With heads and eq. 9 the largest tile counts, with the cosine the worst positions of all
// tiles.
func TestScoreOfTiles(t *testing.T) {
	for _, c := range kinds() {
		if c.Input.Tile == 0 {
			continue
		}
		m := tinyModel(t, c, nil)
		img := pictureOf(1, 40, 30)
		whole := c
		whole.Input.Tile, whole.Input.Stride, whole.Score.Top = 0, 0, 1
		single := tinyModel(t, whole, nil)
		got := m.Score(img).Scales
		for s := range c.Scales {
			var values []float64
			for _, r := range imageio.Tiles(40, 30, 16, 12) {
				tile := img.CropReflect(r.Min.X, r.Min.Y, 16, 16)
				if c.Score.Kind != ScoreCosine {
					values = append(values, single.Score(tile).Scales[s])
					continue
				}
				single.EachSquare([]*Image{tile}, nil, func(_ *autograd.Graph[float32], _ []Square, scales []Analysis) {
					for _, v := range scales[s].Value.Data() {
						values = append(values, float64(v))
					}
				})
			}
			slices.Sort(values)
			slices.Reverse(values)
			n := 1
			if c.Score.Kind == ScoreCosine {
				n = (len(values) + 9) / 10
			}
			var want float64
			for _, v := range values[:n] {
				want += v
			}
			if want /= float64(n); got[s] != want {
				t.Errorf("%s, scale %d: %v, want %v, of %d values", c.Score.Kind, s, got[s], want, len(values))
			}
		}
	}
}

// With Rotations each scale's score is the image's own less the mean of its rotated
// copies'.
func TestScoreAgainstTurnedCopies(t *testing.T) {
	for _, c := range kinds() {
		plain := tinyModel(t, c, nil)
		c.Score.Rotations = true
		m := tinyModel(t, c, nil)
		for _, img := range someImages() {
			got := m.Score(img)
			var of [4][]float64
			for k := range of {
				of[k] = plain.Score(img.Rotate90(k)).Scales
			}
			for s := range c.Scales {
				if want := of[0][s] - (of[1][s]+of[2][s]+of[3][s])/3; got.Scales[s] != want {
					t.Errorf("%s, image of %d×%d, scale %d: %v, want %v", c.Score.Kind, img.W, img.H, s, got.Scales[s], want)
				}
			}
			if got.Score != c.Scoring().Merge(got.Scales) {
				t.Errorf("%s: %v of scales %v", c.Score.Kind, got.Score, got.Scales)
			}
		}
	}
}

// With two heads a scale, the distance of the first counts as it is, and that of the second
// relative to rotated copies.
func TestScoreOfPairedHeads(t *testing.T) {
	for _, c := range []Config{paired(tinyConfig()), paired(tiled(tinyConfig()))} {
		m := tinyModel(t, c, nil)
		c.Head.RotationWeight = 0
		against := tinyModel(t, c, nil)
		against.parts.Heads = m.parts.RotationHeads
		c.Score.Rotations = false
		own := tinyModel(t, c, nil)
		own.parts.Heads = m.parts.Heads
		for _, img := range someImages() {
			got, a, b := m.Score(img), against.Score(img), own.Score(img)
			for s := range c.Scales {
				if got.Scales[s] != float64(0.7*a.Scales[s])+b.Scales[s] || a.Scales[s] == b.Scales[s] {
					t.Errorf("image of %d×%d, scale %d: %v, want 0.7·%v + %v", img.W, img.H, s, got.Scales[s], a.Scales[s], b.Scales[s])
				}
			}
		}
	}
	parts := tinyParts[float32](t, paired(tinyConfig()))
	parts.RotationHeads = nil
	if _, err := NewModel(paired(tinyConfig()), parts, nil); err == nil || !strings.Contains(err.Error(), "0 heads for rotated copies") {
		t.Errorf("without the second heads: %v", err)
	}
	parts = tinyParts[float32](t, paired(tinyConfig()))
	c := tinyConfig()
	c.Score.Kind = ScoreHeads
	if _, err := NewModel(c, parts, nil); err == nil || !strings.Contains(err.Error(), "2 heads for rotated copies") {
		t.Errorf("with second heads that nothing tells of: %v", err)
	}
}

func TestTopShare(t *testing.T) {
	for _, c := range []struct {
		top  float64
		n    int
		want int
	}{
		{1, 7, 7}, {0.5, 7, 4}, {0.5, 8, 4}, {0.07, 100, 7}, {0.29, 100, 29}, {0.001, 100, 1}, {0.001, 1000, 1},
		{0.001, 1001, 2}, {1e-300, 5, 1}, {0.1, 1600, 160}, {0.3, 10, 3}, {math.Nextafter(1, 0), 3, 3},
	} {
		if got := topOf(c.top, c.n); got != c.want {
			t.Errorf("the top %v of %d are %d, want %d", c.top, c.n, got, c.want)
		}
	}
	c := tinyConfig()
	c.Score.Top = 0.5
	mean := c.Scoring()
	if got := mean.reduce(ScoreCosine, []float32{1, 8, 2, 4, 8, 0}); got != 20./3 {
		t.Errorf("mean of 8, 8 and 4: %v", got)
	}
	nan := float32(math.NaN())
	if got := mean.reduce(ScoreCosine, []float32{1, 8, nan, 4, 8, 0, 9, 9, 9}); !math.IsNaN(got) {
		t.Errorf("a NaN is passed over: %v", got)
	}
	c.Score.Kind = ScoreHeads
	if got := c.Scoring().reduce(ScoreHeads, []float32{-3, -1, -2}); got != -1 {
		t.Errorf("the largest of -3, -1, -2: %v", got)
	}
}

func TestVerdict(t *testing.T) {
	c := tinyConfig()
	c.Scales = c.Scales[:1]
	m := tinyModel(t, c, nil)
	if r := m.result([]float64{1}, pictureOf(0, 4, 4)); !math.IsNaN(r.PValue) || r.Anomalous {
		t.Errorf("not calibrated: %+v", r)
	}
	if s, alpha := m.Threshold(); !math.IsInf(s, 1) || alpha != 0 {
		t.Errorf("not calibrated: threshold %v for %v", s, alpha)
	}
	if err := m.Calibrate([]float64{3, 1, 2, 4}, Promise{}); err != nil {
		t.Fatal(err)
	}
	if r := m.result([]float64{100}, pictureOf(0, 4, 4)); r.PValue != 0.2 || r.Anomalous {
		t.Errorf("without a rate nothing is anomalous: %+v", r)
	}
	if r := m.result([]float64{math.NaN()}, pictureOf(0, 4, 4)); r.Anomalous {
		t.Errorf("without a rate nothing is anomalous: %+v", r)
	}
	if err := m.Calibrate([]float64{3, 1, 2, 4}, Promise{Alpha: 0.1}); err == nil {
		t.Error("4 images promise 0.1")
	}
	if _, alpha := m.Threshold(); alpha != 0 {
		t.Error("a refused calibration changes the model")
	}
	if err := m.Calibrate([]float64{3, 1, 2, 4}, Promise{Alpha: 0.4}); err != nil {
		t.Fatal(err)
	}
	for score, want := range map[float64]bool{2.5: false, 3: false, 3.5: true, 4: true, 5: true, math.NaN(): true, math.Inf(1): true, math.Inf(-1): false} {
		if r := m.result([]float64{score}, pictureOf(0, 4, 4)); r.Anomalous != want || r.Anomalous != (r.PValue <= 0.4) && !math.IsNaN(score) {
			t.Errorf("score %v: %+v", score, r)
		}
	}
}

func TestNewModelRefuses(t *testing.T) {
	c := tinyConfig()
	parts := tinyParts[float32](t, c)
	parts.Heads = nil
	c.Score.Kind = ScoreHeads
	if _, err := NewModel(c, parts, nil); err == nil {
		t.Error("the score of heads without heads")
	}
	c.Score.Top = -1
	if _, err := NewModel(c, parts, nil); err == nil {
		t.Error("an invalid configuration")
	}
}

// TestGoldenScores compares scores and a heatmap with stored bits, at every level that the
// machine runs. A change of these bits must be deliberate.
func TestGoldenScores(t *testing.T) {
	const want = "0c98dfa4fdcf7289"
	was := simd.Level()
	defer func() {
		if err := simd.Use(was); err != nil {
			t.Error(err)
		}
	}()
	for _, level := range simd.Levels() {
		t.Run(level.Name, func(t *testing.T) {
			if len(level.Missing) > 0 {
				t.Skipf("this CPU lacks %v", level.Missing)
			}
			if err := simd.Use(level.Name); err != nil {
				t.Fatal(err)
			}
			h := fnv.New64a()
			for _, c := range kinds() {
				m := tinyModel(t, c, nil)
				img := pictureOf(7, 21, 19)
				r := m.Score(img)
				fmt.Fprintln(h, math.Float64bits(r.Score))
				for _, v := range m.Heatmap(img).Value {
					fmt.Fprintln(h, math.Float32bits(v))
				}
			}
			if got := fmt.Sprintf("%016x", h.Sum64()); got != want {
				t.Errorf("digest %s, want %s", got, want)
			}
		})
	}
}

// A threshold set by hand decides verdicts, promises nothing, and stays in the file.
func TestThresholdByHand(t *testing.T) {
	c := tinyConfig()
	c.Scales = c.Scales[:1]
	m := tinyModel(t, c, nil)
	if err := m.SetThreshold(1); err == nil {
		t.Error("a threshold without a calibration")
	}
	if err := m.Calibrate([]float64{3, 1, 2, 4}, Promise{Alpha: 0.4}); err != nil {
		t.Fatal(err)
	}
	if err := m.SetThreshold(math.NaN()); err == nil {
		t.Error("a threshold of NaN")
	}
	if err := m.SetThreshold(2.5); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "m")
	if err := m.Save(path); err != nil {
		t.Fatal(err)
	}
	back, err := Load(path, nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, m := range []*Model{m, back} {
		if s, alpha := m.Threshold(); s != 2.5 || alpha != 0 || !m.Judges() || m.Promise() != (Promise{}) {
			t.Errorf("threshold %v, alpha %v", s, alpha)
		}
	}
	if err := m.Calibrate([]float64{1}, Promise{}); err != nil || m.Judges() {
		t.Errorf("calibrated anew: %v, it judges: %v", err, m.Judges())
	}
}
