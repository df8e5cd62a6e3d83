package main

import (
	"fmt"

	"anomem/autograd"
	"anomem/nn"
	"anomem/resnet"
	"anomem/simd"
	"anomem/simd/pool"
)

// network is a residual network on square images of a size: with the small stem
// below 64, as is usual there.
type network struct{ depth, size int }

func (n network) String() string { return fmt.Sprintf("resnet%d-%d", n.depth, n.size) }

func (n network) config() resnet.Config {
	c := resnet.Config{Depth: n.depth, Classes: 1000}
	if n.size < 64 {
		c.Stem, c.Classes = resnet.Small, 10
	}
	return c
}

// flops counts a multiplication and an addition for each term of each convolution,
// directly computed, and of the last layer, for one image forward.
func (n network) flops() float64 {
	c := n.config()
	conv := func(size, kernel, in, out int) float64 { return float64(size * size * kernel * kernel * in * out) }
	size := n.size
	var sum float64
	if c.Stem == resnet.Small {
		sum = conv(size, 3, 3, 64)
	} else {
		sum = conv(size/2, 7, 3, 64)
		size /= 4
	}
	blocks := map[int][4]int{18: {2, 2, 2, 2}, 50: {3, 4, 6, 3}}[n.depth]
	in := 64
	for stage, count := range blocks {
		width, out := 64<<stage, c.StageChannels()[stage]
		for block := range count {
			before := size
			if stage > 0 && block == 0 {
				size /= 2
			}
			if n.depth < 50 {
				sum += conv(size, 3, in, width) + conv(size, 3, width, width)
			} else {
				sum += conv(before, 1, in, width) + conv(size, 3, width, width) + conv(size, 1, width, out)
			}
			if in != out || before != size {
				sum += conv(size, 1, in, out)
			}
			in = out
		}
	}
	return 2 * (sum + float64(in*c.Classes))
}

// networkBenchmarks measures whole networks: GFLOP/s, counted as direct convolutions, and
// images a second. With exact, training computes every convolution directly.
func networkBenchmarks(exact bool) []benchmark {
	var table []benchmark
	for _, b := range []struct {
		network
		batches []int
	}{{network{50, 224}, []int{1, 16}}, {network{18, 32}, []int{1, 64}}} {
		for _, batch := range b.batches {
			table = append(table, b.infer(batch))
		}
	}
	for _, b := range []struct {
		network
		batch int
	}{{network{50, 224}, 8}, {network{50, 32}, 32}, {network{18, 32}, 64}} {
		table = append(table, b.train(b.batch, exact))
	}
	return table
}

// make returns the network, initialised, and a batch of images.
func (n network) make(batch int) (*resnet.ResNet[float32], *autograd.Tensor[float32]) {
	net, err := resnet.New[float32](n.config())
	if err != nil {
		panic(err) // the configurations are ours
	}
	nn.Init(net, 1)
	return net, autograd.FromSlice(numbers(batch*n.size*n.size*3), batch, n.size, n.size, 3)
}

func (n network) infer(batch int) benchmark {
	return benchmark{
		name:     fmt.Sprintf("infer/%v-b%d", n, batch),
		unit:     unitFlops,
		work:     n.flops() * float64(batch),
		images:   batch,
		parallel: true,
		setup: func(p *pool.Pool) func() {
			net, x := n.make(batch)
			f := resnet.Freeze(net)
			g := autograd.NewGraph[float32](p)
			return func() {
				f.Forward(g, x)
				g.Reset()
			}
		},
	}
}

// train is a step of SGD with Nesterov momentum on the mean of squares of the
// logits, what the peers are timed at. Backward counts twice as much as forward.
func (n network) train(batch int, exact bool) benchmark {
	return benchmark{
		name:     fmt.Sprintf("train/%v-b%d", n, batch),
		unit:     unitFlops,
		work:     3 * n.flops() * float64(batch),
		images:   batch,
		parallel: true,
		setup: func(p *pool.Pool) func() {
			net, x := n.make(batch)
			params := nn.Parameters(net)
			velocity := make([][]float32, len(params))
			for i, e := range params {
				velocity[i] = make([]float32, e.Tensor.Len())
			}
			g := autograd.NewGraph[float32](p)
			g.SetExact(exact)
			return func() {
				nn.ZeroGrad(params)
				g.Backward(g.Mean(g.Square(net.Forward(g, x)), false))
				for i, e := range params {
					simd.SGDNesterov(e.Tensor.Data(), e.Tensor.Grad(), velocity[i], 1e-3, 0.9, 1e-4)
				}
				g.Reset()
			}
		},
	}
}
