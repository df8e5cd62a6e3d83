package autograd

import (
	"fmt"
	"unsafe"

	"anomem/simd"
	"anomem/simd/pool"
)

// Op is the record of one operation on the tape.
type Op[T Float] interface {
	// Backward adds the operation's share to the gradients of its inputs, whose
	// buffers Tensor.AccGrad gives. It is called only when a gradient has reached
	// the result, which then has a non-nil Grad, complete.
	Backward(g *Graph[T])
}

// Graph is a tape of operations, and owns the memory of their results. One goroutine
// at a time may use it.
type Graph[T Float] struct {
	pool  *pool.Pool
	off   bool // nothing is recorded
	exact bool // convolutions are direct
	tape  []node[T]

	floats  blocks[T]
	doubles arena[float64] // totals down columns
	ints    arena[int32]
	bools   arena[bool]
	lists   arena[*Tensor[T]]
	tensors slab[Tensor[T]]
	slabs   map[any]resetter // of operations: a nil *O leads to the *slab[O]

	pass         pass[T] // the one in progress
	grain, block int     // passGrain and passBlock, but in a test
}

type node[T Float] struct {
	op     Op[T]
	out    *Tensor[T]
	inputs []*Tensor[T]
}

type resetter interface{ reset() }

// NewGraph returns an empty graph whose operations run on p (nil: on the caller).
func NewGraph[T Float](p *pool.Pool) *Graph[T] {
	return &Graph[T]{pool: p, slabs: map[any]resetter{}, grain: passGrain, block: passBlock}
}

// Pool returns the pool on which operations run; nil means the caller.
func (g *Graph[T]) Pool() *pool.Pool { return g.pool }

// Reset drops the tape and takes back the memory of every tensor, operation and
// scratch slice of the graph, which must not be used any more. Gradients of leaves
// that own their memory stay.
func (g *Graph[T]) Reset() {
	g.forget()
	g.floats.reset()
	g.doubles.reset()
	g.ints.reset()
	g.bools.reset()
	g.lists.reset()
}

// forget drops every reference to the arenas' memory. Reset calls it first, so that
// the old memory can be collected while its replacement is made: a graph that has
// grown does not need both at once.
func (g *Graph[T]) forget() {
	clear(g.tape)
	g.tape = g.tape[:0]
	g.pass = pass[T]{}
	for _, s := range g.slabs {
		s.reset()
	}
	g.tensors.reset()
	g.lists.clear()
}

// NoGrad calls f; operations inside it are not recorded, and their results need
// no gradient.
func (g *Graph[T]) NoGrad(f func()) {
	was := g.off
	g.off = true
	defer func() { g.off = was }()
	f()
}

// Recording reports whether operations are recorded: always, except inside NoGrad and
// Backward.
func (g *Graph[T]) Recording() bool { return !g.off }

// NewTensor returns a tensor in the graph's memory, with undefined contents.
func (g *Graph[T]) NewTensor(dims ...int) *Tensor[T] { return g.NewLike(MakeShape(dims...)) }

// NewLike returns a tensor of the given shape in the graph's memory, with
// undefined contents.
func (g *Graph[T]) NewLike(s Shape) *Tensor[T] {
	t := g.tensors.next()
	t.data, t.memory = g.floats.lend(s.Size())
	t.shape, t.arena = s, true
	return t
}

// Memory returns the bytes that tensors, gradients and scratch of the graph take now,
// and the most that they ever took at once.
func (g *Graph[T]) Memory() (inUse, most int) {
	size := int(unsafe.Sizeof(T(0)))
	rest := 8*g.doubles.cap() + 4*g.ints.cap() + g.bools.cap()
	return size*g.floats.inUse + rest, size*g.floats.most + rest
}

// Scratch returns n elements of the graph's memory, with undefined contents, for
// use until Reset.
func (g *Graph[T]) Scratch(n int) []T { return g.floats.take(n) }

// Ints returns n integers of the graph's memory, with undefined contents, for use
// until Reset.
func (g *Graph[T]) Ints(n int) []int32 { return g.ints.take(n) }

// NewOp returns a zero O from the graph's memory, for use until Reset: an
// operation's record, or a task that it runs on the pool.
func NewOp[O any, T Float](g *Graph[T]) *O {
	key := any((*O)(nil))
	s, ok := g.slabs[key].(*slab[O])
	if !ok {
		s = new(slab[O])
		g.slabs[key] = s
	}
	return s.next()
}

// Record puts op, which made out from inputs, on the tape and marks out as needing
// a gradient, if any input needs one and the graph is recording. Otherwise it does
// nothing. The inputs are all tensors whose data op's Backward reads, besides out; any
// may be nil.
func (g *Graph[T]) Record(out *Tensor[T], op Op[T], inputs ...*Tensor[T]) {
	if !g.records(inputs...) {
		return
	}
	n := node[T]{op, out, g.lists.take(len(inputs))}
	copy(n.inputs, inputs)
	for _, in := range inputs {
		if in != nil && in.arena {
			in.used = true
		}
	}
	g.tape = append(g.tape, n)
	out.needs, out.at = true, len(g.tape)
}

// records reports that an operation on inputs goes on the tape.
func (g *Graph[T]) records(inputs ...*Tensor[T]) bool {
	if g.off {
		return false
	}
	for _, in := range inputs {
		if in != nil && in.needs {
			return true
		}
	}
	return false
}

// Backward adds the gradient of loss, a tensor of size 1, to every leaf that loss
// was computed from. If there is none, it does nothing. Calling it again, for the
// same or another result of the same tape, adds again.
func (g *Graph[T]) Backward(loss *Tensor[T]) {
	if loss.Len() != 1 {
		panic(fmt.Sprintf("autograd: Backward: shape %v is not that of a scalar", loss.shape))
	}
	if d := loss.AccGrad(g); d != nil {
		d[0]++
		g.walk()
	}
}

// BackwardFrom is Backward for the loss Σ_i seed_i·out_i, whose gradient with respect
// to out is seed. It panics unless seed has out's length. To start from several
// results at once, add the others' seeds to their AccGrad first.
func (g *Graph[T]) BackwardFrom(out *Tensor[T], seed []T) {
	if len(seed) != out.Len() {
		panic(fmt.Sprintf("autograd: BackwardFrom: %d seeds for shape %v", len(seed), out.shape))
	}
	if !out.needs {
		return
	}
	if !out.borrowGrad(seed) {
		d := out.AccGrad(g)
		simd.Add(d, d, seed)
	}
	g.walk()
}

// walk passes gradients on, from the tape's end. When it reaches an operation, it has
// passed every operation that used the result, so the result's gradient is complete.
// It then frees the gradient, and also a discarded result that was computed again.
func (g *Graph[T]) walk() {
	was := g.off
	g.off = true
	defer func() { g.off = was }()
	for i := len(g.tape) - 1; i >= 0; i-- {
		n := &g.tape[i]
		if n.out.grad != nil {
			g.reviveFor(n)
			n.op.Backward(g)
			n.out.dropGrad(g)
		}
		if n.out.discarded {
			g.drop(n.out)
		}
	}
}

// A mark is a state of the graph's scratch; release frees what was taken since. Tensors
// and gradients are not scratch and outlive it.
type mark struct {
	floats        int
	doubles, ints arenaPos
}

func (g *Graph[T]) mark() mark { return mark{g.floats.mark(), g.doubles.pos, g.ints.pos} }

func (g *Graph[T]) release(m mark) {
	g.floats.release(m.floats)
	g.doubles.pos, g.ints.pos = m.doubles, m.ints
}
