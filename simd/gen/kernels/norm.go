package main

import (
	"fmt"

	"github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

func norm(g *gen) {
	// affine is fma(x, scale, shift).
	affine := func(x, scale, shift operand.Mem, m mask) reg.VecVirtual {
		v, s := g.load(x, m), g.load(scale, m)
		if m == nil {
			g.VFMADD213PS(shift, s, v)
		} else {
			g.VFMADD213PS(g.load(shift, m), s, v)
		}
		return v
	}

	g.begin("normalize", "(y, x, scale, shift []float32, rows, cols int, floor float32)",
		"y[r,c] = max(floor, fma(x[r,c], scale[c], shift[c])), the second unless the first is greater")
	floor := g.scalar("floor")
	g.overRows([]string{"y", "x"}, []string{"scale", "shift"}, func(at, ch []operand.Mem, m mask) {
		v := affine(at[1], ch[0], ch[1], m)
		g.VMAXPS(v, floor, v)
		g.store(v, at[0], m)
	})

	g.begin("normalizeAdd", "(y, x, residual, scale, shift []float32, rows, cols int, floor float32)",
		"y[r,c] = max(floor, fma(x[r,c], scale[c], shift[c]) + residual[r,c]), the second unless the first is greater")
	floor = g.scalar("floor")
	g.overRows([]string{"y", "x", "residual"}, []string{"scale", "shift"}, func(at, ch []operand.Mem, m mask) {
		v := affine(at[1], ch[0], ch[1], m)
		if m == nil {
			g.VADDPS(at[2], v, v)
		} else {
			g.VADDPS(g.load(at[2], m), v, v)
		}
		g.VMAXPS(v, floor, v)
		g.store(v, at[0], m)
	})

	g.begin("normGrad", "(dx, dy, x, gain, scale, shift []float32, rows, cols int)",
		"dx[r,c] = fma(gain[c], dy[r,c], fma(scale[c], x[r,c], shift[c]))")
	g.overRows([]string{"dx", "dy", "x"}, []string{"gain", "scale", "shift"}, func(at, ch []operand.Mem, m mask) {
		v, dy := affine(at[2], ch[1], ch[2], m), g.load(at[1], m)
		if m == nil {
			g.VFMADD231PS(ch[0], dy, v)
		} else {
			g.VFMADD231PS(g.load(ch[0], m), dy, v)
		}
		g.store(v, at[0], m)
	})

	normGradSums(g)
}

// overRows runs body over rows*cols elements of each map, row after row, with the
// channels' values of the same columns, and ends the function.
func (g *gen) overRows(maps, channels []string, body func(at, ch []operand.Mem, m mask)) {
	rows, cols := g.param("rows"), g.param("cols")
	var ptrs, chans []reg.Register
	for _, name := range maps {
		ptrs = append(ptrs, g.base(name))
	}
	for _, name := range channels {
		chans = append(chans, g.base(name))
	}
	stride, offset, n := g.GP64(), g.GP64(), g.GP64()
	g.MOVQ(cols, stride)
	g.SHLQ(operand.U8(2), stride)
	rest := g.GP64()
	g.MOVQ(cols, rest)
	g.ANDQ(operand.U32(uint32(g.lanes-1)), rest)
	m := g.firstLanes(rest)
	g.TESTQ(rows, rows)
	g.JE(ref("done"))

	at := func(bases []reg.Register, disp int) []operand.Mem {
		var all []operand.Mem
		for _, b := range bases {
			all = append(all, operand.Mem{Base: b, Index: offset, Scale: 1, Disp: disp})
		}
		return all
	}
	g.Label("row")
	g.XORQ(offset, offset)
	g.MOVQ(cols, n)
	for _, vectors := range []int{4, 1} {
		label, next := fmt.Sprintf("by%d", vectors), "by1"
		if vectors == 1 {
			next = "rest"
		}
		g.Label(label)
		g.SUBQ(operand.U32(uint32(vectors*g.lanes)), n)
		g.JL(ref(next + "Of" + label))
		for v := range vectors {
			body(at(ptrs, v*g.bytes()), at(chans, v*g.bytes()), nil)
		}
		g.ADDQ(operand.U32(uint32(vectors*g.bytes())), offset)
		g.JMP(ref(label))
		g.Label(next + "Of" + label)
		g.ADDQ(operand.U32(uint32(vectors*g.lanes)), n)
	}
	g.JE(ref("next"))
	body(at(ptrs, 0), at(chans, 0), m)
	g.Label("next")
	for _, p := range ptrs {
		g.ADDQ(stride, p)
	}
	g.DECQ(rows)
	g.JNE(ref("row"))
	g.Label("done")
	g.end()
}
