package piad

import (
	"math"

	"anomem/autograd"
	"anomem/baseline/internal/learn"
	"anomem/imageio"
	"anomem/resnet"
)

// perceptual compares images by the features that a network has of them.
type perceptual struct {
	net   *resnet.ResNet[float32]
	stage int           // whose map counts, from 1
	by    *learn.Tensor // [3], subtracted from images
	times *learn.Tensor // [3]
	mean  *learn.Tensor // [C], of the features of normal images
	scale *learn.Tensor // [C], 1 over their standard deviations
}

func newPerceptual(net *resnet.ResNet[float32], norm imageio.Norm, stage int) *perceptual {
	p := &perceptual{net: net, stage: stage, by: autograd.New[float32](3), times: autograd.New[float32](3)}
	for i := range 3 {
		p.by.Data()[i], p.times.Data()[i] = norm.Mean[i], 1/norm.Std[i]
	}
	return p
}

// raw returns the map of images [N side side 3] with values from 0 to 1, [N H W C].
func (p *perceptual) raw(g *learn.Graph, x *learn.Tensor) *learn.Tensor {
	return p.net.Stages(g, g.Mul(g.Sub(x, p.by), p.times))[p.stage-1]
}

// measured is the most images that the features are standardised by.
const measured = 512

// measure sets the mean and the scale of each channel, by normal images.
func (p *perceptual) measure(g *learn.Graph, images []*imageio.Image, side int) {
	var sum, square []float64
	n := 0.
	learn.Chunked(g, images[:min(len(images), measured)], func(g *learn.Graph, some []*imageio.Image) {
		f := p.raw(g, learn.Input(g, learn.Unit, side, some...))
		c := f.Dim(3)
		if sum == nil {
			sum, square = make([]float64, c), make([]float64, c)
		}
		for i, v := range f.Data() {
			sum[i%c] += float64(v)
			square[i%c] += float64(v) * float64(v)
		}
		n += float64(f.Len() / c)
	})
	p.mean, p.scale = autograd.New[float32](len(sum)), autograd.New[float32](len(sum))
	for k := range sum {
		m := sum[k] / n
		p.mean.Data()[k] = float32(m)
		p.scale.Data()[k] = float32(1 / math.Sqrt(max(square[k]/n-float64(m*m), 1e-6)))
	}
}

// features returns the standardised map of images, [N H W C].
func (p *perceptual) features(g *learn.Graph, x *learn.Tensor) *learn.Tensor {
	return g.Mul(g.Sub(p.raw(g, x), p.mean), p.scale)
}

// shortest keeps features that are all 0 out of a division by 0.
const shortest = 1e-6

// deviations returns how far features b are from a at each position, relative to all of a's image,
// both [N H W C], as [N H W]; their mean over an image is the relative perceptual L1 loss,
//
//	‖a - b‖₁ / ‖a‖₁
func deviations[T autograd.Float](g *autograd.Graph[T], a, b *autograd.Tensor[T]) *autograd.Tensor[T] {
	far := g.Mean(g.Abs(g.Sub(a, b)), false, 3)
	whole := g.AddConst(g.Mean(g.Abs(a), true, 1, 2, 3), shortest)
	return g.Div(far, g.Reshape(whole, a.Dim(0), 1, 1))
}
