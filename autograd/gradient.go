package autograd

import "anomem/simd"

// The memory of gradients. The first operation that has a share of a tensor's gradient
// stores it, which costs a pass less than clearing memory and adding; the others add.

// gradFor is AccGrad without the zeros: if fresh is true, the contents are undefined
// and every element must be stored.
func (t *Tensor[T]) gradFor(g *Graph[T]) (d []T, fresh bool) {
	switch {
	case !t.needs:
		return nil, false
	case t.base != nil: // its gradient may be another slice than at the last call
		t.grad, fresh = t.base.gradFor(g)
	case t.grad != nil:
		t.ownGrad(g)
	case t.arena:
		t.grad, t.gradMemory = g.floats.lend(t.Len())
		fresh = true
	default:
		t.grad = make([]T, t.Len())
	}
	return t.grad, fresh
}

// ownGrad makes the gradient of t, which must have one, writable.
func (t *Tensor[T]) ownGrad(g *Graph[T]) {
	if t.borrowed {
		seed := t.grad
		t.grad, t.gradMemory = g.floats.lend(t.Len())
		copy(t.grad, seed)
		t.borrowed = false
	}
}

// borrowGrad makes seed the gradient of t, an operation's result, if it has none yet,
// and reports whether it did.
func (t *Tensor[T]) borrowGrad(seed []T) bool {
	root := t.root()
	if root.at == 0 || root.grad != nil {
		return false
	}
	root.grad, root.borrowed, t.grad = seed, true, seed
	return true
}

// root returns the tensor whose gradient is that of t: t, unless t is a view.
func (t *Tensor[T]) root() *Tensor[T] {
	for t.base != nil {
		t = t.base
	}
	return t
}

// adoptGrad moves the gradient of from to t and reports whether it did: t must need a
// gradient and have none, and from must be the only owner of its own.
func (t *Tensor[T]) adoptGrad(from *Tensor[T]) bool {
	if !t.needs || !t.arena || t.base != nil || t.grad != nil || from.gradMemory.size == 0 {
		return false
	}
	t.grad, t.gradMemory = from.grad, from.gradMemory
	from.gradMemory = block{}
	return true
}

// dropGrad frees the gradient of t, an operation's result that has passed it on.
func (t *Tensor[T]) dropGrad(g *Graph[T]) {
	g.floats.giveBack(t.gradMemory)
	t.grad, t.gradMemory, t.borrowed = nil, block{}, false
}

// share says how a result's gradient is passed on to an input unchanged.
type share uint8

const (
	done  share = iota // nothing is left to do
	store              // by copying it
	add                // by adding it
)

// passGrad begins to pass the gradient of y on to t, by moving it where possible, and
// returns what give has to do.
func (t *Tensor[T]) passGrad(g *Graph[T], y *Tensor[T]) share {
	if t.adoptGrad(y) {
		return done
	}
	switch d, fresh := t.gradFor(g); {
	case d == nil:
		return done
	case fresh:
		return store
	}
	return add
}

// give passes dy, the gradient of a result from element lo on, on to t.
func give[T Float](s share, t *Tensor[T], dy []T, lo int) {
	if s == done {
		return
	}
	d := t.grad[lo:][:len(dy)]
	if s == store {
		copy(d, dy)
	} else {
		simd.Add(d, d, dy)
	}
}
