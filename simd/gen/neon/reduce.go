package main

import "fmt"

// A reduction folds its slices into 16 interleaved partial results, lanes of V0
// to V3, which start from init, and combines them by a fixed tree: lane l with
// l+8, then l+4, l+2, l+1.
type reduction struct {
	name, params, doc string
	slices            []string
	init              uint32                          // bits that a lane starts from
	missing           []uint32                        // bits that a missing element reads as, by slice, so that step changes nothing
	step              func(f *file, acc vec, x []vec) // folds a vector into its partial results
	join              func(f *file, a, b vec)         // a = a joined with b
}

func (k reduction) write(f *file) {
	const n = 6
	f.fn(k.name, k.params, "float32", k.doc)
	for i, s := range k.slices {
		f.op("MOVD %s, R%d", f.fp(s), i)
	}
	f.op("MOVD %s, R%d", f.length(k.slices[0]), n)
	f.dup(0, k.init)
	for v := vec(1); v < 4; v++ {
		f.mov(v, 0)
	}
	// Vector v of slice s in the block at hand.
	at := func(s, v int) vec { return vec(4 + 4*s + v) }
	step := func(v int) {
		x := []vec{}
		for s := range k.slices {
			x = append(x, at(s, v))
		}
		k.step(f, vec(v), x)
	}

	f.mark("blocks")
	f.op("CMP $16, R%d", n)
	f.op("BLT short")
	for s := range k.slices {
		f.op("VLD1.P 64(R%d), [%s, %s, %s, %s]", s, at(s, 0).s4(), at(s, 1).s4(), at(s, 2).s4(), at(s, 3).s4())
	}
	f.interleave(4, step)
	f.op("SUB $16, R%d", n)
	f.op("B blocks")

	// The short last block: whole vectors, then up to three elements, then
	// what changes nothing.
	f.mark("short")
	f.op("CBZ R%d, tree", n)
	for s := range k.slices {
		f.dup(at(s, 0), k.missing[s])
		for v := 1; v < 4; v++ {
			f.mov(at(s, v), at(s, 0))
		}
	}
	for v := range 3 {
		f.op("CMP $4, R%d", n)
		f.op("BLT rest%d", v)
		for s := range k.slices {
			f.op("FMOVQ.P 16(R%d), %s", s, at(s, v).f())
		}
		f.op("SUB $4, R%d", n)
	}
	for v := 3; v >= 0; v-- {
		f.mark(fmt.Sprintf("rest%d", v))
		for lane := range 3 {
			f.op("CBZ R%d, last", n)
			for s := range k.slices {
				f.op("VLD1.P 4(R%d), V%d.S[%d]", s, at(s, v), lane)
			}
			f.op("SUB $1, R%d", n)
		}
		if v > 0 {
			f.op("B last")
		}
	}
	f.mark("last")
	f.interleave(4, step)

	tree(f, k.join)
}

// tree combines the lanes of V0 to V3 and returns what is left in the lowest.
func tree(f *file, join func(f *file, a, b vec)) {
	f.mark("tree")
	join(f, 0, 2)
	join(f, 1, 3)
	join(f, 0, 1)
	f.ext(1, 0, 0, 8)
	join(f, 0, 1)
	f.ext(1, 0, 0, 4)
	join(f, 0, 1)
	f.op("FMOVS F0, %s", f.fp("ret"))
	f.op("RET")
}

func reduceKernels(f *file) {
	const negZero, negInf = 0x80000000, 0xff800000
	for _, k := range []reduction{
		{
			name: "sumNEON", params: "x []float32", slices: []string{"x"},
			missing: []uint32{negZero},
			doc:     "sumNEON adds the elements of x in 16 lanes.",
			step:    func(f *file, acc vec, x []vec) { f.fadd(acc, acc, x[0]) },
			join:    addTo,
		}, {
			name: "dotNEON", params: "x, y []float32", slices: []string{"x", "y"},
			missing: []uint32{negZero, 0},
			doc:     "dotNEON adds x[i]*y[i] in 16 lanes, by fma.",
			step:    func(f *file, acc vec, x []vec) { f.fmla(acc, x[0], x[1]) },
			join:    addTo,
		}, {
			// A sum of squares is never -0, and +0 changes nothing.
			name: "sumSqNEON", params: "x []float32", slices: []string{"x"},
			missing: []uint32{0},
			doc:     "sumSqNEON adds x[i]*x[i] in 16 lanes, by fma.",
			step:    func(f *file, acc vec, x []vec) { f.fmla(acc, x[0], x[0]) },
			join:    addTo,
		}, {
			name: "maxNEON", params: "x []float32", slices: []string{"x"},
			init: negInf, missing: []uint32{negInf},
			doc: "maxNEON is the largest element of x, in 16 lanes from -Inf.",
			step: func(f *file, acc vec, x []vec) {
				m := acc + 8
				f.fcmgt(m, x[0], acc)
				f.bit(acc, x[0], m)
			},
			join: func(f *file, a, b vec) {
				m := a + 8
				f.fcmgt(m, a, b)
				f.bif(a, b, m)
			},
		},
	} {
		k.write(f)
	}
	expSum(f, "expShiftSumNEON", "dst, x []float32, shift float32",
		"expShiftSumNEON sets dst[i] = Exp32(x[i] - shift) and adds dst in 16 lanes.")
	expSum(f, "expSumNEON", "x []float32, shift float32",
		"expSumNEON adds Exp32(x[i] - shift) in 16 lanes.")
}

func addTo(f *file, a, b vec) { f.fadd(a, a, b) }

// expSum writes the kernel that exponentiates and adds, with or without a dst.
//
// Blocks of 16 elements are two turns of two vectors. In the short last block a
// turn is one vector, whose partial sums are always V0: the four registers move
// round by one after each, and are back in place after four turns.
func expSum(f *file, name, params, doc string) {
	const (
		dst, x, n, turns, ones = 0, 1, 6, 7, 9
		shift, mask            = vec(17), vec(16)
	)
	f.fn(name, params, "float32", doc)
	_, stores := f.params["dst"]
	if stores {
		f.op("MOVD %s, R%d", f.fp("dst"), dst)
	}
	f.op("MOVD %s, R%d", f.fp("x"), x)
	f.op("MOVD %s, R%d", f.length("x"), n)
	constants := load(f, expConstants)
	f.op("FMOVS %s, %s", f.fp("shift"), shift.f())
	f.op("VDUP V%d.S[0], %s", shift, shift.s4())
	for v := range vec(4) {
		f.zero(v)
	}
	value := func(g int) vec { return vec(4 + g) }
	exponentiate := func(g int) {
		v := value(g)
		r := regs{constant: constants}
		for t := range 4 {
			r.tmp = append(r.tmp, vec(6+2*t+g))
		}
		f.fsub(v, v, shift)
		exp(f, r, v, v)
	}

	f.mark("blocks")
	f.op("CMP $16, R%d", n)
	f.op("BLT short")
	for half := range 2 {
		f.op("FLDPQ.P 32(R%d), (%s, %s)", x, value(0).f(), value(1).f())
		f.interleave(2, exponentiate)
		if stores {
			f.op("FSTPQ.P (%s, %s), 32(R%d)", value(0).f(), value(1).f(), dst)
		}
		for g := range 2 {
			f.fadd(vec(2*half+g), vec(2*half+g), value(g))
		}
	}
	f.op("SUB $16, R%d", n)
	f.op("B blocks")

	f.mark("short")
	f.op("CBZ R%d, tree", n)
	f.op("MOVD $4, R%d", turns)
	f.op("MOVD $-1, R%d", ones)
	f.mark("turn")
	f.op("CBZ R%d, round", n)
	f.op("CMP $4, R%d", n)
	f.op("BLT rest")
	f.op("FMOVQ.P 16(R%d), %s", x, value(0).f())
	exponentiate(0)
	if stores {
		f.op("FMOVQ.P %s, 16(R%d)", value(0).f(), dst)
	}
	f.op("SUB $4, R%d", n)
	f.op("B fold")

	f.mark("rest")
	f.zero(value(0))
	f.zero(mask)
	for lane := range 3 {
		f.op("VLD1.P 4(R%d), V%d.S[%d]", x, value(0), lane)
		f.op("VMOV R%d, V%d.S[%d]", ones, mask, lane)
		if lane < 2 {
			f.op("CMP $%d, R%d", lane+1, n)
			f.op("BEQ masked")
		}
	}
	f.mark("masked")
	exponentiate(0)
	if stores {
		for lane := range 3 {
			f.op("VST1.P V%d.S[%d], 4(R%d)", value(0), lane, dst)
			if lane < 2 {
				f.op("CMP $%d, R%d", lane+1, n)
				f.op("BEQ stored")
			}
		}
		f.mark("stored")
	}
	f.and(value(0), value(0), mask)
	f.op("MOVD $0, R%d", n)

	f.mark("fold")
	f.fadd(0, 0, value(0))
	f.mark("round")
	f.mov(4, 0)
	for v := range vec(4) {
		f.mov(v, v+1)
	}
	f.op("SUB $1, R%d", turns)
	f.op("CBNZ R%d, turn", turns)
	tree(f, addTo)
}
