package autograd

// remaker is the record of an operation that can compute its result a second time,
// bit for bit, from what it keeps and from its inputs.
type remaker[T Float] interface {
	// remake fills the result, which has memory again. Of each input that it reads it
	// calls Graph.revive first.
	remake(g *Graph[T])
}

// reader is the record of an operation whose Backward does not read the data of
// every input and of the result.
type reader[T Float] interface {
	reads(t *Tensor[T]) bool
}

// Discard says that the caller will not read t any more, nor give it to another
// operation: its memory may serve others. Where Backward needs t and the operation
// that made it can compute it again, that is done when its turn comes; otherwise t
// stays until Reset. So do leaves, tensors that are not the graph's, and those of
// which there are views (Reshape, Slice along the first axis). Gradients are the same,
// bit for bit, as without.
//
// What can be computed again: ReLU, Add of equal shapes, BatchNorm and ConvNorm. Of a
// result that no recorded operation made or used, as inside NoGrad, the memory is free
// at once.
func (g *Graph[T]) Discard(t *Tensor[T]) {
	if t.memory.size == 0 || t.viewed || t.discarded {
		return
	}
	if t.at == 0 && (t.used || t.needs) {
		return
	}
	if t.at > 0 {
		if _, ok := g.tape[t.at-1].op.(remaker[T]); !ok {
			return
		}
	}
	t.discarded = true
	g.drop(t)
}

// drop gives the memory of t back, if there is any.
func (g *Graph[T]) drop(t *Tensor[T]) {
	g.floats.giveBack(t.memory)
	t.data, t.memory = nil, block{}
}

// revive computes t again if it was discarded. It lives until its maker's turn in
// walk has passed.
func (g *Graph[T]) revive(t *Tensor[T]) {
	if t == nil || !t.discarded || t.data != nil {
		return
	}
	if t.at == 0 {
		panic("autograd: a tensor was used after Discard")
	}
	t.data, t.memory = g.floats.lend(t.shape.Size())
	g.tape[t.at-1].op.(remaker[T]).remake(g)
}

// reviveFor computes again what n's Backward is going to read.
func (g *Graph[T]) reviveFor(n *node[T]) {
	r, _ := n.op.(reader[T])
	if n.out.discarded && (r == nil || r.reads(n.out)) {
		g.revive(n.out)
	}
	for _, t := range n.inputs {
		if t != nil && t.discarded && (r == nil || r.reads(t)) {
			g.revive(t)
		}
	}
}
