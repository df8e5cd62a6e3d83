package resnet

import "anomem/nn"

// lastNorm returns v, or, if zero, a visitor that shows v a block's last unit with the
// norm's weight starting at 0.
func lastNorm[T nn.Float](v nn.Visitor[T], zero bool) nn.Visitor[T] {
	if zero {
		return zeroNorm[T]{v}
	}
	return v
}

type zeroNorm[T nn.Float] struct{ nn.Visitor[T] }

func (z zeroNorm[T]) Entry(e nn.Entry[T]) {
	// Of the parameters of a unit the norm's weight alone starts at 1; the running
	// variance, which does so too, is a buffer.
	if e.First == nn.Ones && !e.Buffer {
		e.First = nn.Zeros
	}
	z.Visitor.Entry(e)
}
