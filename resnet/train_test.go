package resnet

import (
	"testing"

	"anomem/autograd"
	"anomem/nn"
	"anomem/simd"
	"anomem/simd/pool"
)

// newNet returns a network, or fails.
func newNet[T nn.Float](t testing.TB, c Config) *ResNet[T] {
	t.Helper()
	r, err := New[T](c)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// trainer trains a network as generate.py does: on cross-entropy, by SGD with
// Nesterov's momentum 0.9, lr 0.01, weight decay 1e-4 on what decays.
type trainer[T nn.Float] struct {
	net           *ResNet[T]
	graph         *autograd.Graph[T]
	params        []nn.Entry[T]
	velocity      [][]T
	x, oneHot     *autograd.Tensor[T]
	afterForward  func(maps [4]*autograd.Tensor[T], logits *autograd.Tensor[T]) // nil: nothing
	afterBackward func()
}

// newTrainer returns one for images x, of which number i is of class i mod Classes.
func newTrainer[T nn.Float](net *ResNet[T], p *pool.Pool, x *autograd.Tensor[T]) *trainer[T] {
	classes := net.Config().Classes
	tr := &trainer[T]{net: net, graph: autograd.NewGraph[T](p), params: nn.Parameters(net), x: x, oneHot: autograd.New[T](x.Dim(0), classes)}
	for _, e := range tr.params {
		tr.velocity = append(tr.velocity, make([]T, e.Tensor.Len()))
	}
	for i := range x.Dim(0) {
		tr.oneHot.Data()[i*classes+i%classes] = 1
	}
	return tr
}

// step makes one step and returns the loss before it.
func (tr *trainer[T]) step() T {
	g := tr.graph
	maps := tr.net.Stages(g, tr.x)
	logits := tr.net.Head(g, maps[3])
	if tr.afterForward != nil {
		tr.afterForward(maps, logits)
	}
	loss := g.Scale(g.Sum(g.Mul(g.LogSoftmax(logits, -1), tr.oneHot), false), -1/T(tr.x.Dim(0)))
	g.Backward(loss)
	if tr.afterBackward != nil {
		tr.afterBackward()
	}
	for i, e := range tr.params {
		decay := T(0)
		if e.Decay {
			decay = 1e-4
		}
		simd.SGDNesterov(e.Tensor.Data(), e.Tensor.Grad(), tr.velocity[i], 0.01, 0.9, decay)
	}
	nn.ZeroGrad(tr.params)
	v := loss.Item()
	g.Reset()
	return v
}
