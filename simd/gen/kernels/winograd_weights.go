package main

import (
	"fmt"

	"github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// The transforms of winograd_weights_transforms.go in package simd.

func (w *wino) grad2(y []reg.VecVirtual, put func(int, reg.VecVirtual)) {
	put(0, y[0])
	put(1, w.sum(y[0], y[1]))
	put(2, w.difference(y[0], y[1]))
	put(3, y[1])
}

func (w *wino) grad4(y []reg.VecVirtual, put func(int, reg.VecVirtual)) {
	c := w.c
	put(0, y[0])
	put(5, y[3])
	for i, point := range []string{"A", "B"} {
		e, o := w.plus(c[point+"2"], y[2], y[0]), w.plus(c[point+"2"], y[3], y[1])
		put(1+2*i, w.plus(c[point], o, e))
		put(2+2*i, w.minus(c[point], o, e))
	}
}

func (w *wino) weights2(m []reg.VecVirtual, put func(int, reg.VecVirtual)) {
	h := w.times(w.c["Half"], w.sum(m[1], m[2]))
	put(0, w.sum(m[0], h))
	put(1, w.times(w.c["Half"], w.difference(m[1], m[2])))
	put(2, w.difference(h, m[3]))
}

func (w *wino) weights4(m []reg.VecVirtual, put func(int, reg.VecVirtual)) {
	c := w.c
	sa, da := w.sum(m[1], m[2]), w.difference(m[1], m[2])
	sb, db := w.sum(m[3], m[4]), w.difference(m[3], m[4])
	put(0, w.plus(c["GB"], sb, w.plus(c["GA"], sa, w.times(c["G0"], m[0]))))
	put(1, w.plus(c["GB1"], db, w.times(c["GA1"], da)))
	put(2, w.plus(c["GB2"], sb, w.plus(c["GA2"], sa, m[5])))
}

func (w *wino) writeGrad() {
	w.begin("Grad", "(dst []float32, plane, width, panel int, src []float32, off []int32, n int)",
		fmt.Sprintf("for c := range n { d[i, j] = off[%d*i+j] < 0 ? 0 : src[off[%d*i+j]+c]", w.tile, w.tile),
		fmt.Sprintf("dst[(%d*i+j)*plane+c/width*panel+c%%width] = (A·d·Aᵀ)[i, j] }", w.alpha))
	cells := w.tile * w.tile
	t := w.scratch(w.alpha * w.tile)
	table := w.AllocLocal(8 * cells)
	src, off, zero := w.base("src"), w.base("off"), w.GP64()
	w.LEAQ(operand.NewDataAddr(operand.Symbol{Name: "·winogradZeros"}, 0), zero)
	for k := range cells {
		o, at := w.GP64(), w.GP64()
		w.MOVLQSX(operand.Mem{Base: off, Disp: 4 * k}, o)
		w.LEAQ(operand.Mem{Base: src, Index: o, Scale: 4}, at)
		w.TESTQ(o, o)
		w.CMOVQLT(zero, at)
		w.MOVQ(at, table.Offset(8*k))
	}
	w.constants(map[string]float32{"A": winoA, "B": winoB, "A2": winoA2, "B2": winoB2}, w.if4("A", "B", "A2", "B2")...)
	// dst is kept less the channel, and moves on by what lies between panels.
	dst, plane, n := w.base("dst"), w.param("plane"), w.param("n")
	inPanel, skip := w.param("width"), w.param("panel")
	w.SUBQ(inPanel, skip)
	w.SHLQ(operand.U8(2), skip)
	w.SHLQ(operand.U8(2), inPanel)
	w.DECQ(inPanel) // selects the byte within a panel
	w.channels("channels", n, func(c reg.Register, m mask) {
		for j := range w.tile {
			var d []reg.VecVirtual
			for i := range w.tile {
				at := w.GP64()
				w.MOVQ(table.Offset(8*(i*w.tile+j)), at)
				d = append(d, w.load(operand.Mem{Base: at, Index: c, Scale: 1}, m))
			}
			w.grad(d, func(i int, v reg.VecVirtual) { w.store(v, w.cell(t, i, j, w.tile), nil) })
		}
		p := w.GP64()
		w.LEAQ(operand.Mem{Base: dst, Index: c, Scale: 1}, p)
		w.toPlanes(t, w.tile, p, plane, m, w.grad)
		if m == nil {
			next := w.GP64()
			w.LEAQ(operand.Mem{Base: c, Disp: w.bytes()}, next)
			w.TESTQ(inPanel, next)
			w.JNE(ref("samePanel"))
			w.ADDQ(skip, dst)
			w.Label("samePanel")
		}
	})
	w.end()
}

func (w *wino) writeWeights() {
	w.begin("Weights", "(dst []float32, tap, ldd int, src []float32, plane, lds, rows, n, load int)",
		fmt.Sprintf("for r := range rows { for c := range n { m[i, j] = src[(%d*i+j)*plane+r*lds+c]", w.alpha),
		"v = (Gᵀ·m·G)[i, j]",
		"dst[(3*i+j)*tap+r*ldd+c] = load != 0 ? dst[(3*i+j)*tap+r*ldd+c] + v : v } }")
	t := w.scratch(3 * w.alpha)
	names := []string{"Half"}
	if w.tile == 4 {
		names = []string{"G0", "GA", "GA1", "GA2", "GB", "GB1", "GB2"}
	}
	w.constants(filterConstants, names...)
	dst, tap, src, plane, rows := w.base("dst"), w.param("tap"), w.base("src"), w.param("plane"), w.param("rows")
	load := w.param("load")
	w.Label("row")
	w.TESTQ(rows, rows)
	w.JE(ref("done"))
	n := w.param("n")
	w.channels("channels", n, func(c reg.Register, m mask) {
		label := func(what string, i int) string {
			if m != nil {
				what += "Masked"
			}
			return fmt.Sprintf("%s%d", what, i)
		}
		low, high, row := w.GP64(), w.GP64(), w.GP64()
		w.LEAQ(operand.Mem{Base: src, Index: c, Scale: 1}, low)
		w.LEAQ(operand.Mem{Base: plane, Index: plane, Scale: uint8(w.alpha/2 - 1)}, row)
		w.ADDQ(row, row) // α planes
		for j := range w.alpha {
			w.third(low, high, row)
			var v []reg.VecVirtual
			for i := range w.alpha {
				v = append(v, w.load(apart(low, high, row, i), m))
			}
			w.weights(v, func(i int, v reg.VecVirtual) { w.store(v, w.cell(t, i, j, w.alpha), nil) })
			w.LEAQ(operand.Mem{Base: low, Index: plane, Scale: 4}, low)
		}
		to, tap3 := w.GP64(), w.GP64()
		w.LEAQ(operand.Mem{Base: dst, Index: c, Scale: 1}, to)
		w.LEAQ(operand.Mem{Base: tap, Index: tap, Scale: 2}, tap3)
		for i := range 3 {
			var v []reg.VecVirtual
			for j := range w.alpha {
				v = append(v, w.load(w.cell(t, i, j, w.alpha), nil))
			}
			g := make([]reg.VecVirtual, 3)
			w.weights(v, func(j int, v reg.VecVirtual) { g[j] = v })
			w.TESTQ(load, load)
			w.JE(ref(label("store", i)))
			for j := range g {
				was := w.load(apart(to, nil, tap, j), m)
				w.VADDPS(g[j], was, g[j])
			}
			w.Label(label("store", i))
			for j := range g {
				w.store(g[j], apart(to, nil, tap, j), m)
			}
			if i < 2 {
				w.LEAQ(operand.Mem{Base: to, Index: tap3, Scale: 4}, to)
			}
		}
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
