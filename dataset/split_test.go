package dataset

import (
	"fmt"
	"math/big"
	"slices"
	"testing"
)

// synthetic makes a dataset without files: n normal images, then some of each class.
func synthetic(n int, groups []string, anomalies map[string]int) *Dataset {
	d := &Dataset{Name: "synthetic"}
	for i := range n {
		it := Item{Path: fmt.Sprint("n", i), Normal: true, Labelled: true, Split: Train}
		if groups != nil {
			it.Group = groups[i]
		}
		d.Items = append(d.Items, it)
	}
	for _, class := range []string{"a", "b"} {
		for i := range anomalies[class] {
			d.Items = append(d.Items, Item{Path: fmt.Sprint(class, i), Class: class, Split: Train})
		}
	}
	return d
}

func TestHoldOut(t *testing.T) {
	d := synthetic(100, nil, map[string]int{"a": 5})
	d.Items[3].Split = Test
	d.Label([]int{101})
	train := d.Train()
	if len(train) != 100 || slices.Contains(train, 3) || !slices.Contains(train, 101) || slices.Contains(train, 102) {
		t.Fatalf("training items %v", train)
	}
	if test := d.Test(); !slices.Equal(test, []int{3}) {
		t.Errorf("test items %v", test)
	}
	// Of 99 normal images; ⌈0.99·99⌉ would be all of them.
	for _, c := range []struct {
		share float64
		want  int
	}{{0, 0}, {0.001, 1}, {0.1, 10}, {1.0 / 3, 33}, {0.99, 98}} {
		rest, held, err := d.HoldOut(train, c.share, 7)
		if err != nil || len(held) != c.want || len(rest) != 100-c.want {
			t.Errorf("share %v: %d held, %d left, want %d held: %v", c.share, len(held), len(rest), c.want, err)
		}
		if both := slices.Sorted(slices.Values(slices.Concat(rest, held))); !slices.Equal(both, train) {
			t.Errorf("share %v: %v is not %v", c.share, both, train)
		}
		if !slices.IsSorted(rest) || !slices.IsSorted(held) || slices.Contains(held, 101) {
			t.Errorf("share %v: %v and %v", c.share, rest, held)
		}
	}
	_, first, _ := d.HoldOut(train, 0.1, 7)
	_, again, _ := d.HoldOut(train, 0.1, 7)
	_, other, _ := d.HoldOut(train, 0.1, 8)
	if !slices.Equal(first, again) || slices.Equal(first, other) {
		t.Errorf("seed 7: %v, %v; seed 8: %v", first, again, other)
	}
	for _, share := range []float64{-0.1, 1, 2} {
		_, _, err := d.HoldOut(train, share, 1)
		wantError(t, err, "not in [0, 1)")
	}
	_, _, err := d.HoldOut([]int{101}, 0.1, 1)
	wantError(t, err, "no normal images")
	_, _, err = d.HoldOut([]int{1}, 0.1, 1)
	wantError(t, err, "nothing to hold out")
}

// A group is held whole or not at all, and not if it has an anomaly.
func TestHoldOutKeepsGroupsWhole(t *testing.T) {
	groups := make([]string, 40)
	for i := range groups {
		groups[i] = []string{"", "p", "q", "r", "s", "t", "u", "v"}[i%8]
	}
	d := synthetic(40, groups, map[string]int{"a": 1})
	d.Items[40].Group = "q"
	d.Label([]int{40})
	for seed := range uint64(50) {
		rest, held, err := d.HoldOut(d.Train(), 0.25, seed)
		if err != nil || len(held) < 10 || len(held) > 14 {
			t.Fatalf("seed %d: %d held, want 10 to 14: %v", seed, len(held), err)
		}
		in := map[string]bool{}
		for _, i := range held {
			in[d.Items[i].Group] = true
		}
		for _, i := range rest {
			if g := d.Items[i].Group; g != "" && in[g] {
				t.Fatalf("seed %d: group %q is on both sides", seed, g)
			}
		}
		if in["q"] {
			t.Fatalf("seed %d: the group of the anomaly was held", seed)
		}
	}
	one := synthetic(3, []string{"p", "p", "p"}, nil)
	_, _, err := one.HoldOut(one.Train(), 0.5, 1)
	wantError(t, err, "in one group")
}

func TestKnownAt(t *testing.T) {
	for _, c := range []struct {
		gamma float64
		n     int
		want  int
	}{
		{0, 100, 0}, {0.05, 5000, 263}, {0.05, 19, 1}, {0.05, 18, 0}, {0.2, 4, 1}, {0.5, 7, 7}, {0.9, 10, 90}, {0.01, 0, 0},
		{0.3, 7, 3}, // 2.1/0.7, of which floating point makes 2.9999999999999996
	} {
		if got := KnownAt(c.gamma, c.n); got != c.want {
			t.Errorf("KnownAt(%v, %d) = %d, want %d", c.gamma, c.n, got, c.want)
		}
	}
	// ⌊γ·n/(1−γ)⌋ = ⌊k·n/(100−k)⌋ for hundredths.
	for k := range int64(100) {
		for n := range int64(120) {
			want := new(big.Int).Div(big.NewInt(k*n), big.NewInt(100-k)).Int64()
			if got := KnownAt(float64(k)/100, int(n)); got != int(want) {
				t.Fatalf("KnownAt(0.%02d, %d) = %d, want %d", k, n, got, want)
			}
		}
	}
	for _, gamma := range []float64{-0.1, 1} {
		func() {
			defer func() {
				if recover() == nil {
					t.Errorf("ratio %v did not panic", gamma)
				}
			}()
			KnownAt(gamma, 1)
		}()
	}
}

func TestDrawKnown(t *testing.T) {
	d := synthetic(10, nil, map[string]int{"a": 20, "b": 30})
	d.Items[15].Split = Test
	all, err := d.DrawKnown(49, "", 1)
	if err != nil || len(slices.Compact(slices.Clone(all))) != 49 || !slices.IsSorted(all) || slices.Contains(all, 15) || all[0] < 10 {
		t.Errorf("%v, %v", all, err)
	}
	before := []int{}
	for m := range 30 {
		drawn, err := d.DrawKnown(m, "b", 3)
		if err != nil || len(drawn) != m {
			t.Fatal(drawn, err)
		}
		for _, i := range drawn {
			if d.Items[i].Class != "b" {
				t.Errorf("drew %+v", d.Items[i])
			}
		}
		for _, i := range before {
			if !slices.Contains(drawn, i) {
				t.Errorf("%d of %v is not among %v", i, before, drawn)
			}
		}
		before = drawn
	}
	x, _ := d.DrawKnown(5, "", 1)
	y, _ := d.DrawKnown(5, "", 2)
	if slices.Equal(x, y) {
		t.Errorf("seeds 1 and 2 both draw %v", x)
	}
	d.Label(x)
	d.Label(y)
	if known := d.Train()[10:]; !slices.Equal(known, y) {
		t.Errorf("known %v, want %v", known, y)
	}
	_, err = d.DrawKnown(31, "b", 1)
	wantError(t, err, `31 known anomalies were asked for: synthetic of class "b" has 30`)
	_, err = d.DrawKnown(1, "c", 1)
	wantError(t, err, `class "c" has 0`)
	_, err = d.DrawKnown(-1, "", 1)
	wantError(t, err, "all classes")
}

// Every item is as likely as the others: over many seeds each of 6 is drawn half of
// the time that 3 are, within five standard deviations.
func TestDrawKnownIsFair(t *testing.T) {
	d := synthetic(0, nil, map[string]int{"a": 6})
	const draws = 4000
	var count [6]int
	for seed := range uint64(draws) {
		drawn, err := d.DrawKnown(3, "", seed)
		if err != nil {
			t.Fatal(err)
		}
		for _, i := range drawn {
			count[i]++
		}
	}
	for i, n := range count {
		if n < draws/2-158 || n > draws/2+158 { // √(4000/4) = 31.6
			t.Errorf("item %d was drawn %d times in %d", i, n, draws)
		}
	}
}
