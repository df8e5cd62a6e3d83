package train

import (
	"context"
	"encoding/json"
	"math"
	"slices"
	"strings"
	"testing"

	"anomem/autograd"
	"anomem/hopfield"
)

// The defaults of patterns and queue are absent from JSON, so that model files of default
// trainings keep their bytes.
func TestDefaultsAreAbsentFromJSON(t *testing.T) {
	o := smallOptions()
	data, err := json.Marshal(o)
	if err != nil || strings.Contains(string(data), "patterns") || strings.Contains(string(data), "queue") {
		t.Errorf("%s, %v", data, err)
	}
	if o := optionsWith(t, `{"patterns": "kmeans", "queue": 8}`); o.Patterns != PatternsKMeans || o.Queue != 8 {
		t.Errorf("patterns %q, queue %d", o.Patterns, o.Queue)
	}
}

// Centres of k-means are unit rows, the same in each run, and nearer to the features than
// features drawn at random. Random patterns have a standard deviation of 1.
func TestPatterns(t *testing.T) {
	filled := func(text string) *Stage1 {
		s := newStage(t, smallConfig(), optionsWith(t, text), uprights("a", 12))
		if err := s.fillMemories(context.Background()); err != nil {
			t.Fatal(err)
		}
		return s
	}
	features, centres := filled(`{}`), filled(`{"patterns": "kmeans"}`)
	if f, c := meanDistance(t, features), meanDistance(t, centres); !(c < f) {
		t.Errorf("mean cosine distance of features to their centres %g, and to random ones of them %g", c, f)
	}
	again := filled(`{"patterns": "kmeans"}`)
	for i, m := range centres.Parts.Memories {
		n, c := m.Patterns.Dim(0), m.Patterns.Dim(1)
		if !slices.Equal(m.Patterns.Data(), again.Parts.Memories[i].Patterns.Data()) {
			t.Errorf("scale %d: two runs give two memories", i+1)
		}
		for k := range n {
			var sq float64
			for _, v := range m.Patterns.Data()[k*c : (k+1)*c] {
				sq += float64(v) * float64(v)
			}
			if math.Abs(sq-1) > 1e-5 {
				t.Errorf("scale %d: centre %d has the length %g", i+1, k, math.Sqrt(sq))
			}
		}
	}
	var sq, n float64
	for _, m := range filled(`{"patterns": "random"}`).Parts.Memories {
		for _, v := range m.Patterns.Data() {
			sq, n = sq+float64(v)*float64(v), n+1
		}
	}
	if std := math.Sqrt(sq / n); math.Abs(std-1) > 0.1 {
		t.Errorf("random patterns have the standard deviation %g", std)
	}
	if _, err := centres.Next(context.Background()); err != nil {
		t.Error(err)
	}
}

// meanDistance returns the mean of 1 - cos between each normal feature of the first batch
// and its nearest pattern.
func meanDistance(t *testing.T, s *Stage1) float64 {
	t.Helper()
	g := autograd.NewGraph[float32](nil)
	var sum, n float64
	for i, rows := range s.stepper.features(&s.batch) {
		patterns := s.Parts.Memories[i].Patterns
		c := patterns.Dim(1)
		x := hopfield.Normalize(g, autograd.FromSlice(rows, len(rows)/c, c), hopfield.Unit)
		cos := g.MatMul(x, hopfield.Normalize(g, patterns, hopfield.Unit), false, true)
		for k := range cos.Dim(0) {
			sum, n = sum+1-float64(slices.Max(cos.Data()[k*cos.Dim(1):(k+1)*cos.Dim(1)])), n+1
		}
	}
	return sum / n
}
