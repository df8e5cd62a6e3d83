package main

import (
	"fmt"

	"github.com/mmcloughlin/avo/attr"
	"github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// The constants of winograd_transforms.go in package simd.
const (
	winoA  = 5. / 8
	winoB  = 3. / 2
	winoA2 = winoA * winoA
	winoB2 = winoB * winoB
	winoGA = 1 / (2 * winoA2 * (winoA2 - winoB2))
	winoGB = 1 / (2 * winoB2 * (winoB2 - winoA2))
)

// wino writes the transforms of one size of tile. A transform along one dimension
// takes its vectors, which it uses up, and hands each result on at once, so that
// few registers are in use.
type wino struct {
	*gen
	tile, alpha        int
	c                  map[string]reg.VecVirtual // constants in registers
	input, out, filter func(v []reg.VecVirtual, put func(i int, v reg.VecVirtual))
	grad, weights      func(v []reg.VecVirtual, put func(i int, v reg.VecVirtual)) // of the gradient of the filter
}

func winograd(g *gen) {
	for _, tile := range []int{2, 4} {
		w := &wino{gen: g, tile: tile, alpha: tile + 2}
		w.input, w.out, w.filter = w.input2, w.output2, w.filter2
		w.grad, w.weights = w.grad2, w.weights2
		if tile == 4 {
			w.input, w.out, w.filter = w.input4, w.output4, w.filter4
			w.grad, w.weights = w.grad4, w.weights4
		}
		w.writeInput()
		w.writeFilter()
		w.writeOutput()
		w.writeGrad()
		w.writeWeights()
	}
}

// constants loads what a transform of F(4×4) multiplies by.
func (w *wino) constants(values map[string]float32, names ...string) {
	w.c = map[string]reg.VecVirtual{}
	for _, name := range names {
		w.c[name] = w.inRegister(w.float("wino"+name, values[name]))
	}
}

func (w *wino) sum(a, b reg.Register) reg.VecVirtual {
	v := w.vec()
	w.VADDPS(b, a, v)
	return v
}

func (w *wino) difference(a, b reg.Register) reg.VecVirtual {
	v := w.vec()
	w.VSUBPS(b, a, v)
	return v
}

// plus is fma(k, x, z), and minus fma(-k, x, z).
func (w *wino) plus(k, x, z reg.Register) reg.VecVirtual {
	v := w.copyOf(z)
	w.VFMADD231PS(k, x, v)
	return v
}

func (w *wino) minus(k, x, z reg.Register) reg.VecVirtual {
	v := w.copyOf(z)
	w.VFNMADD231PS(k, x, v)
	return v
}

func (w *wino) times(k, x reg.Register) reg.VecVirtual {
	v := w.vec()
	w.VMULPS(k, x, v)
	return v
}

func (w *wino) input2(d []reg.VecVirtual, put func(int, reg.VecVirtual)) {
	put(0, w.difference(d[0], d[2]))
	put(1, w.sum(d[1], d[2]))
	put(2, w.difference(d[2], d[1]))
	put(3, w.difference(d[1], d[3]))
}

func (w *wino) output2(m []reg.VecVirtual, put func(int, reg.VecVirtual)) {
	put(0, w.sum(w.sum(m[0], m[1]), m[2]))
	put(1, w.difference(w.difference(m[1], m[2]), m[3]))
}

func (w *wino) filter2(g []reg.VecVirtual, put func(int, reg.VecVirtual)) {
	e := w.times(w.c["Half"], w.sum(g[0], g[2]))
	put(0, g[0])
	put(1, w.plus(w.c["Half"], g[1], e))
	put(2, w.minus(w.c["Half"], g[1], e))
	put(3, g[2])
}

func (w *wino) input4(d []reg.VecVirtual, put func(int, reg.VecVirtual)) {
	c := w.c
	put(0, w.plus(c["P"], d[0], w.minus(c["S"], d[2], d[4])))
	put(5, w.plus(c["P"], d[1], w.minus(c["S"], d[3], d[5])))
	e, o := w.minus(c["B2"], d[2], d[4]), w.minus(c["B2"], d[1], d[3])
	put(1, w.plus(c["A"], o, e))
	put(2, w.minus(c["A"], o, e))
	e, o = w.minus(c["A2"], d[2], d[4]), w.minus(c["A2"], d[1], d[3])
	put(3, w.plus(c["B"], o, e))
	put(4, w.minus(c["B"], o, e))
}

func (w *wino) output4(m []reg.VecVirtual, put func(int, reg.VecVirtual)) {
	c := w.c
	sa, da := w.sum(m[1], m[2]), w.difference(m[1], m[2])
	sb, db := w.sum(m[3], m[4]), w.difference(m[3], m[4])
	put(0, w.sum(w.sum(m[0], sa), sb))
	put(1, w.plus(c["B"], db, w.times(c["A"], da)))
	put(2, w.plus(c["B2"], sb, w.times(c["A2"], sa)))
	put(3, w.plus(c["B3"], db, w.plus(c["A3"], da, m[5])))
}

func (w *wino) filter4(g []reg.VecVirtual, put func(int, reg.VecVirtual)) {
	c := w.c
	put(0, w.times(c["G0"], g[0]))
	e := w.plus(c["GA2"], g[2], w.times(c["GA"], g[0]))
	put(1, w.plus(c["GA1"], g[1], e))
	put(2, w.minus(c["GA1"], g[1], e))
	e = w.plus(c["GB2"], g[2], w.times(c["GB"], g[0]))
	put(3, w.plus(c["GB1"], g[1], e))
	put(4, w.minus(c["GB1"], g[1], e))
	put(5, g[2])
}

func (w *wino) begin(name, signature string, doc ...string) {
	w.gen.begin(fmt.Sprintf("winograd%s%d", name, w.tile), signature, doc...)
	w.Attributes(attr.Attribute(0)) // the frame is too large for NOSPLIT
}

// scratch is room for n vectors on the stack, aligned to a line of the cache.
func (w *wino) scratch(n int) reg.Register {
	p := w.GP64()
	w.LEAQ(w.AllocLocal((n*w.bytes()+64+7)&^7), p)
	w.ADDQ(operand.U8(63), p)
	w.ANDQ(operand.I8(-64), p)
	return p
}

// cell is vector (i, j) of a scratch of cols columns.
func (w *wino) cell(base reg.Register, i, j, cols int) operand.Mem {
	return operand.Mem{Base: base, Disp: (i*cols + j) * w.bytes()}
}

// channels runs body for each vector of n channels, at byte c of each slice, with
// the last one under a mask.
func (w *wino) channels(label string, n reg.Register, body func(c reg.Register, m mask)) {
	c := w.GP64()
	w.XORQ(c, c)
	w.Label(label)
	w.CMPQ(n, operand.U32(uint32(w.lanes)))
	w.JL(ref(label + "Rest"))
	body(c, nil)
	w.ADDQ(operand.U32(uint32(w.bytes())), c)
	w.SUBQ(operand.U32(uint32(w.lanes)), n)
	w.JMP(ref(label))
	w.Label(label + "Rest")
	w.TESTQ(n, n)
	w.JE(ref(label + "Done"))
	body(c, w.firstLanes(n))
	w.Label(label + "Done")
}

// apart is address i of those step*4 bytes apart from low on; the fourth is at high.
func apart(low, high, step reg.Register, i int) operand.Mem {
	base := low
	if i >= 3 {
		base = high
	}
	if i%3 == 0 {
		return operand.Mem{Base: base}
	}
	return operand.Mem{Base: base, Index: step, Scale: uint8(4 * (i % 3))}
}

// third sets high to low + 3*step*4.
func (w *wino) third(low, high, step reg.Register) {
	w.LEAQ(operand.Mem{Base: low, Index: step, Scale: 8}, high)
	w.LEAQ(operand.Mem{Base: high, Index: step, Scale: 4}, high)
}

// toPlanes transforms the rows of t, of cols vectors each, and stores them to the
// planes from dst on.
func (w *wino) toPlanes(t reg.Register, cols int, dst, plane reg.Register, m mask, transform func([]reg.VecVirtual, func(int, reg.VecVirtual))) {
	high := w.GP64()
	for i := range w.alpha {
		w.third(dst, high, plane)
		var v []reg.VecVirtual
		for j := range cols {
			v = append(v, w.load(w.cell(t, i, j, cols), nil))
		}
		transform(v, func(j int, v reg.VecVirtual) { w.store(v, apart(dst, high, plane, j), m) })
		if i+1 < w.alpha { // α = 4 or 6 planes on
			w.LEAQ(operand.Mem{Base: high, Index: plane, Scale: 4}, dst)
			if w.alpha == 6 {
				w.LEAQ(operand.Mem{Base: dst, Index: plane, Scale: 8}, dst)
			}
		}
	}
}

func (w *wino) writeInput() {
	w.begin("Input", "(dst []float32, plane int, src []float32, off []int32, n int)",
		fmt.Sprintf("for c := range n { d[i, j] = off[%d*i+j] < 0 ? 0 : src[off[%d*i+j]+c]", w.alpha, w.alpha),
		fmt.Sprintf("dst[(%d*i+j)*plane+c] = (Bᵀ·d·B)[i, j] }", w.alpha))
	planes := w.alpha * w.alpha
	t := w.scratch(planes)
	table := w.AllocLocal(8 * planes)
	src, off, zero := w.base("src"), w.base("off"), w.GP64()
	w.LEAQ(operand.NewDataAddr(operand.Symbol{Name: "·winogradZeros"}, 0), zero)
	for k := range planes {
		o, at := w.GP64(), w.GP64()
		w.MOVLQSX(operand.Mem{Base: off, Disp: 4 * k}, o)
		w.LEAQ(operand.Mem{Base: src, Index: o, Scale: 4}, at)
		w.TESTQ(o, o)
		w.CMOVQLT(zero, at)
		w.MOVQ(at, table.Offset(8*k))
	}
	w.constants(map[string]float32{"A": winoA, "B": winoB, "A2": winoA2, "B2": winoB2, "P": winoA2 * winoB2, "S": winoA2 + winoB2},
		w.if4("A", "B", "A2", "B2", "P", "S")...)
	dst, plane, n := w.base("dst"), w.param("plane"), w.param("n")
	w.channels("channels", n, func(c reg.Register, m mask) {
		for j := range w.alpha {
			var d []reg.VecVirtual
			for i := range w.alpha {
				at := w.GP64()
				w.MOVQ(table.Offset(8*(i*w.alpha+j)), at)
				d = append(d, w.load(operand.Mem{Base: at, Index: c, Scale: 1}, m))
			}
			w.input(d, func(i int, v reg.VecVirtual) { w.store(v, w.cell(t, i, j, w.alpha), nil) })
		}
		p := w.GP64()
		w.LEAQ(operand.Mem{Base: dst, Index: c, Scale: 1}, p)
		w.toPlanes(t, w.alpha, p, plane, m, w.input)
	})
	w.end()
}

// if4 is names with tiles of 4, and none with tiles of 2.
func (w *wino) if4(names ...string) []string {
	if w.tile == 4 {
		return names
	}
	return nil
}

// filterConstants are those of G, and of its transpose.
var filterConstants = map[string]float32{"Half": 0.5, "G0": 1 / (winoA2 * winoB2),
	"GA": winoGA, "GA1": winoGA * winoA, "GA2": winoGA * winoA2,
	"GB": winoGB, "GB1": winoGB * winoB, "GB2": winoGB * winoB2}

func (w *wino) writeFilter() {
	w.begin("Filter", "(dst []float32, plane, ldd int, src []float32, tap, lds, rows, n int)",
		"for r := range rows { for c := range n { g[i, j] = src[(3*i+j)*tap+r*lds+c]",
		fmt.Sprintf("dst[(%d*i+j)*plane+r*ldd+c] = (G·g·Gᵀ)[i, j] } }", w.alpha))
	t := w.scratch(3 * w.alpha)
	names := []string{"Half"}
	if w.tile == 4 {
		names = []string{"G0", "GA", "GA1", "GA2", "GB", "GB1", "GB2"}
	}
	w.constants(filterConstants, names...)
	dst, plane, src, tap, rows := w.base("dst"), w.param("plane"), w.base("src"), w.param("tap"), w.param("rows")
	w.Label("row")
	w.TESTQ(rows, rows)
	w.JE(ref("done"))
	n := w.param("n")
	w.channels("channels", n, func(c reg.Register, m mask) {
		p, tap3 := w.GP64(), w.GP64()
		w.LEAQ(operand.Mem{Base: src, Index: c, Scale: 1}, p)
		w.LEAQ(operand.Mem{Base: tap, Index: tap, Scale: 2}, tap3)
		ahead := w.param("lds")
		w.SHLQ(operand.U8(5), ahead) // 8 rows
		w.ADDQ(p, ahead)
		for j := range 3 {
			var g []reg.VecVirtual
			for i := range 3 {
				w.PREFETCHT0(apart(ahead, nil, tap3, i))
				g = append(g, w.load(apart(p, nil, tap3, i), m))
			}
			w.LEAQ(operand.Mem{Base: ahead, Index: tap, Scale: 4}, ahead)
			w.filter(g, func(i int, v reg.VecVirtual) { w.store(v, w.cell(t, i, j, 3), nil) })
			w.LEAQ(operand.Mem{Base: p, Index: tap, Scale: 4}, p)
		}
		to := w.GP64()
		w.LEAQ(operand.Mem{Base: dst, Index: c, Scale: 1}, to)
		w.toPlanes(t, 3, to, plane, m, w.filter)
	})
	step := w.param("ldd")
	w.LEAQ(operand.Mem{Base: dst, Index: step, Scale: 4}, dst)
	step = w.param("lds")
	w.LEAQ(operand.Mem{Base: src, Index: step, Scale: 4}, src)
	w.DECQ(rows)
	w.JMP(ref("row"))
	w.Label("done")
	w.end()
}

// The fields of simd.winogradOutput, by their offsets.
const (
	outSrc, outPlane, outDst, outRow, outCol = 0, 24, 32, 56, 64
	outRows, outCols, outN, outLoad          = 72, 80, 88, 96
	outScale, outShift, outResidual          = 104, 128, 152
	outResRow, outResCol, outReLU            = 176, 184, 192
)

func (w *wino) writeOutput() {
	w.begin("Output", "(o *uintptr)",
		fmt.Sprintf("o is a *winogradOutput, which says what is computed, with α = %d", w.alpha))
	t := w.scratch(w.tile * w.alpha)
	w.constants(map[string]float32{"A": winoA, "B": winoB, "A2": winoA2, "B2": winoB2, "A3": winoA2 * winoA, "B3": winoB2 * winoB},
		w.if4("A", "B", "A2", "B2", "A3", "B3")...)
	o := w.param("o")
	field := func(at int) operand.Mem { return operand.Mem{Base: o, Disp: at} }
	get := func(at int) reg.Register {
		r := w.GP64()
		w.MOVQ(field(at), r)
		return r
	}
	unless := func(at int, label string) { // jump where a field is zero
		w.CMPQ(field(at), operand.I8(0))
		w.JE(ref(label))
	}
	n := get(outN)
	w.channels("channels", n, func(c reg.Register, m mask) {
		label := func(what string, i int) string {
			if m != nil {
				what += "Masked"
			}
			return fmt.Sprintf("%s%d", what, i)
		}
		low, high, plane, row := get(outSrc), w.GP64(), get(outPlane), w.GP64()
		w.ADDQ(c, low)
		w.LEAQ(operand.Mem{Base: plane, Index: plane, Scale: uint8(w.alpha/2 - 1)}, row)
		w.ADDQ(row, row) // α planes
		for j := range w.alpha {
			w.third(low, high, row)
			var v []reg.VecVirtual
			for i := range w.alpha {
				v = append(v, w.load(apart(low, high, row, i), m))
			}
			w.out(v, func(i int, v reg.VecVirtual) { w.store(v, w.cell(t, i, j, w.alpha), nil) })
			w.LEAQ(operand.Mem{Base: low, Index: plane, Scale: 4}, low)
		}

		dst, col, col3 := get(outDst), get(outCol), w.GP64()
		w.ADDQ(c, dst)
		w.LEAQ(operand.Mem{Base: col, Index: col, Scale: 2}, col3)
		res, resCol, resCol3 := get(outResidual), get(outResCol), w.GP64()
		w.ADDQ(c, res)
		w.LEAQ(operand.Mem{Base: resCol, Index: resCol, Scale: 2}, resCol3)
		across := func(base, col, col3 reg.Register, j int) operand.Mem {
			switch j {
			case 0:
				return operand.Mem{Base: base}
			case 3:
				return operand.Mem{Base: base, Index: col3, Scale: 4}
			}
			return operand.Mem{Base: base, Index: col, Scale: uint8(4 * j)}
		}
		// inCols runs body for each column that exists.
		inCols := func(i int, end string, body func(j int)) {
			for j := range w.tile {
				if j > 0 {
					w.CMPQ(field(outCols), operand.I8(int8(j)))
					w.JLE(ref(end))
				}
				body(j)
			}
		}
		for i := range w.tile {
			if i > 0 {
				w.CMPQ(field(outRows), operand.I8(int8(i)))
				w.JLE(ref(label("tile", w.tile)))
				step := get(outRow)
				w.LEAQ(operand.Mem{Base: dst, Index: step, Scale: 4}, dst)
				step = get(outResRow)
				w.LEAQ(operand.Mem{Base: res, Index: step, Scale: 4}, res)
			}
			var v []reg.VecVirtual
			for j := range w.alpha {
				v = append(v, w.load(w.cell(t, i, j, w.alpha), nil))
			}
			y := make([]reg.VecVirtual, w.tile)
			w.out(v, func(j int, v reg.VecVirtual) { y[j] = v })

			unless(outLoad, label("scale", i))
			inCols(i, label("scale", i), func(j int) {
				was := w.load(across(dst, col, col3, j), m)
				w.VADDPS(y[j], was, y[j])
			})
			w.Label(label("scale", i))
			shift := get(outShift)
			w.TESTQ(shift, shift)
			w.JE(ref(label("residual", i)))
			b := w.load(operand.Mem{Base: shift, Index: c, Scale: 1}, m)
			scale := get(outScale)
			w.TESTQ(scale, scale)
			w.JE(ref(label("bias", i)))
			s := w.load(operand.Mem{Base: scale, Index: c, Scale: 1}, m)
			for j := range y {
				w.VFMADD213PS(b, s, y[j])
			}
			w.JMP(ref(label("residual", i)))
			w.Label(label("bias", i))
			for j := range y {
				w.VADDPS(b, y[j], y[j])
			}
			w.Label(label("residual", i))
			unless(outResidual, label("relu", i))
			inCols(i, label("relu", i), func(j int) {
				r := w.load(across(res, resCol, resCol3, j), m)
				w.VADDPS(r, y[j], y[j])
			})
			w.Label(label("relu", i))
			unless(outReLU, label("store", i))
			zero := w.zero()
			for j := range y {
				w.VMAXPS(y[j], zero, y[j])
			}
			w.Label(label("store", i))
			inCols(i, label("row", i), func(j int) {
				w.store(y[j], across(dst, col, col3, j), m)
			})
			w.Label(label("row", i))
		}
		w.Label(label("tile", w.tile))
	})
	w.end()
}
