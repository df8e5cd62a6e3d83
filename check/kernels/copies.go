package kernels

import (
	"fmt"

	"anomem/simd"
)

var copies = []kernel{{"transpose", func(try func(trial) error) error {
	attempt := func(rows, cols int) error {
		x := newSource(uint64(rows*1000 + cols)).anything(rows * cols)
		return try(trial{
			what:   fmt.Sprintf("%d rows, %d columns", rows, cols),
			floats: floats{make([]float32, rows*cols), x},
			call:   func(x floats, _ doubles) float32 { simd.Transpose(x[0], x[1], rows, cols); return 0 },
		})
	}
	// Twice a square of 8, and more rows than are taken at once.
	for rows := range 2*8 + 2 {
		for cols := range 2*8 + 2 {
			if err := attempt(rows, cols); err != nil {
				return err
			}
		}
	}
	for _, rows := range []int{31, 255, 256, 265, 520} {
		for _, cols := range []int{1, 9, 40} {
			if err := attempt(rows, cols); err != nil {
				return err
			}
		}
	}
	return nil
}}}
