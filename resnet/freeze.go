package resnet

import (
	"math"

	"anomem/autograd"
	"anomem/nn"
	"anomem/simd"
	"anomem/simd/pool"
)

// Frozen is a ResNet for inference: the network in evaluation mode at the time of the
// call of Freeze. Any number of goroutines may use one, each with a graph of its own.
//
// Norms, residuals and ReLUs are folded into the convolutions before them, weights are
// packed or transformed once, and a batch is processed as many images at a time as the
// cache holds. The result for an image has the same bits in any batch, for any number
// of threads and at every level. It differs from the ResNet's, which rounds after each
// step.
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

// Freeze returns the frozen form of r in evaluation mode, whatever mode r is in. It
// shares no memory with r.
func Freeze[T nn.Float](r *ResNet[T]) *Frozen[T] { return FreezeOn(r, nil) }

// FreezeOn is Freeze with the work shared on p.
func FreezeOn[T nn.Float](r *ResNet[T], p *pool.Pool) *Frozen[T] { return freeze(r, p, false) }

// FreezeInPlace is FreezeOn that reuses r's weight memory; r must not be used
// afterwards.
func FreezeInPlace[T nn.Float](r *ResNet[T], p *pool.Pool) *Frozen[T] { return freeze(r, p, true) }

func freeze[T nn.Float](r *ResNet[T], p *pool.Pool, inPlace bool) *Frozen[T] {
	f := &Frozen[T]{config: r.config, pool: r.stem.pool}
	t := folding[T]{inPlace: inPlace}
	t.add(&r.stem.unit, &f.stem)
	for s, blocks := range r.stages {
		f.stages[s] = make([]frozenBlock[T], len(blocks))
		for i, b := range blocks {
			b.(interface {
				freeze(*folding[T], *frozenBlock[T])
			}).freeze(&t, &f.stages[s][i])
		}
	}
	p.Run(&t, len(t.units))
	if r.fc != nil {
		f.fc = freezeLinear(r.fc)
	}
	return f
}

func (b *basic[T]) freeze(t *folding[T], to *frozenBlock[T]) {
	to.convs = make([]*autograd.PackedConv[T], 2)
	t.add(&b.first, &to.convs[0])
	t.add(&b.second, &to.convs[1])
	t.add(b.shortcut, &to.shortcut)
}

func (b *bottleneck[T]) freeze(t *folding[T], to *frozenBlock[T]) {
	to.convs = make([]*autograd.PackedConv[T], 3)
	t.add(&b.reduce, &to.convs[0])
	t.add(&b.spatial, &to.convs[1])
	t.add(&b.expand, &to.convs[2])
	t.add(b.shortcut, &to.shortcut)
}

// folding folds units, one a chunk.
type folding[T nn.Float] struct {
	units   []*unit[T]
	to      []**autograd.PackedConv[T]
	inPlace bool
}

// add adds u, unless it is nil, whose convolution is stored in to.
func (t *folding[T]) add(u *unit[T], to **autograd.PackedConv[T]) {
	if u != nil {
		t.units, t.to = append(t.units, u), append(t.to, to)
	}
}

func (t *folding[T]) Chunk(i int) { *t.to[i] = t.units[i].fold(t.inPlace) }

// fold returns the unit as one convolution, with filters computed in float64 and rounded
// once. With inPlace they overwrite the unit's own.
//
//	norm(w∗x) = (s·w)∗x + (β - s·mean),   s = γ/√(variance + eps)
func (u *unit[T]) fold(inPlace bool) *autograd.PackedConv[T] {
	w, n := u.conv.Weight, u.norm
	out := w.Dim(3)
	scale := make([]float64, out)
	bias := autograd.New[T](out)
	for o := range scale {
		scale[o] = float64(n.Weight.Data()[o]) / math.Sqrt(float64(n.RunningVar.Data()[o])+n.Options.Eps)
		bias.Data()[o] = T(float64(n.Bias.Data()[o]) - float64(scale[o]*float64(n.RunningMean.Data()[o])))
	}
	folded := w
	if !inPlace {
		folded = autograd.New[T](w.Dim(0), w.Dim(1), w.Dim(2), out)
	}
	for lo := 0; lo < w.Len(); lo += out {
		from, to := w.Data()[lo:][:out], folded.Data()[lo:][:out]
		for o, s := range scale {
			to[o] = T(float64(from[o]) * s)
		}
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
