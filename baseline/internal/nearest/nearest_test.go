package nearest

import (
	"math"
	"slices"
	"testing"

	"anomem/nn/rng"
	"anomem/simd/pool"
)

func drawn(name string, n, d int) []float32 {
	r := rng.New(1, rng.Name(name))
	x := make([]float32, n*d)
	for i := range x {
		x[i] = 3 + float32(r.Norm())
	}
	return x
}

// Against distances in float64, sorted.
func TestFind(t *testing.T) {
	p := pool.New(2)
	defer p.Close()
	for _, c := range []struct{ n, m, d, k int }{{1, 2, 3, 4}, {40, 300, 5, 1}, {300, 7, 33, 9}, {17, 3, 64, 17}} {
		rows, queries := drawn("rows", c.n, c.d), drawn("queries", c.m, c.d)
		r := NewRows(slices.Clone(rows), c.d)
		got := r.Find(p, queries, c.k)
		if !slices.Equal(got, r.Find(nil, queries, c.k)) {
			t.Errorf("%+v: other neighbours on one thread", c)
		}
		squares := r.Squares(nil, queries)
		k := min(c.k, c.n)
		for i := range c.m {
			all := make([]Neighbour, c.n)
			for j := range all {
				var sum float64
				for l := range c.d {
					d := float64(queries[i*c.d+l]) - float64(rows[j*c.d+l])
					sum += d * d
				}
				all[j] = Neighbour{j, math.Sqrt(sum)}
				if s := float64(squares[i*c.n+j]); math.Abs(s-sum) > 1e-5*float64(c.d) {
					t.Errorf("%+v: square %v, want %v", c, s, sum)
				}
			}
			slices.SortFunc(all, Neighbour.compare)
			for j, want := range all[:k] {
				if g := got[i*k+j]; g.Row != want.Row || math.Abs(g.Distance-want.Distance) > 1e-5*want.Distance {
					t.Fatalf("%+v: neighbour %d of query %d is %+v, want %+v", c, j, i, g, want)
				}
			}
		}
	}
}

// Rows that are the same are no distance away, however long, and the first of them comes first.
func TestFindTheSame(t *testing.T) {
	r := NewRows([]float32{1e6, 1, 1e6, 1, 0, 0, 1e6, 1}, 2)
	got := r.Find(nil, []float32{1e6, 1}, 3)
	if want := []Neighbour{{0, 0}, {1, 0}, {3, 0}}; !slices.Equal(got, want) {
		t.Errorf("%v, want %v", got, want)
	}
}

func TestOwn(t *testing.T) {
	rows := drawn("rows", 9, 4)
	r := NewRows(slices.Clone(rows), 4)
	if own, squares := r.Own(nil), r.Squares(nil, rows); !slices.Equal(own, squares) {
		t.Errorf("%v, as queries %v", own, squares)
	}
}

// The rows around a row are those that Find gives for it, and distances are those of Find.
func TestAround(t *testing.T) {
	rows, query := drawn("rows", 40, 6), drawn("queries", 1, 6)
	r := NewRows(slices.Clone(rows), 6)
	for i := range 40 {
		got := r.Around(i, 5)
		for j, n := range r.Find(nil, rows[6*i:6*i+6], 5) {
			if got[j] != n.Row {
				t.Errorf("around row %d: %v, want %d in place %d", i, got, n.Row, j)
			}
		}
	}
	found := r.Find(nil, query, 40)
	for i, d := range r.Distances(query, r.Around(7, 40)) {
		at := slices.IndexFunc(found, func(n Neighbour) bool { return n.Row == r.Around(7, 40)[i] })
		if d != found[at].Distance {
			t.Errorf("distance %v, want %v", d, found[at].Distance)
		}
	}
}

func TestWrongShapes(t *testing.T) {
	for name, f := range map[string]func(){
		"no rows":         func() { NewRows(nil, 2) },
		"part of a row":   func() { NewRows(make([]float32, 3), 2) },
		"part of a query": func() { NewRows(make([]float32, 4), 2).Find(nil, make([]float32, 3), 1) },
	} {
		func() {
			defer func() {
				if recover() == nil {
					t.Errorf("%s: no panic", name)
				}
			}()
			f()
		}()
	}
}
