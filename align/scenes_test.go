package align_test

import (
	"crypto/sha256"
	"fmt"
	"testing"

	"anomem/align"
	"anomem/synthetic"
)

// learn returns what is learned from the first n photographs of a scene, of 512 pixels.
func learn(scene synthetic.Scene, n int) (*align.Template, align.Evidence) {
	var l align.Learner
	for i := range n {
		l.Add(synthetic.Options{Scene: scene, Size: 512}.Normal(1, i).Image)
	}
	return l.Learn()
}

// Of drawn photographs, screws lie in any pose, plates alike, and cloth has none.
func TestScenes(t *testing.T) {
	for scene, pays := range map[synthetic.Scene]bool{synthetic.Screw: true, synthetic.Plate: false, synthetic.Cloth: false} {
		if _, e := learn(scene, 8); e.Pays() != pays {
			t.Errorf("%v: %+v", scene, e)
		}
	}
}

// The same bytes on every machine.
func TestSameBits(t *testing.T) {
	tm, e := learn(synthetic.Screw, 8)
	img := synthetic.Options{Scene: synthetic.Screw, Size: 512}.Normal(1, 9).Image
	h := sha256.New()
	pix, frame := tm.Values()
	fmt.Fprint(h, pix, frame, e, tm.Cut(img).Image(img).Pix)
	const want = "dd08a14108c4e1c4"
	if got := fmt.Sprintf("%x", h.Sum(nil)[:8]); got != want {
		t.Errorf("digest %s, want %s", got, want)
	}
}

// BenchmarkCut finds the part in a photograph of 1024 pixels, and cuts it.
func BenchmarkCut(b *testing.B) {
	tm, _ := learn(synthetic.Screw, 8)
	img := synthetic.Options{Scene: synthetic.Screw}.Normal(1, 9).Image
	for b.Loop() {
		tm.Cut(img).Image(img)
	}
}
