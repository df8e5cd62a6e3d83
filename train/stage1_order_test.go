package train

import "testing"

// TestOrder checks that an epoch passes over each unit, and repeats known anomalies, where
// they are few, until they reach the requested share. Each pass is a different one.
func TestOrder(t *testing.T) {
	units := make([]unit, 100)
	for i := range units {
		units[i].normal = i%20 != 3 // five known anomalies
	}
	for _, c := range []struct {
		share  float64
		passes int
	}{{0, 1}, {0.05, 1}, {0.051, 2}, {0.25, 7}, {0.5, 19}} {
		o := newOrder(1, units, c.share)
		if o.passes != c.passes || o.len() != 95+5*c.passes {
			t.Fatalf("share %g: %d passes, %d picks, want %d and %d", c.share, o.passes, o.len(), c.passes, 95+5*c.passes)
		}
		if got := float64(5*o.passes) / float64(o.len()); got < c.share {
			t.Errorf("share %g: known anomalies are %g", c.share, got)
		}
		passes := map[pick]bool{}
		var first []pick
		for epoch := range 3 {
			count := map[int]int{}
			for _, p := range o.of(epoch) {
				if passes[p] {
					t.Errorf("share %g: pass %v again", c.share, p)
				}
				passes[p] = true
				count[p.unit]++
			}
			for u := range units {
				want := 1
				if !units[u].normal {
					want = c.passes
				}
				if count[u] != want {
					t.Errorf("share %g, epoch %d: unit %d comes %d times, want %d", c.share, epoch, u, count[u], want)
				}
			}
			if epoch == 0 {
				first = append(first, o.of(0)...)
			}
		}
		for i, p := range o.of(0) { // as a resumed training asks for it
			if p != first[i] {
				t.Fatalf("share %g: epoch 0 has another order the second time", c.share)
			}
		}
	}
	for _, normal := range []bool{true, false} {
		one := []unit{{normal: normal}, {normal: normal}}
		if o := newOrder(1, one, 0.25); o.len() != 2 {
			t.Errorf("units that are all normal or all anomalous: %d picks, want 2", o.len())
		}
	}
}
