package train

import (
	"testing"

	"anomem"
)

// Each part of stage 2 is told of from its first views or steps to its last.
func TestOnPart(t *testing.T) {
	d := uprights("normal", 12)
	for _, img := range onlyDefects("known", 2).images { // few: heads are trained without each, too
		d.add(img, false, nil)
	}
	r := smallRun(t, d)
	r.Options.Rotations = false
	r.Promise = anomem.Promise{}
	type state struct{ done, total, ends int }
	parts := map[string]*state{}
	r.OnPart = func(part string, done, total int) {
		s := parts[part]
		if s == nil {
			s = &state{}
			parts[part] = s
		}
		if done <= s.done || done > total {
			t.Fatalf("%s: %d of %d after %d", part, done, total, s.done)
		}
		if s.done, s.total = done, total; done == total {
			s.ends++
		}
	}
	if _, err := r.Train(t.Context(), nil); err != nil {
		t.Fatal(err)
	}
	for _, part := range []string{"views for heads", "heads, training 1 of 3", "heads, training 2 of 3", "heads, training 3 of 3"} {
		if s := parts[part]; s == nil || s.done != s.total || s.ends != 1 {
			t.Errorf("%s: %+v of %d parts", part, s, len(parts))
		}
	}
}
