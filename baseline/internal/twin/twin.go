// Package twin compares detectors in tests with the numbers that PyTorch gives, which
// testdata/baseline/maps.py writes.
package twin

import (
	"encoding/json"
	"math"
	"os"
	"testing"

	"anomem/baseline"
	"anomem/dataset"
	"anomem/imageio"
)

// Encoder is the file of the network, from a folder of a detector.
const Encoder = "../../testdata/resnet/resnet18-small.safetensors"

// Detector is what PyTorch gives for one detector.
type Detector struct {
	Scores []float64   // of each picture to score
	Maps   [][]float64 // of each, every step-th value
}

// Twin is what the script has written.
type Twin struct {
	Side, Learned, Scored int
	PaDiM, PatchCore      Detector
	Coreset               struct {
		First, D int
		Chosen   []int
		Radius   float64
		Rows     []float64
	}
}

// step is the distance of the map values that are stored.
const step = 37

// Load reads the numbers.
func Load(t testing.TB) (w Twin) {
	t.Helper()
	text, err := os.ReadFile("../../testdata/baseline/maps.json")
	if err == nil {
		err = json.Unmarshal(text, &w)
	}
	if err != nil {
		t.Fatal(err)
	}
	return w
}

// picture returns picture k of the script; whole says that it is like those learned from.
func (w Twin) picture(k int, whole bool) *imageio.Image {
	img := imageio.NewImage(w.Side, w.Side)
	for i := range img.Pix {
		v := (11*i + 29*(i/(3*w.Side))*(k%5+1) + 53*k) % 256
		if whole || i/3%w.Side < 20 {
			v /= 2
		}
		img.Pix[i] = byte(v)
	}
	return img
}

// Learn returns the pictures to learn from.
func (w Twin) Learn() dataset.Samples {
	var all dataset.Samples
	for k := range w.Learned {
		all = append(all, dataset.Sample{Image: w.picture(k, true), Normal: true})
	}
	return all
}

// Test returns the pictures to score, of which the first is like those to learn from, and the
// others are brighter to the right.
func (w Twin) Test() []*imageio.Image {
	var all []*imageio.Image
	for k := range w.Scored {
		all = append(all, w.picture(w.Learned+k, k == 0))
	}
	return all
}

// Compare compares scores and maps of a fitted detector with those of want, up to a share of the
// largest value of a map.
func (w Twin) Compare(t *testing.T, d baseline.Detector, want Detector, within float64) {
	t.Helper()
	worst := 0.
	for k, img := range w.Test() {
		m := d.Map(img)
		_, most := m.Range()
		off := math.Abs(d.Score(img)-want.Scores[k]) / want.Scores[k]
		for i, v := range want.Maps[k] {
			off = max(off, math.Abs(float64(m.Value[i*step])-v)/float64(most))
		}
		if worst = max(worst, off); !(off <= within) {
			t.Errorf("%s: picture %d differs by %v of its score or map, want %v at most", d.Name(), k, off, within)
		}
	}
	t.Logf("%s: within %.1e of PyTorch", d.Name(), worst)
}
