package kernels

import (
	"fmt"

	"anomem/simd"
	"anomem/simd/pool"
)

// The checks of Winograd's transforms run whole convolutions, and are named after the
// transforms' fields.
var winograds = []kernel{
	{"winograd2/channels", winogradTrials(2, winogradChannels)},
	{"winograd2/maps", winogradTrials(2, winogradMaps)},
	{"winograd2/epilogues", winogradTrials(2, winogradEpilogues)},
	{"winograd2/special", winogradTrials(2, winogradSpecials)},
	{"winograd2/threads", winogradTrials(2, winogradThreads)},
	{"winograd2/moments", winogradTrials(2, winogradMoments)},
	{"winograd2/weights", weightsTrials(2)},
	{"winograd4/channels", winogradTrials(4, winogradChannels)},
	{"winograd4/maps", winogradTrials(4, winogradMaps)},
	{"winograd4/epilogues", winogradTrials(4, winogradEpilogues)},
	{"winograd4/special", winogradTrials(4, winogradSpecials)},
	{"winograd4/threads", winogradTrials(4, winogradThreads)},
	{"winograd4/moments", winogradTrials(4, winogradMoments)},
	{"winograd4/weights", weightsTrials(4)},
}

// convolution is one convolution to try.
type convolution struct {
	simd.WinogradShape

	turned, prepacked       bool
	accumulate, bias, scale bool
	residual, relu          bool
	moments                 bool
	pad                     int // added to the residual's stride
	threads                 int
	values                  func(source, int) []float32
}

func (c convolution) String() string {
	return fmt.Sprintf("%+v, turned %t, prepacked %t, accumulate %t, bias %t, scale %t, residual %t, ReLU %t, moments %t, %d threads",
		c.WinogradShape, c.turned, c.prepacked, c.accumulate, c.bias, c.scale, c.residual, c.relu, c.moments, c.threads)
}

func (c convolution) trial(seed uint64) trial {
	r := newSource(seed)
	values := c.values
	if values == nil {
		values = source.ordinary
	}
	oh, ow := c.Out()
	rows, stride := c.N*oh*ow, c.Cout+c.pad
	t := trial{
		what: c.String(),
		floats: [][]float32{
			values(r, rows*c.Cout), values(r, c.N*c.H*c.W*c.Cin), values(r, 9*c.Cin*c.Cout),
			values(r, max(0, rows*stride-c.pad)), values(r, c.Cout), values(r, c.Cout),
		},
	}
	if c.moments {
		t.doubles = moments(r, rows, c.Cout)
	}
	t.call = func(x floats, d doubles) float32 {
		ep := ends{c.accumulate, c.bias, c.scale, c.residual, c.relu, c.moments}.epilogue(x, d, stride)
		f := simd.WinogradFilter[float32]{Data: x[2], Turned: c.turned}
		if c.prepacked {
			f = simd.PrepackWinograd(f, c.WinogradShape)
		}
		onThreads(c.threads, func(workers *pool.Pool) { simd.Winograd(workers, x[0], x[1], f, c.WinogradShape, ep) })
		return 0
	}
	return t
}

// winogradTrials returns the trials of list with a size of tile.
func winogradTrials(tile int, list func(yield func(convolution) error) error) func(func(trial) error) error {
	return func(try func(trial) error) error {
		seed := uint64(tile)
		return list(func(c convolution) error {
			seed += 8
			c.Tile = tile
			return try(c.trial(seed))
		})
	}
}

func shape(n, h, w, cin, cout, pad int) simd.WinogradShape {
	return simd.WinogradShape{N: n, H: h, W: w, Cin: cin, Cout: cout, Pad: pad}
}

// winogradChannels tries all numbers of input and output channels from 0 to twice the
// widest panel plus one.
func winogradChannels(try func(convolution) error) error {
	for c := range 2*tileCols + 2 {
		for i, other := range []int{(c*7 + 3) % 20, c % 3 * 16} {
			s := shape(1, 3+c%3, 4, c, other, 1)
			if i == 1 {
				s.Cin, s.Cout = other, c
			}
			if err := try(convolution{WinogradShape: s, turned: c%2 == 1, accumulate: c%3 == 0}); err != nil {
				return err
			}
		}
	}
	// More than one block of terms, and more than a row of zeros.
	for _, c := range []int{300, 1000, 1031} {
		if err := try(convolution{WinogradShape: shape(1, 3, 3, c, 5, 1)}); err != nil {
			return err
		}
	}
	return nil
}

// winogradMaps tries all small maps, with all paddings.
func winogradMaps(try func(convolution) error) error {
	for h := 1; h <= 10; h++ {
		for w := 1; w <= 10; w++ {
			for pad := range 3 {
				c := convolution{WinogradShape: shape(1+(h+w)%2, h, w, 1+w%4, 1+h%4, pad), turned: h%2 == 0, prepacked: w%2 == 0}
				if oh, ow := c.Out(); oh < 1 || ow < 1 {
					continue
				}
				if err := try(c); err != nil {
					return err
				}
			}
		}
	}
	return nil
}

// winogradEpilogues tries all epilogues, on tiles that are whole and cut off in either
// direction, with whole and partial vectors of channels.
func winogradEpilogues(try func(convolution) error) error {
	for i := range 3 * 8 {
		for _, s := range []simd.WinogradShape{
			shape(1, 1, 1, 2, 3, 1), shape(1, 2, 7, 1, 16, 1), shape(1, 7, 2, 3, 19, 1), shape(1, 5, 11, 2, 37, 0), shape(1, 3, 3, 0, 5, 1),
		} {
			c := convolution{WinogradShape: s, pad: i % 3, bias: i%3 == 1, scale: i%3 == 2,
				residual: i/3&1 != 0, relu: i/3&2 != 0, accumulate: i/3&4 != 0}
			if err := try(c); err != nil {
				return err
			}
			c.values = source.zeros
			if err := try(c); err != nil {
				return err
			}
		}
	}
	return nil
}

// winogradSpecials tries NaN, infinities, zeros of both signs and subnormal numbers.
func winogradSpecials(try func(convolution) error) error {
	for _, values := range []func(source, int) []float32{source.special, source.zeros, source.tiny, source.oneOdd, source.anything} {
		for i := range 12 {
			c := convolution{WinogradShape: shape(1, 4+i, 5, 1+i, 9+i*3, 1), values: values, turned: i%2 == 0,
				accumulate: i%2 == 0, relu: i%3 == 0, residual: i%3 == 1, bias: i%4 == 1, scale: i%4 == 2}
			if err := try(c); err != nil {
				return err
			}
		}
	}
	return nil
}

// winogradThreads tries convolutions of several bands, and of several groups of
// channels, on several threads.
func winogradThreads(try func(convolution) error) error {
	for _, threads := range []int{1, 2, 4} {
		for _, c := range []convolution{
			{WinogradShape: shape(3, 25, 26, 5, 20, 1), relu: true},
			{WinogradShape: shape(2, 14, 9, 40, 70, 1), turned: true, accumulate: true},
		} {
			c.threads = threads
			if err := try(c); err != nil {
				return err
			}
		}
	}
	return nil
}

// winogradMoments tries the moments of maps whose rows do not divide a chunk, of bands
// of tiles and groups of channels, after all epilogues.
func winogradMoments(try func(convolution) error) error {
	for i := range 3 * 8 {
		c := convolution{WinogradShape: shape(1+i%3, 11+i%4, 13, 3, 5+2*i, 1), moments: true, pad: i % 3, bias: i%3 == 1, scale: i%3 == 2,
			residual: i/3&1 != 0, relu: i/3&2 != 0, accumulate: i/3&4 != 0, threads: 1 + i%3}
		if err := try(c); err != nil {
			return err
		}
	}
	for _, s := range []simd.WinogradShape{
		shape(0, 5, 5, 2, 3, 1), shape(2, 5, 5, 2, 0, 1), shape(3, 5, 5, 0, 3, 1), shape(1, 1, 1, 2, 3, 1),
		shape(5, 8, 8, 6, 40, 1), shape(1, 128, 3, 2, 17, 1), shape(2, 30, 31, 40, 33, 0),
	} {
		if err := try(convolution{WinogradShape: s, moments: true, threads: 2}); err != nil {
			return err
		}
	}
	return nil
}
