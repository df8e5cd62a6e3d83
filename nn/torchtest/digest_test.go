package torchtest

import (
	"math"
	"testing"
)

// TestDigestSeesEveryElement plants an error of a millionth of the root mean square
// into single elements, and exchanges two: the digest must show each.
func TestDigestSeesEveryElement(t *testing.T) {
	v := Formula[float64]("planted", 300)
	want := Digest(v)
	rms := want[0] / math.Sqrt(300)
	for i := range v {
		was := v[i]
		v[i] += 1e-6 * rms
		if e := Error(Digest(v), want, 300); e < 1e-9 {
			t.Errorf("element %d: the digest is off by %g alone", i, e)
		}
		v[i] = was
		j := (i + 7) % 300
		if v[i] == v[j] {
			continue
		}
		v[i], v[j] = v[j], v[i]
		if e := Error(Digest(v), want, 300); e < 1e-9 {
			t.Errorf("elements %d and %d exchanged: the digest is off by %g alone", i, j, e)
		}
		v[i], v[j] = v[j], v[i]
	}
}
