package anomem

import (
	"math"
	"reflect"
	"slices"
	"strings"
	"testing"

	"gonum.org/v1/gonum/mat"

	"anomem/imageio"
	"anomem/nn/rng"
	"anomem/nn/safetensors"
)

// placeRows returns the features of n images at positions of c channels, correlated and with
// a mean.
func placeRows(n, positions, c int) [][]float32 {
	r := rng.New(1, rng.Name("places"))
	rows := make([][]float32, n)
	for i := range rows {
		for p := range positions {
			common := r.Norm()
			for k := range c {
				rows[i] = append(rows[i], float32(3+float64(p)+common+0.5*float64(k+1)*r.Norm()))
			}
		}
	}
	return rows
}

// fittedPlace returns a place fitted to rows, each left out.
func fittedPlace(t *testing.T, rows [][]float32, side, share, c int) (*Place[float32], *PlaceFit[float32]) {
	t.Helper()
	place := NewPlace[float32](side, share, c)
	fit := NewPlaceFit(place)
	for _, row := range rows {
		fit.Add(row)
	}
	if err := fit.Fit(); err != nil {
		t.Fatal(err)
	}
	return place, fit
}

// covarianceAt returns the mean and the covariance of rows at a position as Fit shrinks it,
// computed in another way, and the share that is kept. The covariance is that of the
// position's block.
func covarianceAt(rows [][]float32, p *Place[float32], at int) (mean []float64, cov *mat.SymDense, kept float64) {
	c := p.Mean.Dim(1)
	s, size := make([]float64, c*c), 0
	for other := range p.Side * p.Side {
		if other/p.Side/p.Share != at/p.Side/p.Share || other%p.Side/p.Share != at%p.Side/p.Share {
			continue
		}
		var flat []float64
		for _, row := range rows {
			for _, v := range row[other*c : (other+1)*c] {
				flat = append(flat, float64(v))
			}
		}
		m, one := moments(flat, len(rows), c)
		if size++; other == at {
			mean = m
		}
		for i, v := range one {
			s[i] += v
		}
	}
	for i := range s {
		s[i] /= float64(size)
	}
	kept = 1 - shrink(s, len(rows)*p.Share, c)
	var trace float64
	for i := range c {
		trace += s[i*(c+1)]
	}
	for i := range c {
		s[i*(c+1)] += least + flattest*trace/float64(c)
	}
	return mean, mat.NewSymDense(c, s), kept
}

// mahalanobis returns √(vᵀΣ⁻¹v / C).
func mahalanobis(t *testing.T, v []float64, cov mat.Symmetric) float64 {
	t.Helper()
	var chol mat.Cholesky
	if !chol.Factorize(cov) {
		t.Fatal("the covariance is not positive definite")
	}
	var x mat.VecDense
	if err := chol.SolveVecTo(&x, mat.NewVecDense(len(v), v)); err != nil {
		t.Fatal(err)
	}
	return math.Sqrt(mat.Dot(&x, mat.NewVecDense(len(v), v)) / float64(len(v)))
}

func TestPlaceDistances(t *testing.T) {
	const c = 5
	for _, shape := range [][2]int{{2, 1}, {4, 2}, {5, 2}, {3, 4}} { // side and share
		side, positions := shape[0], shape[0]*shape[0]
		rows := placeRows(12, positions, c)
		place, _ := fittedPlace(t, rows, side, shape[1], c)
		query := placeRows(13, positions, c)[12]
		got := make([]float32, positions)
		place.distances(got, query, make([]float32, c))
		for at := range positions {
			mean, cov, _ := covarianceAt(rows, place, at)
			off := make([]float64, c)
			for i := range off {
				off[i] = float64(query[at*c+i]) - mean[i]
			}
			// Each of C rows is a sum of up to C products, each off by 2^-24 or so.
			if want := mahalanobis(t, off, cov); !(math.Abs(float64(got[at])-want) <= 1e-6*c*max(1, want)) {
				t.Errorf("%d×%d, place %d: %v, want %v", side, side, at, got[at], want)
			}
		}
	}
}

// LeaveOut computes what it says of the covariance of the others, and that is near the
// covariance of the others.
func TestPlaceLeaveOut(t *testing.T) {
	const c, n = 4, 60
	for _, shape := range [][2]int{{1, 1}, {4, 4}} { // side and share
		positions := shape[0] * shape[0]
		rows := placeRows(n, positions, c)
		place, fit := fittedPlace(t, rows, shape[0], shape[1], c)
		for i, row := range rows {
			fit.LeaveOut(row, nil)
			others := append(append([][]float32{}, rows[:i]...), rows[i+1:]...)
			var formula, without float64 // the largest distances
			for at := range positions {
				mean, cov, kept := covarianceAt(rows, place, at)
				v, off := make([]float64, c), make([]float64, c)
				for k := range v {
					v[k] = float64(row[at*c+k]) - mean[k]
					off[k] = v[k] * n / (n - 1)
				}
				rest := mat.NewSymDense(c, nil)
				rest.ScaleSym(n/(n-1.), cov)
				rest.SymRankOne(rest, -kept*n/(n-1.)/(n-1.)/float64(positions), mat.NewVecDense(c, v))
				formula = max(formula, mahalanobis(t, off, rest))
				_, alone, _ := covarianceAt(others, place, at)
				without = max(without, mahalanobis(t, off, alone))
			}
			if !(math.Abs(fit.worst[i]-formula) <= 1e-4*formula) {
				t.Errorf("share %d, image %d: %v, by the formula %v", shape[1], i, fit.worst[i], formula)
			}
			// The share of shrinkage and the unit matrix's factor differ by some 1/n, and so
			// does what the image adds at the block's other positions.
			if !(math.Abs(fit.worst[i]-without) <= 2./n*without) {
				t.Errorf("share %d, image %d: %v, from the others alone %v", shape[1], i, fit.worst[i], without)
			}
		}
		var mean, square float64
		for _, v := range fit.Spread() {
			mean += v / n
			square += v * v / n
		}
		if math.Abs(mean) > 1e-9 || math.Abs(square-1) > 1e-9 {
			t.Errorf("standardised by mean %v and mean square %v, want 0 and 1", mean, square)
		}
	}
}

func TestPlaceFitRefuses(t *testing.T) {
	if err := NewPlaceFit(NewPlace[float32](2, 1, 3)).Fit(); err == nil {
		t.Error("places of no image")
	}
	fit := NewPlaceFit(NewPlace[float32](1, 1, 2))
	fit.Add([]float32{1, 2})
	fit.Add([]float32{1, float32(math.NaN())})
	if err := fit.Fit(); err == nil {
		t.Error("places of a NaN")
	}
}

// placesConfig is tinyConfig with places.
func placesConfig() Config {
	c := tinyConfig()
	c.Places = PlacesConfig{Size: 32, Stages: []int{2, 3}}
	c.Score.Kind = ScoreSum
	n := len(c.Scales)
	t := Term{Kind: ScorePlaces}
	for range n {
		t.Weight, t.Mean, t.Std = append(t.Weight, 1), append(t.Mean, 0), append(t.Std, 2)
	}
	c.Score.Terms = []Term{t}
	return c
}

// placesModel returns a model whose places were fitted to pictures.
func placesModel(t *testing.T, c Config, normal []*Image) *Model {
	t.Helper()
	plain := c
	plain.Score = ScoreConfig{Kind: ScoreCosine, Top: 1}
	m := tinyModel(t, plain, nil)
	parts := m.Parts()
	parts.AddPlaces(c)
	var fits []*PlaceFit[float32]
	for _, p := range parts.Places {
		fits = append(fits, NewPlaceFit(p))
	}
	m.EachPlace(normal, nil, func(_ int, stages []PlaceFeatures) {
		for s, of := range stages {
			fits[s].Add(of.Values)
		}
	})
	for _, f := range fits {
		if err := f.Fit(); err != nil {
			t.Fatal(err)
		}
	}
	m.EachPlace(normal, nil, func(_ int, stages []PlaceFeatures) {
		for s, of := range stages {
			fits[s].LeaveOut(of.Values, of.Inside)
		}
	})
	for _, f := range fits {
		f.Spread()
	}
	with, err := NewModel(c, parts, nil)
	if err != nil {
		t.Fatal(err)
	}
	return with
}

// halves returns pictures that are dark on the left and bright on the right, with noise.
func halves(name string, n int) []*Image {
	var all []*Image
	for i := range n {
		r := rng.New(2, rng.Name(name), uint64(i))
		img := imageio.NewImage(32, 32)
		for k := range img.Pix {
			img.Pix[k] = byte(60 + 120*(k/3%32/16) + r.IntN(20))
		}
		all = append(all, img)
	}
	return all
}

// What is normal in one place is not in another.
func TestPlacesTellWhatIsOutOfPlace(t *testing.T) {
	m := placesModel(t, placesConfig(), halves("normal", 40))
	var worst float64
	for _, img := range halves("test", 10) {
		worst = max(worst, m.Score(img).Score)
	}
	odd := halves("odd", 1)[0]
	for y := 4; y < 12; y++ { // bright as on the right, at the left
		copy(odd.Pix[3*(y*32+2):][:3*8], odd.Pix[3*(y*32+20):][:3*8])
	}
	e := m.Explain([]*Image{odd})[0]
	if !(e.Score > 2*max(worst, 1)) {
		t.Errorf("out of place: score %v, the largest of normal ones is %v", e.Score, worst)
	}
	at := 0
	for i, v := range e.Heatmap.Value {
		if v > e.Heatmap.Value[at] {
			at = i
		}
	}
	if x, y := at%32, at/32; x > 13 || y > 15 {
		t.Errorf("the heatmap is hottest at (%d, %d)", x, y)
	}
}

// Outside a region no place counts.
func TestPlacesWithinARegion(t *testing.T) {
	region := imageio.NewMask(32, 32)
	for i := range region.Pix {
		region.Pix[i] = i%32 >= 16 || i/32 >= 16
	}
	var normal []*Image
	for _, img := range halves("normal", 40) {
		part, _ := img.Within(region)
		normal = append(normal, part)
	}
	m := placesModel(t, placesConfig(), normal)
	img := halves("test", 1)[0]
	score := m.ScoreBatchIn([]*Image{img}, []*imageio.Mask{region})[0].Score
	// By distances that are far too large where the region is not.
	m.EachPlace([]*Image{img}, []*imageio.Mask{region}, func(_ int, stages []PlaceFeatures) {
		for s, of := range stages {
			out := 0
			for at, in := range of.Inside {
				if x, y := at%of.Side*2, at/of.Side*2; in != (x >= of.Side || y >= of.Side) {
					t.Errorf("stage %d: place %d inside: %v", s, at, in)
				}
				if !in {
					out++
					clear(m.parts.Places[s].Mean.Data()[at*m.parts.Places[s].Mean.Dim(1):][:m.parts.Places[s].Mean.Dim(1)])
				}
			}
			if out == 0 {
				t.Errorf("stage %d: all places are inside", s)
			}
		}
	})
	if again := m.ScoreBatchIn([]*Image{img}, []*imageio.Mask{region})[0].Score; again != score {
		t.Errorf("score %v, and %v with other values outside the region", score, again)
	}
}

// With places, alone and beside local heads, one pass gives the same bits as separate scores
// and heatmaps, and a saved model scores as before.
func TestPlacesInAModel(t *testing.T) {
	beside := tiled(placesConfig())
	beside.Head.Local, beside.Score.Beside, beside.Places.Fine = true, 0.5, 64
	for _, c := range []Config{placesConfig(), tiled(placesConfig()), beside} {
		m := placesModel(t, c, halves("normal", 8))
		sameAfterLoad(t, m, someImages())
	}
}

// sameAfterLoad checks that one pass over images gives the bits of separate scores and heatmaps by m
// after a load, and that its file is then the same.
func sameAfterLoad(t *testing.T, m *Model, images []*Image) {
	t.Helper()
	b, beside := fileOf(t, m), m.Config().Score.Beside
	back, err := loadBytes(b)
	if err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(b, fileOf(t, back)) {
		t.Error("another file after a load")
	}
	for i, got := range m.Explain(images) {
		if want := back.Score(images[i]); !sameResult(got.Result, want) {
			t.Errorf("beside %v, image %d: %+v, by itself after a load %+v", beside, i, got.Result, want)
		}
		if want := back.Heatmap(images[i]); !reflect.DeepEqual(got.Heatmap, want) {
			t.Errorf("beside %v, image %d: another heatmap than by itself after a load", beside, i)
		}
	}
}

// A file whose places are not those of its configuration is refused.
func TestLoadRefusesPlaces(t *testing.T) {
	for want, change := range map[string]func(t *safetensors.Tensor){
		`"place.1.whiten" is missing or not of shape [64 136]`: func(t *safetensors.Tensor) {
			if t.Name == "place.1.whiten" {
				*t = safetensors.FromSlice(t.Name, []float32{1}, 1)
			}
		},
		"place.0.spread has the deviation 0": func(t *safetensors.Tensor) {
			if t.Name == "place.0.spread" {
				*t = safetensors.FromSlice(t.Name, []float32{1, 0}, 2)
			}
		},
		"there are none": func(t *safetensors.Tensor) {
			if strings.HasPrefix(t.Name, "place.") {
				t.Name = "replay." + t.Name // of which nothing is read
			}
		},
	} {
		refusesChanged(t, placesModel(t, placesConfig(), halves("normal", 8)), change, want)
	}
}

// refusesChanged checks that the file of m, after a change of each tensor, is refused by an error that
// contains want.
func refusesChanged(t *testing.T, m *Model, change func(t *safetensors.Tensor), want string) {
	t.Helper()
	tensors, meta, err := m.Tensors()
	if err != nil {
		t.Fatal(err)
	}
	delete(meta, checksumKey)
	for i := range tensors {
		change(&tensors[i])
	}
	if _, err := loadBytes(written(t, tensors, meta)); err == nil || !strings.Contains(err.Error(), want) {
		t.Errorf("want an error with %q, got %v", want, err)
	}
}
