package main

import (
	"math"

	"github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// block is the number of lanes of a reduction, at any width of the vectors.
const block = 16

// laneSet is the 16 lanes, in one register or two.
type laneSet []reg.VecVirtual

func (g *gen) newLanes(start func() reg.VecVirtual) laneSet {
	var s laneSet
	for range block / g.lanes {
		s = append(s, start())
	}
	return s
}

// combine reduces the lanes by op(lower, upper, out) and returns the result.
func (g *gen) combine(s laneSet, op func(a, b, out reg.Register)) reg.Register {
	y := s[0].AsY()
	if len(s) == 2 {
		op(s[0], s[1], s[0]) // l, l+8
	} else {
		upper := g.YMM()
		g.VEXTRACTF64X4(highHalf, s[0], upper)
		op(y, upper, y)
	}
	x, upper := s[0].AsX(), g.XMM()
	g.VEXTRACTF128(highHalf, y, upper)
	op(x, upper, x) // l, l+4
	g.VPERMILPS(operand.U8(0b1110), x, upper)
	op(x, upper, x) // l, l+2
	g.VPERMILPS(operand.U8(1), x, upper)
	op(x, upper, x) // l, l+1
	return x
}

// streamLanes is stream by blocks of 16, for reductions: body gets the register
// of lanes that each vector belongs to.
func (g *gen) streamLanes(n reg.Register, ptrs []reg.Register, s laneSet, body func(at []operand.Mem, m mask, lane reg.VecVirtual)) {
	turn := func(label string, blocks int, next string) {
		g.Label(label)
		g.CMPQ(n, operand.U32(uint32(blocks*block)))
		g.JL(ref(next))
		for b := range blocks {
			for i, lane := range s {
				body(places(ptrs, b*4*block+i*g.bytes()), nil, lane)
			}
		}
		for _, p := range ptrs {
			g.ADDQ(operand.U32(uint32(blocks*4*block)), p)
		}
		g.SUBQ(operand.U32(uint32(blocks*block)), n)
		g.JMP(ref(label))
	}
	turn("by4", 4, "by1")
	turn("by1", 1, "rest")
	g.Label("rest")
	if len(s) == 2 {
		g.CMPQ(n, operand.U32(8))
		g.JL(ref("under8"))
		body(places(ptrs, 0), nil, s[0])
		for _, p := range ptrs {
			g.ADDQ(operand.U32(uint32(g.bytes())), p)
		}
		g.SUBQ(operand.U32(8), n)
		g.JE(ref("done"))
		body(places(ptrs, 0), g.firstLanes(n), s[1])
		g.JMP(ref("done"))
		g.Label("under8")
	}
	g.TESTQ(n, n)
	g.JE(ref("done"))
	body(places(ptrs, 0), g.firstLanes(n), s[0])
	g.Label("done")
}

// result returns the lowest lane of x.
func (g *gen) result(x reg.Register) {
	g.Store(x, g.ReturnIndex(0))
	g.end()
}

func reduce(g *gen) {
	add := func(a, b, out reg.Register) { g.VADDPS(b, a, out) }

	g.begin("sum", "(x []float32) float32", "for i, v := range x { lane[i%16] += v }; lanes combined")
	n, ptrs, s := g.length("x"), []reg.Register{g.base("x")}, g.newLanes(g.zero)
	g.streamLanes(n, ptrs, s, func(at []operand.Mem, m mask, lane reg.VecVirtual) {
		g.VADDPS(g.load(at[0], m), lane, lane)
	})
	g.result(g.combine(s, add))

	g.begin("sumSq", "(x []float32) float32", "for i, v := range x { lane[i%16] = fma(v, v, lane[i%16]) }; lanes combined")
	n, ptrs, s = g.length("x"), []reg.Register{g.base("x")}, g.newLanes(g.zero)
	g.streamLanes(n, ptrs, s, func(at []operand.Mem, m mask, lane reg.VecVirtual) {
		x := g.load(at[0], m)
		g.VFMADD231PS(x, x, lane)
	})
	g.result(g.combine(s, add))

	g.begin("dot", "(x, y []float32) float32", "for i, v := range x { lane[i%16] = fma(v, y[i], lane[i%16]) }; lanes combined")
	n, ptrs, s = g.length("x"), []reg.Register{g.base("x"), g.base("y")}, g.newLanes(g.zero)
	g.streamLanes(n, ptrs, s, func(at []operand.Mem, m mask, lane reg.VecVirtual) {
		x, y := g.load(at[0], m), g.load(at[1], m)
		if m == nil {
			g.VFMADD231PS(y, x, lane)
			return
		}
		// A lane can be -0, after products that underflow, and must stay so
		// where nothing is added: fma(+0, +0, -0) is +0.
		sum := g.vec()
		g.VMOVAPS(lane, sum)
		g.VFMADD231PS(y, x, sum)
		g.choose(m, sum, lane)
	})
	g.result(g.combine(s, add))

	g.begin("max", "(x []float32) float32", "for i, v := range x { lane[i%16] = v > lane[i%16] ? v : lane[i%16] }; lanes combined")
	lowest := g.float("lowest", float32(math.Inf(-1)))
	n, ptrs, s = g.length("x"), []reg.Register{g.base("x")}, g.newLanes(func() reg.VecVirtual { return g.inRegister(lowest) })
	g.streamLanes(n, ptrs, s, func(at []operand.Mem, m mask, lane reg.VecVirtual) {
		x := g.load(at[0], m)
		if m != nil {
			y := g.inRegister(lowest)
			g.choose(m, x, y)
			x = y
		}
		g.VMAXPS(lane, x, lane)
	})
	g.result(g.combine(s, func(a, b, out reg.Register) { g.VMAXPS(b, a, out) }))
}
