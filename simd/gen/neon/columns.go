package main

import "fmt"

// A column kernel adds up columns of one chunk of rows: in float32 from +0, row
// after row, and each finished sum to a float64 total.
type column struct {
	name, params, doc string
	totals, in        []string
	stride            string                       // the parameter that holds the distance between rows
	step              func(f *file, sums, x []vec) // folds one row's vector into its sums
	wide              int                          // columns of a wide strip
	stores            bool                         // what step makes of the first input goes back to memory
}

// zero27 is +0 for step.
const zero27 = vec(27)

// write emits a loop over wide strips of columns, one over strips of 4, and one over
// single columns, each with a loop over rows inside.
func (k column) write(f *file) {
	const rows, cols, stride, left = 6, 7, 8, 9
	at := func(i int) int { return 10 + i } // where the rows of input i are read
	f.fn(k.name, k.params, "", k.doc)
	for i, s := range k.totals {
		f.op("MOVD %s, R%d", f.fp(s), i)
	}
	for i, s := range k.in {
		f.op("MOVD %s, R%d", f.fp(s), 2+i)
	}
	f.op("MOVD %s, R%d", f.fp("rows"), rows)
	f.op("MOVD %s, R%d", f.fp("cols"), cols)
	f.op("MOVD %s, R%d", f.fp(k.stride), stride)
	f.op("LSL $2, R%d, R%d", stride, stride)
	if k.stores {
		f.zero(zero27)
	}

	strip := func(label, next string, columns int) {
		f.mark(label)
		if columns > 1 {
			f.op("CMP $%d, R%d", columns, cols)
			f.op("BLT %s", next)
		} else {
			f.op("CBZ R%d, %s", cols, next)
		}
		vectors := max(columns/4, 1)
		sum := func(t, v int) vec { return vec(t*vectors + v) }
		value := func(i, v int) vec { return vec((len(k.totals)+i)*vectors + v) }
		for t := range k.totals {
			for v := range vectors {
				f.zero(sum(t, v))
			}
		}
		for i := range k.in {
			f.op("MOVD R%d, R%d", 2+i, at(i))
		}
		f.op("MOVD R%d, R%d", rows, left)
		f.op("CBZ R%d, %stotal", left, label)
		f.mark(label + "row")
		for i := range k.in {
			if columns == 1 {
				f.op("FMOVS (R%d), %s", at(i), value(i, 0).f())
			}
			for v := 0; columns > 1 && v < vectors; v += 2 {
				if vectors == 1 {
					f.op("FMOVQ (R%d), %s", at(i), value(i, v).f())
				} else {
					f.op("FLDPQ %d(R%d), (%s, %s)", 16*v, at(i), value(i, v).f(), value(i, v+1).f())
				}
			}
			if i > 0 || !k.stores {
				f.op("ADD R%d, R%d", stride, at(i))
			}
		}
		f.interleave(vectors, func(v int) {
			var sums, x []vec
			for t := range k.totals {
				sums = append(sums, sum(t, v))
			}
			for i := range k.in {
				x = append(x, value(i, v))
			}
			k.step(f, sums, x)
		})
		if k.stores {
			for v := 0; v < vectors; v += 2 {
				switch {
				case columns == 1:
					f.op("FMOVS %s, (R%d)", value(0, v).f(), at(0))
				case vectors == 1:
					f.op("FMOVQ %s, (R%d)", value(0, v).f(), at(0))
				default:
					f.op("FSTPQ (%s, %s), %d(R%d)", value(0, v).f(), value(0, v+1).f(), 16*v, at(0))
				}
			}
			f.op("ADD R%d, R%d", stride, at(0))
		}
		f.op("SUB $1, R%d", left)
		f.op("CBNZ R%d, %srow", left, label)

		f.mark(label + "total")
		const lo, hi, a, b = vec(28), vec(29), vec(30), vec(31)
		for t := range k.totals {
			for v := range vectors {
				if columns == 1 {
					f.op("FMOVD (R%d), %s", t, a.f())
					f.op("FCVTSD %s, %s", sum(t, v).f(), lo.f())
					f.op("FADDD %s, %s, %s", lo.f(), a.f(), a.f())
					f.op("FMOVD.P %s, 8(R%d)", a.f(), t)
					continue
				}
				f.op("FLDPQ (R%d), (%s, %s)", t, a.f(), b.f())
				f.fcvtl(lo, sum(t, v))
				f.fcvtl2(hi, sum(t, v))
				f.fadd2d(a, a, lo)
				f.fadd2d(b, b, hi)
				f.op("FSTPQ.P (%s, %s), 32(R%d)", a.f(), b.f(), t)
			}
		}
		for i := range k.in {
			f.op("ADD $%d, R%d", 4*columns, 2+i)
		}
		f.op("SUB $%d, R%d", columns, cols)
		f.op("B %s", label)
	}
	strip("wide", "narrow", k.wide)
	strip("narrow", "single", 4)
	strip("single", "done", 1)
	f.mark("done")
	f.op("RET")
}

func columnKernels(f *file) {
	for _, k := range []column{
		{
			name: "columnSumsNEON", params: "sum []float64, x []float32, rows, cols int",
			doc:    "columnSumsNEON adds one chunk's column sums to sum.",
			totals: []string{"sum"}, in: []string{"x"}, stride: "cols", wide: 32,
			step: func(f *file, sums, x []vec) { f.fadd(sums[0], sums[0], x[0]) },
		}, {
			name: "columnMomentsNEON", params: "sum, sumsq []float64, x []float32, stride, rows, cols int",
			doc:    "columnMomentsNEON adds the column sums of one chunk, of rows stride apart, to sum, and of squares, by fma, to sumsq.",
			totals: []string{"sum", "sumsq"}, in: []string{"x"}, stride: "stride", wide: 32,
			step: func(f *file, sums, x []vec) {
				f.fadd(sums[0], sums[0], x[0])
				f.fmla(sums[1], x[0], x[0])
			},
		}, {
			name: "columnDotsNEON", params: "dot []float64, x, y []float32, rows, cols int",
			doc:    "columnDotsNEON adds one chunk's column sums of x*y, by fma, to dot.",
			totals: []string{"dot"}, in: []string{"x", "y"}, stride: "cols", wide: 32,
			step: func(f *file, sums, x []vec) { f.fmla(sums[0], x[0], x[1]) },
		}, {
			name: "normGradSumsNEON", params: "sum, dot []float64, dy, x []float32, rows, cols int",
			doc:    "normGradSumsNEON adds one chunk's column sums of dy to sum, and of dy*x, by fma, to dot.",
			totals: []string{"sum", "dot"}, in: []string{"dy", "x"}, stride: "cols", wide: 16,
			step: func(f *file, sums, x []vec) {
				f.fadd(sums[0], sums[0], x[0])
				f.fmla(sums[1], x[0], x[1])
			},
		}, {
			name: "normGradSumsReLUNEON", params: "sum, dot []float64, dy, x, y []float32, rows, cols int",
			doc:    "normGradSumsReLUNEON sets dy[i] = y[i] > 0 ? dy[i] : +0 in one chunk, and adds as\nnormGradSumsNEON does.",
			totals: []string{"sum", "dot"}, in: []string{"dy", "x", "y"}, stride: "cols", wide: 16, stores: true,
			step: func(f *file, sums, x []vec) {
				f.fcmgt(x[2], x[2], zero27)
				f.and(x[0], x[0], x[2])
				f.fadd(sums[0], sums[0], x[0])
				f.fmla(sums[1], x[0], x[1])
			},
		},
	} {
		if n := (len(k.totals) + len(k.in)) * k.wide / 4; n > 27 {
			panic(fmt.Sprintf("%s: %d vectors do not fit 27 registers", k.name, n))
		}
		k.write(f)
	}
}
