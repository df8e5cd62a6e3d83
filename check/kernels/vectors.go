package kernels

import "fmt"

// vectors is a kernel of operands of equal length and scalars.
type vectors struct {
	operands int
	scalars  int
	inPlace  bool // the first operand may be any of the others
	sum      bool // special values spread to the result, and must be rare to show a fault
	call     func(x floats, s []float32) float32
}

func (v vectors) named(name string) kernel { return kernel{name, v.trials} }

func (v vectors) trials(try func(trial) error) error {
	seed := uint64(0)
	attempt := func(what string, x floats, s []float32, share []int) error {
		return try(trial{
			what:   fmt.Sprintf("%d elements, %s, scalars %v", len(x[0]), what, s),
			floats: x,
			share:  share,
			call:   func(x floats, _ doubles) float32 { return v.call(x, s) },
		})
	}
	kinds := []struct {
		name string
		make func(source, int) []float32
	}{{"ordinary", source.ordinary}, {"special", source.special}}
	if v.sum {
		kinds[1].name, kinds[1].make = "one special", source.oneOdd
		type kind = struct {
			name string
			make func(source, int) []float32
		}
		kinds = append(kinds, kind{"zeros", source.zeros}, kind{"zeros above", source.zerosAbove},
			kind{"tiny", source.tiny})
	}
	for _, n := range sizes {
		for _, kind := range kinds {
			seed++
			r := newSource(seed)
			var x floats
			for range v.operands {
				x = append(x, kind.make(r, n))
			}
			if err := attempt(kind.name, x, r.ordinary(v.scalars), nil); err != nil {
				return err
			}
		}
	}
	for _, share := range v.shares() {
		for _, n := range []int{1, 7, 16, 33, 100} {
			r := newSource(uint64(n))
			var x floats
			for range v.operands {
				x = append(x, r.special(n))
			}
			if err := attempt(fmt.Sprintf("operands shared as %v", share), x, r.ordinary(v.scalars), share); err != nil {
				return err
			}
		}
	}
	if v.sum {
		return v.sweeps(attempt)
	}
	x := cross(min(v.operands, 3))
	for len(x) < v.operands { // what is only written
		x = append(floats{make([]float32, len(x[0]))}, x...)
	}
	if err := attempt("every combination of special values", x, newSource(1).ordinary(v.scalars), nil); err != nil {
		return err
	}
	return v.sweeps(attempt)
}

// shares lists the ways in which the first operand may be others.
func (v vectors) shares() [][]int {
	if !v.inPlace {
		return nil
	}
	var all [][]int
	for j := 1; j < v.operands; j++ {
		s := make([]int, v.operands)
		for i := range s {
			s[i] = i
		}
		s[j] = 0
		all = append(all, s)
	}
	if v.operands > 2 {
		all = append(all, make([]int, v.operands))
	}
	return all
}

// sweeps tries many values at once: every exponent, every special scalar, and more
// elements than one call of a kernel takes.
func (v vectors) sweeps(attempt func(what string, x floats, s []float32, share []int) error) error {
	r := newSource(99)
	const many = 1<<16 + 21
	x := floats{r.ordinary(many), sweep(many), r.anything(many), r.anything(many)}
	if v.operands == 1 {
		x = x[:0]
		x = append(x, r.ordinary(many))
	}
	if err := attempt("all exponents", x[:v.operands], r.ordinary(v.scalars), nil); err != nil {
		return err
	}
	a, b, c := r.fused(1 << 14)
	x = floats{c, a, b, c}
	if v.operands == 4 {
		x = floats{c, a, b, append([]float32(nil), c...)}
	}
	if err := attempt("hard cases of a fused multiply-add", x[:v.operands], r.ordinary(v.scalars), nil); err != nil {
		return err
	}
	if v.scalars == 0 {
		return nil
	}
	for i, s := range specials {
		scalars := r.ordinary(v.scalars)
		scalars[i%v.scalars] = s
		if v.sum {
			x := floats{r.oneOdd(77), r.oneOdd(77)}
			if err := attempt("special scalar", x[:v.operands], scalars, nil); err != nil {
				return err
			}
			continue
		}
		// Every special value meets it in every place of whole vectors and of
		// what is left after them.
		for from := range specials {
			for _, n := range []int{7, 77} {
				x := floats{specialsFrom(from, n), specialsFrom(from, n), specialsFrom(from, n)}
				if err := attempt("special scalar", x[:v.operands], scalars, nil); err != nil {
					return err
				}
			}
		}
	}
	return nil
}
