package resnet

import (
	"math"

	"anomem/autograd"
	"anomem/nn"
	"anomem/simd"
)

// Frozen is a ResNet for inference alone: what the network was in evaluation mode when
// Freeze was called. Any number of goroutines may use one, each with a graph of its own.
//
// Norms are folded into the convolutions before them, residuals and ReLUs into those
// that end with them, weights are packed or transformed once, and batches are taken
// some images at a time, as many as the cache holds. Results are the same bits for an
// image alone and in any batch, for any number of threads and at every level; they
// are not those of the ResNet, which rounds after each step.
type Frozen[T nn.Float] struct {
	config Config
	stem   *autograd.PackedConv[T]
	pool   bool
	stages [4][]frozenBlock[T]
	fc     *autograd.PackedConv[T] // as a 1×1 convolution; nil: no head
}

// frozenBlock is a block of either kind: its convolutions in their order.
type frozenBlock[T nn.Float] struct {
	convs    []*autograd.PackedConv[T]
	shortcut *autograd.PackedConv[T] // nil: x itself is added
}

// Freeze returns what r computes in evaluation mode, whatever mode it is in. Later
// changes of r do not change it.
func Freeze[T nn.Float](r *ResNet[T]) *Frozen[T] {
	f := &Frozen[T]{config: r.config, stem: r.stem.unit.fold(), pool: r.stem.pool}
	for s, blocks := range r.stages {
		for _, b := range blocks {
			f.stages[s] = append(f.stages[s], b.(interface{ freeze() frozenBlock[T] }).freeze())
		}
	}
	if r.fc != nil {
		f.fc = freezeLinear(r.fc)
	}
	return f
}

func (b *basic[T]) freeze() frozenBlock[T] {
	return frozenBlock[T]{[]*autograd.PackedConv[T]{b.first.fold(), b.second.fold()}, foldShortcut(b.shortcut)}
}

func (b *bottleneck[T]) freeze() frozenBlock[T] {
	return frozenBlock[T]{[]*autograd.PackedConv[T]{b.reduce.fold(), b.spatial.fold(), b.expand.fold()}, foldShortcut(b.shortcut)}
}

func foldShortcut[T nn.Float](u *unit[T]) *autograd.PackedConv[T] {
	if u == nil {
		return nil
	}
	return u.fold()
}

// fold returns the unit as one convolution, computed in float64 and rounded once:
//
//	norm(w∗x) = (s·w)∗x + (β - s·mean),   s = γ/√(variance + eps)
func (u *unit[T]) fold() *autograd.PackedConv[T] {
	w, n := u.conv.Weight, u.norm
	out := w.Dim(3)
	scale := make([]float64, out)
	bias := autograd.New[T](out)
	for o := range scale {
		scale[o] = float64(n.Weight.Data()[o]) / math.Sqrt(float64(n.RunningVar.Data()[o])+n.Options.Eps)
		bias.Data()[o] = T(float64(n.Bias.Data()[o]) - float64(scale[o]*float64(n.RunningMean.Data()[o])))
	}
	folded := autograd.New[T](w.Dim(0), w.Dim(1), w.Dim(2), out)
	for i, v := range w.Data() {
		folded.Data()[i] = T(float64(v) * scale[i%out])
	}
	return autograd.PackConv(folded, bias, u.conv.Conv)
}

// freezeLinear returns l as a convolution of maps of one position.
func freezeLinear[T nn.Float](l *nn.Linear[T]) *autograd.PackedConv[T] {
	out, in := l.Weight.Dim(0), l.Weight.Dim(1)
	w, bias := autograd.New[T](1, 1, in, out), autograd.New[T](out)
	simd.Transpose(w.Data(), l.Weight.Data(), out, in)
	copy(bias.Data(), l.Bias.Data())
	return autograd.PackConv(w, bias, autograd.Conv{})
}

// Config returns the configuration of the network that was frozen.
func (f *Frozen[T]) Config() Config { return f.config }
