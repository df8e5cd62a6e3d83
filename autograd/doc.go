// Package autograd differentiates functions of dense tensors in reverse mode.
//
// A [Tensor] holds float32 or float64 elements, row-major and contiguous; maps are
// laid out [N H W C]. A [Graph] is a tape: each operation is a method of it that
// computes its result at once and, where a gradient will be asked for, records
// itself. [Graph.Backward] walks the tape from its end and adds each operation's
// share to the gradients of its inputs.
//
//	g := autograd.NewGraph[float32](pool.New(0))
//	for range steps {
//		loss := g.Mean(g.Square(g.MatMul(x, w, false, true)), false)
//		g.Backward(loss) // adds to w.Grad()
//		update(w)
//		w.ZeroGrad()
//		g.Reset() // the results' memory serves the next step
//	}
//
// A graph owns the memory of its results, gradients and records, and a step that
// repeats the shapes of an earlier one allocates nothing. Nothing is global: any
// number of goroutines can each use a graph of their own, and share a pool.
//
// Results in float32 are bit-equal on every CPU and for any number of threads:
// work is split by shape alone, and sums have a fixed order.
//
// Every operation panics on arguments for which it is not defined, with its name and
// the shapes, before any memory is touched: tensors whose shapes do not fit together,
// axes and indices out of range, sizes and options that its comment excludes.
// MakeShape panics with the shape alone. The values of elements never cause a panic:
// NaN and infinities go into the results.
package autograd
