package kernels

import (
	"fmt"

	"anomem/simd"
	"anomem/simd/pool"
)

// filterGradient is one gradient of a filter to try.
type filterGradient struct {
	simd.WinogradShape

	accumulate bool
	threads    int
	values     func(source, int) []float32
}

func (c filterGradient) trial(seed uint64) trial {
	r := newSource(seed)
	values := c.values
	if values == nil {
		values = source.ordinary
	}
	oh, ow := c.Out()
	return trial{
		what:   fmt.Sprintf("gradient of the filter of %+v, accumulate %t, %d threads", c.WinogradShape, c.accumulate, c.threads),
		floats: [][]float32{values(r, 9*c.Cin*c.Cout), values(r, c.N*c.H*c.W*c.Cin), values(r, c.N*oh*ow*c.Cout)},
		call: func(x floats, _ doubles) float32 {
			onThreads(c.threads, func(workers *pool.Pool) {
				simd.WinogradWeights(workers, x[0], x[1], x[2], c.WinogradShape, c.accumulate)
			})
			return 0
		},
	}
}

// weightsTrials returns the trials of gradients with one size of tile.
func weightsTrials(tile int) func(func(trial) error) error {
	return func(try func(trial) error) error {
		for i, c := range filterGradients() {
			c.Tile = tile
			c.accumulate = i%2 == 0
			if err := try(c.trial(uint64(8*i + tile))); err != nil {
				return err
			}
		}
		return nil
	}
}

func filterGradients() []filterGradient {
	var all []filterGradient
	// All numbers of channels from 0 to twice the widest panel plus one, on either
	// side, and more than one block.
	for c := range 2*tileCols + 2 {
		other := (c*7 + 3) % 20
		all = append(all, filterGradient{WinogradShape: shape(1, 3+c%3, 4, c, other, 1)},
			filterGradient{WinogradShape: shape(1, 3+c%3, 4, other, c, 1)})
	}
	all = append(all, filterGradient{WinogradShape: shape(1, 3, 3, 130, 5, 1)},
		filterGradient{WinogradShape: shape(1, 3, 3, 3, 1030, 1)})
	// All small maps, with all paddings.
	for h := 1; h <= 10; h++ {
		for w := 1; w <= 10; w++ {
			for pad := range 3 {
				c := filterGradient{WinogradShape: shape(1+(h+w)%2, h, w, 1+w%4, 1+h%4, pad)}
				if oh, ow := c.Out(); oh >= 1 && ow >= 1 {
					all = append(all, c)
				}
			}
		}
	}
	// NaN, infinities, zeros of both signs and subnormal numbers.
	for _, values := range []func(source, int) []float32{source.special, source.zeros, source.tiny, source.oneOdd, source.anything} {
		for i := range 12 {
			all = append(all, filterGradient{WinogradShape: shape(1, 4+i, 5, 1+i, 9+i*3, 1), values: values})
		}
	}
	// Several segments, blocks and threads.
	for _, threads := range []int{1, 2, 4} {
		all = append(all, filterGradient{WinogradShape: shape(4, 50, 51, 3, 7, 1), threads: threads},
			filterGradient{WinogradShape: shape(2, 14, 9, 70, 40, 1), threads: threads})
	}
	return all
}
