package resnet

import "anomem/nn"

// lastNorm returns a visitor for a block's last unit: v, or, if zero is set, one that
// makes the norm's weight start at 0.
func lastNorm[T nn.Float](v nn.Visitor[T], zero bool) nn.Visitor[T] {
	if zero {
		return zeroNorm[T]{v}
	}
	return v
}

type zeroNorm[T nn.Float] struct{ nn.Visitor[T] }

func (z zeroNorm[T]) Entry(e nn.Entry[T]) {
	// The norm's weight is the only parameter of a unit that starts at 1; the running
	// variance also does, but is a buffer.
	if e.First == nn.Ones && !e.Buffer {
		e.First = nn.Zeros
	}
	z.Visitor.Entry(e)
}
