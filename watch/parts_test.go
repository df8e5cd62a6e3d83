package watch

import (
	"path/filepath"
	"regexp"
	"testing"
)

func partOptions(size int) Options {
	return Options{
		Group: regexp.MustCompile(`^(p[0-9]+)_`), GroupSize: size,
		Settle: settle, GiveUp: 10 * settle, GroupTime: 5 * settle, Poll: 1 << 40,
	}
}

// A part is complete with its shots, or after a time without one, of which both sides count.
func TestParts(t *testing.T) {
	b := newBench(t, partOptions(2))
	b.put("p1_a.png", "3.")
	b.put("p2_a.png", "12.")
	b.put("alone.png", "4.")
	b.after(0)
	b.after(settle)
	b.want("normal 4.00000 0.2000 alone.png", "normal 3.00000 0.2500 p1_a.png", "anomalous 12.00000 0.0769 p2_a.png")
	b.put("p1_b.png", "9.")
	b.after(0)
	b.after(settle)
	// The highest score, and twice the lowest p-value.
	b.want("normal 9.00000 0.1000 p1_b.png", "normal 9.00000 0.2000 part p1, 2 shots")
	b.after(4*settle - 1)
	b.want()
	b.after(1)
	b.want("anomalous 12.00000 0.0769 part p2, 1 shot (1 of 2 shots came)")
}

// A part does not end by time while shots of it wait for their verdict.
func TestPartWaitsForShots(t *testing.T) {
	b := newBench(t, partOptions(0))
	b.put("p1_a.png", "3.")
	b.after(0)
	b.after(settle)
	b.put("p1_b.png", "4") // cut off
	for range 5 {
		b.after(settle)
	}
	b.want("normal 3.00000 0.2500 p1_a.png")
	b.after(6 * settle)
	b.want("unread - - p1_b.png (unexpected EOF)")
	b.after(5*settle - 1)
	b.want()
	b.after(1)
	b.want("normal 3.00000 0.2500 part p1, 2 shots (1 of 2 shots cannot be read)")
}

// Shots of two parts of one name that come at once are kept apart.
func TestPartsOfOneName(t *testing.T) {
	b := newBench(t, partOptions(2))
	for _, name := range []string{"p1_a.png", "p1_b.png", "p1_c.png", "p1_d.png"} {
		b.put(name, "5.")
	}
	b.after(0)
	b.after(settle)
	b.lines = b.lines[4:]
	b.want("normal 5.00000 0.3333 part p1, 2 shots", "normal 5.00000 0.3333 part p1, 2 shots")
}

// A part without a readable shot has no verdict.
func TestPartUnread(t *testing.T) {
	for _, output := range []string{"r.csv", "r.jsonl"} {
		o := partOptions(1)
		o.Output = filepath.Join(t.TempDir(), output)
		b := newBench(t, o)
		b.put("p1_a.png", "3")
		b.after(0)
		b.after(10 * settle)
		b.want("unread - - p1_a.png (unexpected EOF)", "unread - - part p1, 1 shot (1 of 1 shots cannot be read)")
		b.w.journal.close()
		again := newBench(t, Options{Dir: b.w.Dir, Output: o.Output})
		again.after(settle)
		again.after(10 * settle)
		again.want()
	}
}

// A part that is not complete when watch ends goes on at the next start.
func TestPartGoesOn(t *testing.T) {
	for _, output := range []string{"r.csv", "r.jsonl"} {
		o := partOptions(3)
		o.Dir = t.TempDir()
		o.Output = filepath.Join(t.TempDir(), output)
		for i, want := range []string{"normal 1.00000 0.5000 p1_a.png", "normal 2.00000 0.3333 p1_b.png", "anomalous 13.00000 0.0714 p1_c.png"} {
			b := newBench(t, o)
			b.put([]string{"p1_a.png", "p1_b.png", "p1_c.png"}[i], []string{"1.", "2.", "13."}[i])
			b.after(0)
			b.after(settle)
			if i < 2 {
				b.want(want)
			} else {
				b.want(want, "anomalous 13.00000 0.2143 part p1, 3 shots")
			}
			b.w.journal.close()
		}
		b := newBench(t, o)
		b.after(0)
		b.after(10 * settle)
		b.want()
	}
}
