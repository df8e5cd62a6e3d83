package registry

import (
	"context"
	"math"
	"testing"

	"anomem/baseline"
	"anomem/baseline/dpvae"
	"anomem/baseline/elsa"
	"anomem/baseline/puzzlegeom"
	"anomem/baseline/ssdgm"
	"anomem/dataset"
	"anomem/imageio"
	"anomem/simd"
)

// striped returns picture k of a set that is alike, or an odd one.
func striped(k int, odd bool) *imageio.Image {
	img := imageio.NewImage(24, 24)
	for i := range img.Pix {
		v := (11*i + 29*(i/72)*(k%5+1) + 53*k) % 256
		if !odd || i/3%24 < 14 {
			v /= 2
		}
		img.Pix[i] = byte(v)
	}
	return img
}

// encoder is a small network for the detectors that need one.
const encoder = "../../testdata/resnet/resnet18-small.safetensors"

// golden are detectors of small sizes with the bits of the score of an odd picture and of the sum of
// its map; 0: there is none.
var golden = []struct {
	name  string
	known bool // it is fitted to known anomalies, too
	New   func() (baseline.Detector, error)
	bits  [2]uint64
}{
	{"ocsvm", false, encoded("ocsvm"), [2]uint64{0x3f5cd56666666800}},
	{"ocsvm on pixels", false, func() (baseline.Detector, error) { return With("ocsvm") }, [2]uint64{0x3fd2b1b22cbc0666}},
	{"kmeans", false, encoded("kmeans"), [2]uint64{0x3f894c74d9279465}},
	{"knn", false, encoded("knn"), [2]uint64{0x3f2453a28fffffff}},
	{"padim", false, encoded("padim"), [2]uint64{0x40247def00000000, 0x40a5b0257a780000}},
	{"patchcore", false, encoded("patchcore"), [2]uint64{0x3fd291525b2ce9fe, 0x4052858187ebc000}},
	{"reversedistillation", false, encoded("reversedistillation", "size=16", "batch=2", "steps=2"), [2]uint64{0x40061297c0000000, 0x4077463edc700000}},
	{"piad", false, encoded("piad", "side=8", "channels=8", "latent=8", "stage=1", "critics=1", "balance=2", "batch=4", "steps=2"), [2]uint64{0x40030528cb600000, 0x40630528cb600000}},
	{"puzzlegeom", false, of(&puzzlegeom.Detector{Side: 8, Width: 0.0625, Grid: 2, Batch: 2, Rate: 0.05, Weight: 1, Puzzles: 2, Steps: 2}), [2]uint64{0x3fe8162cdd990456}},
	{"elsa", true, of(&elsa.Detector{
		Side: 8, Width: 0.0625, Batch: 4, Rate: 0.06, Tau: 0.5, Prototypes: 8,
		TuneBatch: 4, TuneRate: 2e-3, Check: 1, Views: 1, Steps: 2,
	}), [2]uint64{0xc00fd86560000000}},
	{"dpvae", true, of(&dpvae.Detector{Side: 16, Channels: 8, Latent: 4, Prior: 3, Weight: 0.5, Batch: 4, Rate: 5e-3, Steps: 2}), [2]uint64{0x3f924fd000000000}},
	{"ssdgm", true, of(&ssdgm.Detector{
		Side: 16, Channels: 8, Features: 8, Latent: 3, Hidden: 8, Weight: 0.05, Alpha: 10, Batch: 4, Rate: 5e-3, Steps: 2,
	}), [2]uint64{0x3fd82dd190000000}},
}

// encoded returns what makes a detector with the small network and other settings.
func encoded(id string, settings ...string) func() (baseline.Detector, error) {
	return func() (baseline.Detector, error) {
		return With(id, append([]string{"encoder=" + encoder}, settings...)...)
	}
}

// of returns what makes a detector that takes no settings; Fit begins it anew.
func of(d baseline.Detector) func() (baseline.Detector, error) {
	return func() (baseline.Detector, error) { return d, nil }
}

// A detector gives the same score and map with the kernels of each level, and as on every other
// machine. PCA is left out: its products are gonum's, which has assembly on amd64 alone.
func TestSameBits(t *testing.T) {
	was := simd.Level()
	defer func() {
		if err := simd.Use(was); err != nil {
			t.Fatal(err)
		}
	}()
	var learn dataset.Samples
	for k := range 12 {
		learn = append(learn, dataset.Sample{Image: striped(k, false), Normal: true})
	}
	known := learn
	for k := range 3 {
		known = append(known, dataset.Sample{Image: striped(20+k, true)})
	}
	for _, level := range simd.Levels() {
		t.Run(level.Name, func(t *testing.T) {
			if len(level.Missing) > 0 {
				t.Skipf("this CPU lacks %v", level.Missing)
			}
			if err := simd.Use(level.Name); err != nil {
				t.Fatal(err)
			}
			for _, row := range golden {
				src := learn
				if row.known {
					src = known
				}
				d, err := row.New()
				if err == nil {
					err = d.Fit(context.Background(), src, baseline.Options{Seed: 1})
				}
				if err != nil {
					t.Fatalf("%s: %v", row.name, err)
				}
				if got := bits(d, striped(12, true)); got != row.bits {
					t.Errorf("%s has {%#x, %#x}, want {%#x, %#x}", row.name, got[0], got[1], row.bits[0], row.bits[1])
				}
			}
		})
	}
}

// bits returns the bits of the score of an image and of the sum of its map.
func bits(d baseline.Detector, img *imageio.Image) [2]uint64 {
	var sum float64
	if m := d.Map(img); m != nil {
		for _, v := range m.Value {
			sum += float64(v)
		}
	}
	return [2]uint64{math.Float64bits(d.Score(img)), math.Float64bits(sum)}
}
