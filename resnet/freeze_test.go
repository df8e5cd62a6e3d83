package resnet

import (
	"math"
	"testing"

	"anomem/autograd"
	"anomem/simd/pool"
)

// TestFreezeWays: frozen on a pool, or in the network's own memory, a network gives the
// bits of Freeze, and so it does when its filters are met for the first time, unpacked, and
// later.
func TestFreezeWays(t *testing.T) {
	p := pool.New(3)
	defer p.Close()
	for _, c := range []Config{
		{Depth: 18, Stem: Small, Width: 0.25, Classes: 5}, {Depth: 50, Width: 0.125},
	} {
		size := 33
		if c.Stem == Small {
			size = 16
		}
		net := newNet[float32](t, c)
		net.initByHash()
		x := images[float32](2, size, net.Config().Channels)
		plain := Freeze(net)
		g := autograd.NewGraph[float32](p)
		want := plain.Forward(g, x)
		ways := []*autograd.Tensor[float32]{plain.Forward(g, x), plain.Forward(g, x), FreezeOn(net, p).Forward(g, x), FreezeInPlace(net, p).Forward(g, x)}
		for i, y := range ways {
			for k, v := range y.Data() {
				if math.Float32bits(v) != math.Float32bits(want.Data()[k]) {
					t.Fatalf("%+v: way %d: element %d is %v, want %v", c, i, k, v, want.Data()[k])
				}
			}
		}
	}
}
