package learn

import "anomem/nn/rng"

// Order is an endless sequence of indices: it goes through all of them again and again, each
// time in another order.
type Order struct {
	seed, name uint64
	n          int
	pass       int // of perm, plus 1; 0: none
	perm       []int
}

// NewOrder returns an order of the indices below n, which must be positive. A seed gives an
// order for each name.
func NewOrder(seed uint64, name string, n int) *Order {
	return &Order{seed: seed, name: rng.Name(name), n: n}
}

// Batch sets dst to the indices that step takes if every step takes as many.
func (o *Order) Batch(dst []int, step int) {
	for i := range dst {
		at := step*len(dst) + i
		if pass := at / o.n; pass+1 != o.pass {
			r := rng.New(o.seed, rng.Name("learn: order"), o.name, uint64(pass))
			o.perm, o.pass = r.Perm(o.n), pass+1
		}
		dst[i] = o.perm[at%o.n]
	}
}
