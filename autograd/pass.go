package autograd

// spans is an operation whose work consists of independent units, such as elements or
// rows.
type spans[T Float] interface {
	// forward computes units lo, ..., hi-1 of the result.
	forward(lo, hi int)
	// backward adds the share of units lo, ..., hi-1 to the gradients of the
	// inputs. tmp, from backwardTmp, has room for all their elements.
	backward(lo, hi int, tmp []T)
}

const (
	passGrain = 1 << 15 // elements a chunk: some 50 µs
	passBlock = 1 << 12 // elements of a block, so that a chunk's intermediate results stay in the cache
)

// pass is one direction of an operation, in chunks for the pool. A graph runs one at a
// time and holds it, so that starting one allocates nothing.
type pass[T Float] struct {
	op    spans[T]
	n     int // units
	grain int // units a chunk
	block int // units a call of backward; 0 in a forward pass
	tmp   []T
	each  int // elements of tmp a chunk
}

// forward runs the forward pass of op over n units of size elements each.
func (g *Graph[T]) forward(op spans[T], n, size int) {
	g.pass = pass[T]{op: op, n: n, grain: max(1, g.grain/max(1, size))}
	g.run()
}

// backward runs the backward pass of op over n units of size elements each.
func (g *Graph[T]) backward(op spans[T], n, size int) {
	grain := max(1, g.grain/max(1, size))
	g.pass = pass[T]{op: op, n: n, grain: grain, block: grain}
	g.run()
}

// tmpUse says whether an operation's backward pass works in a tmp.
type tmpUse bool

const (
	noTmp   tmpUse = false
	withTmp tmpUse = true
)

// backwardWith runs backwardTmp or backward.
func (g *Graph[T]) backwardWith(tmp tmpUse, op spans[T], n, size int) {
	if tmp {
		g.backwardTmp(op, n, size)
	} else {
		g.backward(op, n, size)
	}
}

// backwardTmp is backward with a tmp for op to work in.
func (g *Graph[T]) backwardTmp(op spans[T], n, size int) {
	m := g.mark()
	size = max(1, size)
	p := pass[T]{op: op, n: n, grain: max(1, g.grain/size), block: max(1, g.block/size)}
	p.each = min(p.block, n) * size
	p.tmp = g.floats.take(p.chunks() * p.each)
	g.pass = p
	g.run()
	g.release(m)
}

func (p *pass[T]) chunks() int { return (p.n + p.grain - 1) / p.grain }

func (g *Graph[T]) run() { g.pool.Run(&g.pass, g.pass.chunks()) }

// Chunk implements pool.Task.
func (p *pass[T]) Chunk(i int) {
	lo := i * p.grain
	hi := min(lo+p.grain, p.n)
	if p.block == 0 {
		p.op.forward(lo, hi)
		return
	}
	tmp := p.tmp[i*p.each : (i+1)*p.each]
	for ; lo < hi; lo += p.block {
		p.op.backward(lo, min(lo+p.block, hi), tmp)
	}
}
