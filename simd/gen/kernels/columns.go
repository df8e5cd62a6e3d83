package main

import (
	"fmt"

	"github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// columnKernel writes a sum down columns: inputs and totals name the parameters,
// and step adds a row's vectors, one of each input, to the sums, one of each total.
// stride names the parameter that holds the distance between rows.
// If stores is set, what step makes of the first input goes back to memory.
type columnKernel struct {
	*gen
	inputs, totals []string
	stride         string
	step           func(in, sums []reg.VecVirtual)
	stores         bool
}

// strip is the vectors that are summed side by side.
const strip = 4

func columns(g *gen) {
	g.begin("columnSums", "(sum []float64, x []float32, rows, cols int)",
		"for c := range cols { s = 0; for r := range rows { s += x[r*cols+c] }; sum[c] += float64(s) }")
	columnKernel{gen: g, inputs: []string{"x"}, totals: []string{"sum"}, stride: "cols", step: func(in, sums []reg.VecVirtual) {
		g.VADDPS(in[0], sums[0], sums[0])
	}}.write()

	g.begin("columnMoments", "(sum, sumsq []float64, x []float32, stride, rows, cols int)",
		"for c := range cols { s, q = 0, 0; for r := range rows { v = x[r*stride+c]; s += v; q = fma(v, v, q) }",
		"sum[c] += float64(s); sumsq[c] += float64(q) }")
	columnKernel{gen: g, inputs: []string{"x"}, totals: []string{"sum", "sumsq"}, stride: "stride", step: func(in, sums []reg.VecVirtual) {
		g.VADDPS(in[0], sums[0], sums[0])
		g.VFMADD231PS(in[0], in[0], sums[1])
	}}.write()

	g.begin("columnDots", "(dot []float64, x, y []float32, rows, cols int)",
		"for c := range cols { s = 0; for r := range rows { s = fma(x[r*cols+c], y[r*cols+c], s) }; dot[c] += float64(s) }")
	columnKernel{gen: g, inputs: []string{"x", "y"}, totals: []string{"dot"}, stride: "cols", step: func(in, sums []reg.VecVirtual) {
		g.VFMADD231PS(in[1], in[0], sums[0])
	}}.write()
}

func (k columnKernel) write() {
	rows, cols := k.param("rows"), k.param("cols")
	stride := k.param(k.stride)
	k.SHLQ(operand.U8(2), stride)
	var in, totals []reg.Register
	for _, name := range k.inputs {
		in = append(in, k.base(name))
	}
	for _, name := range k.totals {
		totals = append(totals, k.base(name))
	}
	k.TESTQ(rows, rows)
	k.JE(ref("done"))
	for _, wide := range []int{strip, 1} {
		label, next := fmt.Sprintf("by%d", wide), "by1"
		if wide == 1 {
			next = "rest"
		}
		k.Label(label)
		k.CMPQ(cols, operand.U32(uint32(wide*k.lanes)))
		k.JL(ref(next))
		k.block(fmt.Sprintf("rows%d", wide), wide, nil, rows, stride, in, totals)
		for _, p := range in {
			k.ADDQ(operand.U32(uint32(wide*k.bytes())), p)
		}
		for _, p := range totals {
			k.ADDQ(operand.U32(uint32(2*wide*k.bytes())), p)
		}
		k.SUBQ(operand.U32(uint32(wide*k.lanes)), cols)
		k.JMP(ref(label))
	}
	k.Label("rest")
	k.TESTQ(cols, cols)
	k.JE(ref("done"))
	k.block("rowsMasked", 1, k.firstLanes(cols), rows, stride, in, totals)
	k.Label("done")
	k.end()
}

// block sums wide vectors of columns over all rows.
func (k columnKernel) block(label string, wide int, m mask, rows, stride reg.Register, in, totals []reg.Register) {
	sums := make([][]reg.VecVirtual, wide) // by vector, by total
	for w := range sums {
		for range totals {
			sums[w] = append(sums[w], k.zero())
		}
	}
	r := k.GP64()
	k.MOVQ(rows, r)
	var at []reg.Register
	for _, p := range in {
		c := k.GP64()
		k.MOVQ(p, c)
		at = append(at, c)
	}
	k.Label(label)
	for w := range sums {
		var v []reg.VecVirtual
		for _, p := range at {
			v = append(v, k.load(operand.Mem{Base: p, Disp: w * k.bytes()}, m))
		}
		k.step(v, sums[w])
		if k.stores {
			k.store(v[0], operand.Mem{Base: at[0], Disp: w * k.bytes()}, m)
		}
	}
	for _, p := range at {
		k.ADDQ(stride, p)
	}
	k.DECQ(r)
	k.JNE(ref(label))
	for w := range sums {
		for t, p := range totals {
			k.addTo(operand.Mem{Base: p, Disp: 2 * w * k.bytes()}, sums[w][t], m)
		}
	}
}

// addTo adds the lanes of v in m, widened, to float64 totals.
func (g *gen) addTo(at operand.Mem, v reg.VecVirtual, m mask) {
	if g.lanes == 16 {
		lower, upper, high := g.ZMM(), g.ZMM(), g.YMM()
		g.VEXTRACTF32X8(highHalf, v, high)
		g.VCVTPS2PD(v.AsY(), lower)
		g.VCVTPS2PD(high, upper)
		if m == nil {
			g.VADDPD(at, lower, lower)
			g.VADDPD(at.Offset(64), upper, upper)
			g.VMOVUPD(lower, at)
			g.VMOVUPD(upper, at.Offset(64))
			return
		}
		rest, total := g.K(), g.ZMM()
		g.KSHIFTRW(operand.U8(8), m, rest)
		g.VMOVUPD_Z(at, m, total)
		g.VADDPD(lower, total, total)
		g.VMOVUPD(total, m, at)
		g.VMOVUPD_Z(at.Offset(64), rest, total)
		g.VADDPD(upper, total, total)
		g.VMOVUPD(total, rest, at.Offset(64))
		return
	}
	lower, upper, high := g.YMM(), g.YMM(), g.XMM()
	g.VEXTRACTF128(highHalf, v, high)
	g.VCVTPS2PD(v.AsX(), lower)
	g.VCVTPS2PD(high, upper)
	if m == nil {
		g.VADDPD(at, lower, lower)
		g.VADDPD(at.Offset(32), upper, upper)
		g.VMOVUPD(lower, at)
		g.VMOVUPD(upper, at.Offset(32))
		return
	}
	first, rest, total := g.YMM(), g.YMM(), g.YMM()
	g.VEXTRACTI128(highHalf, m, high)
	g.VPMOVSXDQ(m.(reg.VecVirtual).AsX(), first)
	g.VPMOVSXDQ(high, rest)
	g.VMASKMOVPD(at, first, total)
	g.VADDPD(lower, total, total)
	g.VMASKMOVPD(total, first, at)
	g.VMASKMOVPD(at.Offset(32), rest, total)
	g.VADDPD(upper, total, total)
	g.VMASKMOVPD(total, rest, at.Offset(32))
}
