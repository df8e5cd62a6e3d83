package dataset

import (
	"testing"

	"anomem/imageio"
)

// samples are images of these sizes in memory, every third of which is an anomaly.
func samples(sizes ...[2]int) Samples {
	var s Samples
	for i, size := range sizes {
		s = append(s, Sample{Image: imageio.NewImage(size[0], size[1]), Normal: i%3 != 2})
	}
	return s
}

func TestSamples(t *testing.T) {
	s := samples([2]int{4, 3}, [2]int{2, 9})
	s[1].Normal, s[1].Mask = false, imageio.NewMask(2, 9)
	if s.Len() != 2 || !s.Normal(0) || s.Normal(1) {
		t.Errorf("%d samples: %t, %t", s.Len(), s.Normal(0), s.Normal(1))
	}
	for i := range s {
		img, err := s.Image(i)
		mask, maskErr := s.Mask(i)
		if w, h := s.Size(i); err != nil || maskErr != nil || img != s[i].Image || mask != s[i].Mask || w != img.W || h != img.H {
			t.Errorf("sample %d: %v, %v, %v, %v", i, img, err, mask, maskErr)
		}
	}
}

func TestSides(t *testing.T) {
	for _, c := range []struct {
		sizes             [][2]int
		longest, shortest int
	}{
		{nil, 0, 0},
		{[][2]int{{4, 3}}, 4, 3},
		{[][2]int{{3, 4}}, 4, 3},
		{[][2]int{{10, 10}, {4, 7}, {6, 20}, {9, 5}}, 20, 4},
	} {
		longest, shortest := Sides(samples(c.sizes...))
		if longest != c.longest || shortest != c.shortest {
			t.Errorf("%v: sides %d and %d, want %d and %d", c.sizes, longest, shortest, c.longest, c.shortest)
		}
	}
}

func TestAnomalies(t *testing.T) {
	size := [2]int{1, 1}
	s := samples(size, size, size, size, size, size, size)
	if n := Anomalies(s); n != 2 {
		t.Errorf("%d anomalies, want 2", n)
	}
	if n := Anomalies(Samples(nil)); n != 0 {
		t.Errorf("%d anomalies of nothing", n)
	}
	all := AllAnomalous(s)
	if n := Anomalies(all); n != 7 || all.Len() != 7 {
		t.Errorf("%d of %d are anomalous", n, all.Len())
	}
	for i := range s {
		img, err := all.Image(i)
		if w, h := all.Size(i); err != nil || img != s[i].Image || w != 1 || h != 1 {
			t.Errorf("image %d is another: %v, %v", i, img, err)
		}
	}
	if !s.Normal(0) {
		t.Error("AllAnomalous changed the source")
	}
}
