package autograd_test

import (
	"math"

	"anomem/autograd"
	"anomem/simd"
	"anomem/simd/pool"
)

// network is a small classifier of maps [N 12 12 3]: two convolutions with batch
// norm, ReLU, max pool, and a linear layer, trained on cross-entropy.
type network[T autograd.Float] struct {
	g        *autograd.Graph[T]
	x        *autograd.Tensor[T]
	labels   *autograd.Tensor[T] // one-hot
	params   []*autograd.Tensor[T]
	velocity [][]T
	stats    []*autograd.Tensor[T]
}

func newNetwork[T autograd.Float](p *pool.Pool, batch, seed int) *network[T] {
	n := &network[T]{g: autograd.NewGraph[T](p)}
	i := uint64(seed) << 32
	random := func(scale float64, dims ...int) *autograd.Tensor[T] {
		t := autograd.New[T](dims...)
		for k := range t.Data() {
			i++
			h := i * 0x9e3779b97f4a7c15
			h = (h ^ h>>29) * 0xbf58476d1ce4e5b9
			t.Data()[k] = T(float32(scale * (float64(h>>11)/(1<<52) - 1)))
		}
		return t
	}
	ones := func(c int) *autograd.Tensor[T] {
		t := autograd.New[T](c)
		simd.Fill(t.Data(), 1)
		return t
	}
	param := func(t *autograd.Tensor[T]) {
		n.params = append(n.params, t.RequireGrad())
		n.velocity = append(n.velocity, make([]T, t.Len()))
	}
	n.x = random(1, batch, 12, 12, 3)
	n.labels = autograd.New[T](batch, 5)
	for k := range batch {
		n.labels.Data()[5*k+k%5] = 1
	}
	param(random(0.3, 3, 3, 3, 16)) // with padding
	param(ones(16))
	param(random(0.1, 16))
	param(random(0.2, 3, 3, 16, 24)) // with stride 2
	param(random(0.1, 24))
	param(ones(24))
	param(random(0.1, 24))
	param(random(0.2, 5, 24*3*3))
	param(random(0.1, 5))
	n.stats = []*autograd.Tensor[T]{autograd.New[T](16), ones(16), autograd.New[T](24), ones(24)}
	return n
}

// logits computes the network's result.
func (n *network[T]) logits(training bool) *autograd.Tensor[T] {
	g, p := n.g, n.params
	norm := autograd.BatchNormOptions{Training: training}
	y := g.Conv2D(n.x, p[0], nil, autograd.Conv{PadH: 1, PadW: 1})
	y = g.ReLU(g.BatchNorm(y, p[1], p[2], n.stats[0], n.stats[1], norm))
	y = g.Conv2D(y, p[3], p[4], autograd.Conv{StrideH: 2, StrideW: 2, PadH: 1, PadW: 1})
	y = g.ReLU(g.BatchNorm(y, p[5], p[6], n.stats[2], n.stats[3], norm))
	y = g.MaxPool(y, autograd.Window{H: 2, W: 2})
	y = g.Reshape(y, y.Dim(0), -1)
	return g.Add(g.MatMul(y, p[7], false, true), p[8])
}

// gradients computes the loss and adds its gradients.
func (n *network[T]) gradients() T {
	g := n.g
	z := n.logits(true)
	loss := g.Mean(g.Sub(g.LogSumExp(z, false, 1), g.Sum(g.Mul(z, n.labels), false, 1)), false)
	g.Backward(loss)
	return loss.Item()
}

// step trains once and returns the loss before it.
func (n *network[T]) step() T {
	loss := n.gradients()
	for i, p := range n.params {
		simd.SGDNesterov(p.Data(), p.Grad(), n.velocity[i], 0.05, 0.9, 1e-4)
		p.ZeroGrad()
	}
	n.g.Reset()
	return loss
}

func sameBits[T autograd.Float](a, b []T) bool {
	for i := range a {
		if math.Float64bits(float64(a[i])) != math.Float64bits(float64(b[i])) {
			return false
		}
	}
	return len(a) == len(b)
}
