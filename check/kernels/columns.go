package kernels

import (
	"fmt"

	"anomem/simd"
)

var sumsDownColumns = []kernel{
	downColumns{1, 1, func(x floats, d doubles, rows, cols int) { simd.ColumnSums(d[0], x[0], rows, cols) }}.named("columnSums"),
	downColumns{1, 2, func(x floats, d doubles, rows, cols int) { simd.ColumnMoments(d[0], d[1], x[0], rows, cols) }}.named("columnMoments"),
	downColumns{2, 1, func(x floats, d doubles, rows, cols int) { simd.ColumnDots(d[0], x[0], x[1], rows, cols) }}.named("columnDots"),
}

// downColumns is a kernel that adds sums down columns to totals.
type downColumns struct {
	inputs, totals int
	call           func(x floats, d doubles, rows, cols int)
}

func (k downColumns) named(name string) kernel { return kernel{name, k.trials} }

func (k downColumns) trials(try func(trial) error) error {
	attempt := func(rows, cols int, what string, make func(source, int) []float32) error {
		r := newSource(uint64(rows*1000 + cols))
		t := trial{
			what: fmt.Sprintf("%d rows, %d columns, %s", rows, cols, what),
			call: func(x floats, d doubles) float32 { k.call(x, d, rows, cols); return 0 },
		}
		for range k.inputs {
			t.floats = append(t.floats, make(r, rows*cols))
		}
		for range k.totals {
			d := []float64{}
			for range cols {
				d = append(d, r.NormFloat64())
			}
			t.doubles = append(t.doubles, d)
		}
		return try(t)
	}
	// All widths up to twice a block of columns plus one, and chunks of rows that are
	// empty, whole and partial.
	for cols := range 2*64 + 2 {
		for _, rows := range []int{0, 1, 2, 3, 130} {
			if rows == 130 && cols > 20 && cols%16 > 1 {
				continue
			}
			if err := attempt(rows, cols, "ordinary", source.ordinary); err != nil {
				return err
			}
			if err := attempt(rows, cols, "special", source.special); err != nil {
				return err
			}
		}
	}
	for _, rows := range []int{127, 128, 129, 256, 257, 1000} {
		for _, cols := range []int{1, 17, 100} {
			if err := attempt(rows, cols, "ordinary", source.ordinary); err != nil {
				return err
			}
			if err := attempt(rows, cols, "zeros", source.zeros); err != nil {
				return err
			}
		}
	}
	return nil
}
