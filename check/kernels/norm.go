package kernels

import (
	"fmt"

	"anomem/simd"
)

var norms = []kernel{
	byRows{2, 2, func(x floats, _ doubles, rows, cols int) {
		simd.NormalizeRows(x[0], x[1], nil, x[2], x[3], rows, cols, rows%2 == 0)
	}}.named("normalize"),
	byRows{3, 2, func(x floats, _ doubles, rows, cols int) {
		simd.NormalizeRows(x[0], x[1], x[2], x[3], x[4], rows, cols, rows%2 == 0)
	}}.named("normalizeAdd"),
	byRows{3, 3, func(x floats, _ doubles, rows, cols int) {
		simd.NormGrad(x[0], x[1], x[2], x[3], x[4], x[5], rows, cols)
	}}.named("normGrad"),
	downColumns{2, 2, func(x floats, d doubles, rows, cols int) {
		simd.NormGradSums(d[0], d[1], x[0], x[1], nil, rows, cols)
	}}.named("normGradSums"),
	downColumns{3, 2, func(x floats, d doubles, rows, cols int) {
		simd.NormGradSums(d[0], d[1], x[0], x[1], x[2], rows, cols)
	}}.named("normGradSumsReLU"),
}

// byRows is a kernel of some operands of rows*cols elements, the first of which it
// writes, and others of cols elements.
type byRows struct {
	maps, channels int
	call           func(x floats, d doubles, rows, cols int)
}

func (k byRows) named(name string) kernel { return kernel{name, k.trials} }

func (k byRows) trials(try func(trial) error) error {
	attempt := func(rows, cols, shared int, what string, make func(source, int) []float32) error {
		r := newSource(uint64(rows*1000 + cols))
		t := trial{
			what: fmt.Sprintf("%d rows, %d columns, %s, operand %d shared", rows, cols, what, shared),
			call: func(x floats, d doubles) float32 { k.call(x, d, rows, cols); return 0 },
		}
		for i := range k.maps + k.channels {
			n := rows * cols
			if i >= k.maps {
				n = cols
			}
			t.floats = append(t.floats, make(r, n))
			t.share = append(t.share, i)
		}
		t.share[shared] = 0 // the first with itself is no sharing
		return try(t)
	}
	// Every width up to twice an unrolled loop plus one.
	for cols := range 2*64 + 2 {
		for rows := range 4 {
			for shared := range k.maps {
				if err := attempt(rows, cols, shared, "ordinary", source.ordinary); err != nil {
					return err
				}
				if err := attempt(rows, cols, shared, "special", source.special); err != nil {
					return err
				}
			}
		}
	}
	// More rows than a kernel gets at once, and wide ones.
	for _, s := range [][2]int{{5000, 17}, {1 << 16, 1}, {1<<16 + 3, 1}, {97, 1000}, {3, 40_000}, {64, 1024}} {
		if err := attempt(s[0], s[1], 0, "special", source.special); err != nil {
			return err
		}
	}
	return nil
}
