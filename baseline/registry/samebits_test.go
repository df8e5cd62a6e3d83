package registry

import (
	"context"
	"math"
	"strings"
	"testing"

	"anomem/baseline"
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

// golden are the bits of the score of an odd picture and of the sum of its map; 0: there is none.
var golden = map[string][2]uint64{
	"ocsvm":           {0x3f5cd56666666800},
	"ocsvm on pixels": {0x3fd2b1b22cbc0666},
	"kmeans":          {0x3f894c74d9279465},
	"knn":             {0x3f2453a28fffffff},
	"padim":           {0x40247def00000000, 0x40a5b0257a780000},
	"patchcore":       {0x3fd291525b2ce9fe, 0x4052858187ebc000},
}

// detector returns the detector of a row of golden.
func detector(t *testing.T, row string) baseline.Detector {
	t.Helper()
	id, pixels := strings.CutSuffix(row, " on pixels")
	settings := []string{"encoder=../../testdata/resnet/resnet18-small.safetensors"}
	if pixels {
		settings = nil
	}
	d, err := With(id, settings...)
	if err != nil {
		t.Fatal(err)
	}
	return d
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
	for _, level := range simd.Levels() {
		t.Run(level.Name, func(t *testing.T) {
			if len(level.Missing) > 0 {
				t.Skipf("this CPU lacks %v", level.Missing)
			}
			if err := simd.Use(level.Name); err != nil {
				t.Fatal(err)
			}
			for row, want := range golden {
				d := detector(t, row)
				if err := d.Fit(context.Background(), learn, baseline.Options{Seed: 1}); err != nil {
					t.Fatal(err)
				}
				if got := bits(d, striped(12, true)); got != want {
					t.Errorf("%s has {%#x, %#x}, want {%#x, %#x}", row, got[0], got[1], want[0], want[1])
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
