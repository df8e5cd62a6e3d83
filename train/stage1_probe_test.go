package train

import (
	"math"
	"testing"

	"anomem"
	"anomem/imageio"
	"anomem/simd/pool"
)

// Rotations of pictures that look the same from all sides are told apart by chance: the
// accuracy on n unseen squares is within four standard errors of ¼. If there is an up, even
// an untrained network tells.
func TestProbeRotations(t *testing.T) {
	for _, c := range []anomem.Config{smallConfig(), tiledConfig()} {
		parts, err := anomem.NewParts[float32](c, 1)
		if err != nil {
			t.Fatal(err)
		}
		const n = 48
		var noise, plain []*imageio.Image
		for i := range n {
			noise = append(noise, grains("probe", i, 24, 24))
			plain = append(plain, upright("probe", i, 12+i, 20)) // narrower than a tile, too
		}
		p := pool.New(2)
		defer p.Close()
		const tests = 4 * n / 2
		if got := ProbeRotations(c, parts, noise, p); math.Abs(got-0.25) > 4*math.Sqrt(0.25*0.75/tests) {
			t.Errorf("tiles of %d: accuracy %v on noise", c.Input.Tile, got)
		}
		high := ProbeRotations(c, parts, plain, p)
		if high < 0.9 {
			t.Errorf("tiles of %d: accuracy %v on pictures with an up", c.Input.Tile, high)
		}
		if got := ProbeRotations(c, parts, plain, nil); got != high {
			t.Errorf("accuracy %v on one thread, %v on two", got, high)
		}
	}
}
