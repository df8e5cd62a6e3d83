package piad

import (
	"math"

	"anomem/autograd"
	"anomem/baseline"
	"anomem/baseline/internal/coder"
	"anomem/baseline/internal/learn"
	"anomem/imageio"
	"anomem/nn"
	"anomem/nn/optim"
)

// training trains the generator, which is the decoder of net, and the encoder, against a critic
// of images and one of latent vectors.
type training struct {
	Config
	images []*imageio.Image
	metric *perceptual
	seed   uint64

	net           *coder.Pair[float32]
	adam          *optim.Adam[float32]
	image, latent *critic
	order         *learn.Order
	picks         []int
	rows          []*imageio.Image
	aside         *learn.Graph // for what is no step of net
	make, squeeze float32      // weights of the generator's and of the encoder's adversarial losses
}

func newTraining(c Config, images []*imageio.Image, metric *perceptual, o baseline.Options) *training {
	shape := coder.Shape{Side: c.Side, Channels: c.Channels, Blocks: blocks}
	t := &training{
		Config: c, images: images, metric: metric, seed: o.Seed,
		net:   &coder.Pair[float32]{Encoder: coder.NewEncoder[float32](shape, c.Latent), Decoder: coder.NewDecoder[float32](shape, c.Latent)},
		order: learn.NewOrder(o.Seed, "normal", len(images)), picks: make([]int, c.Batch), rows: make([]*imageio.Image, c.Batch),
		aside: autograd.NewGraph[float32](o.Pool), make: 1, squeeze: 1,
	}
	shape.Plain = true
	ofImages, ofLatent := coder.NewEncoder[float32](shape, 1), nn.NewMLP[float32](c.Latent, 4*c.Latent, 4*c.Latent, 1)
	nn.Init(t.net, o.Seed)
	nn.Init(ofImages, o.Seed)
	nn.Init(ofLatent, o.Seed)
	t.image, t.latent = newCritic(ofImages, "piad: images", o.Seed), newCritic(ofLatent, "piad: latent", o.Seed)
	t.adam = optim.NewAdam(t.net, 0)
	t.adam.Beta1 = 0
	metric.measure(t.aside, images, c.Side)
	return t
}

// batch returns the images and the latent vectors of batch number k.
func (t *training) batch(g *learn.Graph, k int) (x, z *learn.Tensor) {
	t.order.Batch(t.picks, k)
	for i, p := range t.picks {
		t.rows[i] = t.images[p]
	}
	return learn.Input(g, learn.Unit, t.Side, t.rows...), coder.Noise[float32](g, t.seed, "piad: z", k, t.Batch, t.Latent)
}

// loss makes the steps of the critics, balances the losses where it is time, and returns the loss of
// a step of net.
func (t *training) loss(g *learn.Graph, step int) *learn.Tensor {
	each := t.Critics + 1
	for k := range t.Critics {
		t.criticise(step*each + k)
	}
	own := step*each + t.Critics
	if step%t.Balance == 0 {
		t.balance(own)
	}
	deceive, squeeze, again := t.losses(g, own)
	return g.Add(g.Add(g.Scale(deceive, t.make), g.Scale(squeeze, t.squeeze)), again)
}

// criticise makes a step of each critic on batch number k.
func (t *training) criticise(k int) {
	var real, made, z, squeezed []float32
	g := t.aside
	g.NoGrad(func() {
		x, noise := t.batch(g, k)
		real, z = clone(x), clone(noise)
		made, squeezed = clone(t.net.Decoder.Forward(g, noise)), clone(t.net.Encoder.Forward(g, x))
	})
	g.Reset()
	t.image.step(g, real, made, autograd.MakeShape(t.Batch, t.Side, t.Side, 3), k, t.Rate)
	t.latent.step(g, z, squeezed, autograd.MakeShape(t.Batch, t.Latent), k, t.Rate)
}

func clone(x *learn.Tensor) []float32 { return append([]float32(nil), x.Data()...) }

// losses returns those of batch number k, of x images and z latent vectors: what the critics say
// of made images and of squeezed ones, and how badly images are made anew,
//
//	-mean D_x(G(z)),   -mean D_z(E(x)),   mean ‖f(x) - f(G(E(x)))‖₁ / ‖f(x)‖₁
func (t *training) losses(g *learn.Graph, k int) (deceive, squeeze, again *learn.Tensor) {
	x, z := t.batch(g, k)
	squeezed := t.net.Encoder.Forward(g, x)
	deceive = g.Neg(g.Mean(t.image.net.Forward(g, t.net.Decoder.Forward(g, z)), false))
	squeeze = g.Neg(g.Mean(t.latent.net.Forward(g, squeezed), false))
	var wanted *learn.Tensor
	g.NoGrad(func() { wanted = t.metric.features(g, x) })
	again = g.Mean(deviations(g, wanted, t.metric.features(g, t.net.Decoder.Forward(g, squeezed))), false)
	return deceive, squeeze, again
}

// balance sets the weights of the adversarial losses so that, for the generator and for the encoder,
// both of its losses have gradients of the same length: the paper's policy, divided by the weight of
// the other loss, which Adam does not see.
func (t *training) balance(k int) {
	length := func(of nn.Params[float32], which int) float64 {
		nn.ZeroGrad(nn.Parameters(of))
		a, b, c := t.losses(t.aside, k)
		t.aside.Backward([]*learn.Tensor{a, b, c}[which])
		t.aside.Reset()
		sum := 0.
		for _, p := range nn.Parameters(of) {
			for _, v := range p.Tensor.Grad() {
				sum += float64(v) * float64(v)
			}
		}
		return math.Sqrt(sum)
	}
	ratio := func(of nn.Params[float32], adversarial int) float32 {
		return float32(length(of, 2) / max(length(of, adversarial), 1e-12))
	}
	t.make, t.squeeze = ratio(t.net.Decoder, 0), ratio(t.net.Encoder, 1)
	nn.ZeroGrad(nn.Parameters(t.net))
}
