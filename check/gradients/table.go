package gradients

import "anomem/autograd"

// Rows returns the table.
func Rows[T autograd.Float]() []Row[T] {
	t := table[T]{}
	t.broadcasting()
	t.elementwise()
	t.products()
	t.reductions()
	t.normalisations()
	t.fused()
	t.selections()
	t.layouts()
	t.convolutions()
	t.pools()
	return t.rows
}

// table collects the rows.
type table[T autograd.Float] struct{ rows []Row[T] }

// Short names for long types.
type (
	graph[T autograd.Float]  = autograd.Graph[T]
	tensor[T autograd.Float] = autograd.Tensor[T]
	inputs[T autograd.Float] = []*autograd.Tensor[T]
)

// row starts an operation's row.
func (t *table[T]) row(op string) { t.rows = append(t.rows, Row[T]{Op: op}) }

// add adds a case to the last row.
func (t *table[T]) add(name string, in inputs[T], f func(g *graph[T], in inputs[T]) *tensor[T]) {
	row := &t.rows[len(t.rows)-1]
	row.Cases = append(row.Cases, Case[T]{Name: name, In: in, F: f})
}

// makesConstants marks the last case as one whose F makes tensors of its own.
func (t *table[T]) makesConstants() {
	cases := t.rows[len(t.rows)-1].Cases
	cases[len(cases)-1].Constants = true
}

// unary adds cases for a function of one tensor, at the shapes that every such function
// must accept.
func (t *table[T]) unary(make func(seed int, dims ...int) *tensor[T], f func(g *graph[T], x *tensor[T]) *tensor[T]) {
	call := func(g *graph[T], in inputs[T]) *tensor[T] { return f(g, in[0]) }
	t.add("[3 5]", inputs[T]{make(1, 3, 5)}, call)
	t.add("scalar", inputs[T]{make(2)}, call)
	t.add("size 1", inputs[T]{make(3, 1, 1)}, call)
	t.add("size 0", inputs[T]{make(4, 2, 0, 3)}, call)
	before := make(5, 4092)
	t.add("across the border of a block", inputs[T]{make(6, 7)}, func(g *graph[T], in inputs[T]) *tensor[T] {
		return g.Slice(f(g, g.Concat(0, before, in[0])), 0, 4092, 4099)
	})
	t.add("f(x)·x", inputs[T]{make(7, 2, 3)}, func(g *graph[T], in inputs[T]) *tensor[T] {
		return g.Mul(f(g, in[0]), in[0])
	})
}
