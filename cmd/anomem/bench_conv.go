package main

import (
	"fmt"

	"anomem/autograd"
	"anomem/simd/pool"
)

// layer is a convolution of a square map of size², with padding that keeps the
// positions of stride 1.
type layer struct{ size, cin, cout, kernel, stride int }

func (l layer) String() string {
	s := fmt.Sprintf("%dx%d", l.kernel, l.kernel)
	if l.stride > 1 {
		s += fmt.Sprintf("s%d", l.stride)
	}
	return fmt.Sprintf("%s-%dx%dx%d", s, l.size, l.cin, l.cout)
}

// resnet50Layers are the distinct convolutions of ResNet-50 on images of 224×224
// (He et al. 2015, table 1, with the stride in the 3×3 convolution).
func resnet50Layers() []layer {
	layers := []layer{{224, 3, 64, 7, 2}}
	in, size := 64, 56
	for stage, width := range []int{64, 128, 256, 512} {
		stride, out := 1, 4*width
		if stage > 0 {
			stride = 2
		}
		after := size / stride
		layers = append(layers,
			layer{size, in, width, 1, 1}, layer{size, width, width, 3, stride}, layer{after, width, out, 1, 1},
			layer{size, in, out, 1, stride}, layer{after, out, width, 1, 1})
		if stage > 0 {
			layers = append(layers, layer{after, width, width, 3, 1})
		}
		in, size = out, after
	}
	seen := map[layer]bool{}
	distinct := layers[:0]
	for _, l := range layers {
		if !seen[l] {
			seen[l] = true
			distinct = append(distinct, l)
		}
	}
	return distinct
}

// convBatch is how many images the convolutions are measured on.
const convBatch = 8

// convBenchmarks measures each layer forward, backward by data and backward by
// weights, as training runs them, by the count of the direct convolution.
func convBenchmarks() []benchmark {
	var table []benchmark
	for _, l := range resnet50Layers() {
		for _, pass := range []string{"forward", "backward-data", "backward-weights"} {
			if pass == "backward-data" && l.cin == 3 {
				continue // images have no gradient
			}
			table = append(table, l.benchmark(pass))
		}
	}
	return table
}

func (l layer) benchmark(pass string) benchmark {
	positions := l.size / l.stride * (l.size / l.stride)
	return benchmark{
		name:     fmt.Sprintf("conv/%v/%s", l, pass),
		unit:     unitFlops,
		work:     2 * float64(convBatch*positions) * float64(l.kernel*l.kernel*l.cin*l.cout),
		parallel: true,
		setup: func(p *pool.Pool) func() {
			x := autograd.FromSlice(numbers(convBatch*l.size*l.size*l.cin), convBatch, l.size, l.size, l.cin)
			w := autograd.FromSlice(numbers(l.kernel*l.kernel*l.cin*l.cout), l.kernel, l.kernel, l.cin, l.cout)
			c := autograd.Conv{StrideH: l.stride, StrideW: l.stride, PadH: l.kernel / 2, PadW: l.kernel / 2}
			g := autograd.NewGraph[float32](p)
			switch pass {
			case "backward-data":
				x.RequireGrad()
			case "backward-weights":
				w.RequireGrad()
			default:
				return func() {
					g.Conv2D(x, w, nil, c)
					g.Reset()
				}
			}
			y := g.Conv2D(x, w, nil, c)
			dy := numbers(y.Len())
			return func() { g.BackwardFrom(y, dy) }
		},
	}
}
