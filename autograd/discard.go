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

// Discard frees the memory of t, which the caller must neither read nor give to
// another operation afterwards. Gradients are the same bits as without it.
//
// It frees the results of ReLU, Add of equal shapes, BatchNorm and ConvNorm, which
// Backward computes again if it needs them, and results that no recorded operation
// made or used, as inside NoGrad. It does nothing to other results, to leaves, to
// tensors outside the graph's memory, and to tensors with views (Reshape, Slice along
// the first axis).
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

// revive computes t again if it was discarded. t then lives until walk has passed the
// operation that made it.
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

// reviveFor computes again the discarded tensors that n's Backward reads.
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
