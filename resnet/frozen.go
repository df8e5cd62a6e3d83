package resnet

import (
	"fmt"
	"unsafe"

	"anomem/autograd"
	"anomem/nn"
	"anomem/simd"
)

// Forward maps images x [N H W Channels] to logits [N Classes] or, without a head, to
// the mean over the positions of the last map, [N C].
func (f *Frozen[T]) Forward(g *autograd.Graph[T], x *autograd.Tensor[T]) *autograd.Tensor[T] {
	r := f.newRun(g, x)
	n := x.Dim(0)
	mean := g.NewTensor(n, r.shapes[4].Dim(3))
	each := r.images[4]
	r.maps[4] = r.newMap(4, min(each, n))
	for lo := 0; lo < n; lo += each {
		hi := min(lo+each, n)
		m := g.GlobalAvgPool(r.stage(4, lo, hi))
		copy(g.Slice(mean, 0, lo, hi).Data(), m.Data())
	}
	return f.classify(g, mean)
}

// Stages maps images x [N H W Channels] to the maps after each of the four stages, with
// the shapes of ResNet.Stages. It panics if x has another shape.
func (f *Frozen[T]) Stages(g *autograd.Graph[T], x *autograd.Tensor[T]) [4]*autograd.Tensor[T] {
	r := f.newRun(g, x)
	n := x.Dim(0)
	for s := 1; s <= 4; s++ {
		r.maps[s], r.whole[s] = r.newMap(s, n), true
	}
	r.stage(4, 0, n)
	return [4]*autograd.Tensor[T](r.maps[1:])
}

// Head maps the last of the maps that Stages returns, [N H₄ W₄ C₄], to what Forward
// returns.
func (f *Frozen[T]) Head(g *autograd.Graph[T], last *autograd.Tensor[T]) *autograd.Tensor[T] {
	return f.classify(g, g.GlobalAvgPool(last))
}

func (f *Frozen[T]) classify(g *autograd.Graph[T], mean *autograd.Tensor[T]) *autograd.Tensor[T] {
	if f.fc == nil {
		return mean
	}
	n := mean.Dim(0)
	y := g.NewTensor(n, f.config.Classes)
	f.fc.Into(g, g.Reshape(y, n, 1, 1, f.config.Classes), g.Reshape(mean, n, 1, 1, mean.Dim(1)), false, false)
	return y
}

// frozenRun is one pass through a frozen network. Stage 0 is the stem. Each stage takes
// frozenImages images at a time, and requests as many from the stage before it. Later
// stages, whose maps are smaller and whose weights are larger, take more. Within a
// stage the blocks overwrite one map in place.
type frozenRun[T nn.Float] struct {
	f      *Frozen[T]
	g      *autograd.Graph[T]
	x      *autograd.Tensor[T]
	shapes [5]autograd.Shape      // of a stage's map, for one image
	images [5]int                 // images that a stage takes at a time
	maps   [5]*autograd.Tensor[T] // of all images, or of as many as the next stage takes at a time
	whole  [5]bool                // maps has all images
	inner  [2]*autograd.Tensor[T] // for the maps within blocks
}

func (f *Frozen[T]) newRun(g *autograd.Graph[T], x *autograd.Tensor[T]) *frozenRun[T] {
	if x.Rank() != 4 || x.Dim(3) != f.config.Channels {
		panic(fmt.Sprintf("resnet: Frozen: x %v: want [N H W %d]", x.Shape(), f.config.Channels))
	}
	if g.Recording() && x.RequiresGrad() {
		panic("resnet: Frozen: x needs a gradient, which a frozen network does not pass on")
	}
	r := autograd.NewOp[frozenRun[T]](g)
	r.f, r.g, r.x = f, g, x
	n := x.Dim(0)
	// For one image: the map that a stage reads, those within its blocks, and its own.
	one := autograd.MakeShape(1, x.Dim(1), x.Dim(2), x.Dim(3))
	var inner [2]int // elements
	for s := range r.shapes {
		in := one
		var within [2]int
		within, one = f.stageShapes(s, one)
		r.shapes[s] = one
		var t T
		work := (in.Size() + one.Size() + within[0] + within[1]) * int(unsafe.Sizeof(t))
		r.images[s] = min(frozenImages(work, one.Dim(1)*one.Dim(2)), max(1, n))
		if s > 0 {
			r.images[s] = max(r.images[s], r.images[s-1])
		}
		for i := range inner {
			inner[i] = max(inner[i], r.images[s]*within[i])
		}
	}
	for i, size := range inner {
		r.inner[i] = g.NewTensor(size)
	}
	for s := range 4 {
		r.maps[s] = r.newMap(s, r.images[s+1])
	}
	return r
}

// stageShapes returns the shape of a stage's map for an image's map of shape in, and
// the numbers of elements of the maps within its blocks.
func (f *Frozen[T]) stageShapes(s int, in autograd.Shape) (inner [2]int, out autograd.Shape) {
	if s == 0 {
		out = f.stem.Out(in)
		if f.pool {
			inner[0] = out.Size()
			out = stemPool.Out(out)
		}
		return inner, out
	}
	for _, b := range f.stages[s-1] {
		y := in
		for i, c := range b.convs {
			if y = c.Out(y); i < len(b.convs)-1 {
				inner[i%2] = max(inner[i%2], y.Size())
			}
		}
		in = y
	}
	return inner, in
}

func (r *frozenRun[T]) newMap(s, n int) *autograd.Tensor[T] {
	m := r.shapes[s]
	return r.g.NewTensor(n, m.Dim(1), m.Dim(2), m.Dim(3))
}

// stage returns the maps of images lo, ..., hi-1 after a stage.
func (r *frozenRun[T]) stage(s, lo, hi int) *autograd.Tensor[T] {
	first := lo
	if r.whole[s] {
		first = 0
	}
	for i := lo; i < hi; i += r.images[s] {
		end := min(i+r.images[s], hi)
		y := r.g.Slice(r.maps[s], 0, i-first, end-first)
		if s == 0 {
			r.stem(y, r.g.Slice(r.x, 0, i, end))
			continue
		}
		x := r.stage(s-1, i, end)
		for k := range r.f.stages[s-1] {
			r.block(&r.f.stages[s-1][k], y, x)
			x = y
		}
	}
	return r.g.Slice(r.maps[s], 0, lo-first, hi-first)
}

func (r *frozenRun[T]) stem(y, x *autograd.Tensor[T]) {
	if !r.f.pool {
		r.f.stem.Into(r.g, y, x, false, true)
		return
	}
	m := r.view(0, r.f.stem.Out(x.Shape()))
	r.f.stem.Into(r.g, m, x, false, true)
	autograd.MaxPoolInto(r.g, y, m, stemPool)
}

// block computes y = relu(x' + conv(... conv(x))). y may be x; it holds x' until the
// last convolution adds to it.
func (r *frozenRun[T]) block(b *frozenBlock[T], y, x *autograd.Tensor[T]) {
	switch {
	case b.shortcut != nil:
		b.shortcut.Into(r.g, y, x, false, false)
	case y != x:
		copy(y.Data(), x.Data())
	}
	last := len(b.convs) - 1
	for i, c := range b.convs[:last] {
		m := r.view(i%2, c.Out(x.Shape()))
		c.Into(r.g, m, x, false, true)
		x = m
	}
	b.convs[last].Into(r.g, y, x, true, true)
}

// view returns a tensor of a shape in the memory of inner i.
func (r *frozenRun[T]) view(i int, s autograd.Shape) *autograd.Tensor[T] {
	return r.g.Reshape(r.g.Slice(r.inner[i], 0, 0, s.Size()), s.Dim(0), s.Dim(1), s.Dim(2), s.Dim(3))
}

// frozenImages returns the number of images that a stage takes at a time, if one has
// work bytes of maps and positions in its map. It is the larger of two: enough for
// products of frozenRows rows, over which the cost of loading the weights is spread, and
// enough for maps of twice a core's own cache; but no more than frozenCache holds, which
// leaves room in the last-level cache for the weights and for other programs. With as
// many as fill frozenCache, ResNet-18 takes 4 % longer on 64 images of 32×32, and
// ResNet-50 on 16 of 224×224 as long; with half of that, the latter takes 2 % longer
// (AVX2, one thread, medians in turn).
func frozenImages(work, positions int) int {
	enough := max((frozenRows+positions-1)/positions, 2*simd.CoreCache()/work)
	return max(1, min(enough, frozenCache/work))
}

// Variables that a test changes to show that no bit depends on them.
var (
	frozenRows  = 4096
	frozenCache = simd.LastCache() / 4
)
