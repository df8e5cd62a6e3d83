package main

import (
	"github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

func elementwise(g *gen) {
	binary := func(name, loop string, op func(a, b, out reg.Register)) {
		g.begin(name, "(dst, a, b []float32)", loop)
		n := g.length("a")
		ptrs := []reg.Register{g.base("dst"), g.base("a"), g.base("b")}
		g.stream(4, n, ptrs, func(at []operand.Mem, m mask) {
			a, b := g.load(at[1], m), g.load(at[2], m)
			op(a, b, a)
			g.store(a, at[0], m)
		})
		g.end()
	}
	binary("add", "for i, v := range a { dst[i] = v + b[i] }", func(a, b, out reg.Register) { g.VADDPS(b, a, out) })
	binary("sub", "for i, v := range a { dst[i] = v - b[i] }", func(a, b, out reg.Register) { g.VSUBPS(b, a, out) })
	binary("mul", "for i, v := range a { dst[i] = v * b[i] }", func(a, b, out reg.Register) { g.VMULPS(b, a, out) })
	binary("div", "for i, v := range a { dst[i] = v / b[i] }", func(a, b, out reg.Register) { g.VDIVPS(b, a, out) })

	// The maximum of the instruction is src1 > src2 ? src1 : src2, and src1 stands second.
	binary("larger", "for i, v := range a { dst[i] = v > b[i] || v != v ? v : b[i] }", func(a, b, out reg.Register) {
		g.VMAXPS(b, a, b)
		g.choose(g.compare(unordered, a, a), a, b)
		g.VMOVAPS(b, out)
	})

	withScalar := func(name, loop string, op func(a, s, out reg.Register)) {
		g.begin(name, "(dst, a []float32, s float32)", loop)
		n := g.length("a")
		ptrs := []reg.Register{g.base("dst"), g.base("a")}
		s := g.scalar("s")
		g.stream(4, n, ptrs, func(at []operand.Mem, m mask) {
			a := g.load(at[1], m)
			op(a, s, a)
			g.store(a, at[0], m)
		})
		g.end()
	}
	withScalar("addScalar", "for i, v := range a { dst[i] = v + s }", func(a, s, out reg.Register) { g.VADDPS(s, a, out) })
	withScalar("scale", "for i, v := range a { dst[i] = v * s }", func(a, s, out reg.Register) { g.VMULPS(s, a, out) })
	withScalar("maxScalar", "for i, v := range a { dst[i] = s > v ? s : v }", func(a, s, out reg.Register) { g.VMAXPS(a, s, out) })
	withScalar("minScalar", "for i, v := range a { dst[i] = s < v ? s : v }", func(a, s, out reg.Register) { g.VMINPS(a, s, out) })

	axpy(g)
	mulAdd(g)
	scaleShift(g)

	unary := func(name, loop string, setup func() func(x reg.Register)) {
		g.begin(name, "(dst, x []float32)", loop)
		n := g.length("x")
		ptrs := []reg.Register{g.base("dst"), g.base("x")}
		op := setup()
		g.stream(4, n, ptrs, func(at []operand.Mem, m mask) {
			x := g.load(at[1], m)
			op(x)
			g.store(x, at[0], m)
		})
		g.end()
	}
	unary("sqrt", "for i, v := range x { dst[i] = sqrt(v) }", func() func(reg.Register) {
		return func(x reg.Register) { g.VSQRTPS(x, x) }
	})
	unary("abs", "for i, v := range x { dst[i] = v without its sign bit }", func() func(reg.Register) {
		allButSign := g.inRegister(g.bits("allButSign", 1<<31-1))
		return func(x reg.Register) { g.VANDPS(allButSign, x, x) }
	})
	unary("relu", "for i, v := range x { dst[i] = 0 > v ? 0 : v }", func() func(reg.Register) {
		zero := g.zero()
		return func(x reg.Register) { g.VMAXPS(x, zero, x) }
	})

	reluBackward(g)
	keepPositive(g)
}

func axpy(g *gen) {
	g.begin("axpy", "(dst []float32, s float32, x []float32)",
		"for i, v := range x { dst[i] = fma(s, v, dst[i]) }")
	n := g.length("x")
	ptrs := []reg.Register{g.base("dst"), g.base("x")}
	s := g.scalar("s")
	g.stream(4, n, ptrs, func(at []operand.Mem, m mask) {
		d, x := g.load(at[0], m), g.load(at[1], m)
		g.VFMADD231PS(x, s, d)
		g.store(d, at[0], m)
	})
	g.end()
}

func mulAdd(g *gen) {
	g.begin("mulAdd", "(dst, a, b []float32)",
		"for i, v := range a { dst[i] = fma(v, b[i], dst[i]) }")
	n := g.length("a")
	ptrs := []reg.Register{g.base("dst"), g.base("a"), g.base("b")}
	g.stream(4, n, ptrs, func(at []operand.Mem, m mask) {
		d, a, b := g.load(at[0], m), g.load(at[1], m), g.load(at[2], m)
		g.VFMADD231PS(b, a, d)
		g.store(d, at[0], m)
	})
	g.end()
}

func scaleShift(g *gen) {
	g.begin("scaleShift", "(dst, a, scale, shift []float32)",
		"for i, v := range a { dst[i] = fma(v, scale[i], shift[i]) }")
	n := g.length("a")
	ptrs := []reg.Register{g.base("dst"), g.base("a"), g.base("scale"), g.base("shift")}
	g.stream(4, n, ptrs, func(at []operand.Mem, m mask) {
		a, scale, shift := g.load(at[1], m), g.load(at[2], m), g.load(at[3], m)
		g.VFMADD231PS(scale, a, shift)
		g.store(shift, at[0], m)
	})
	g.end()
}

func reluBackward(g *gen) {
	g.begin("reluBackward", "(dx, dy, x []float32)",
		"for i, v := range x { dx[i] += v > 0 ? dy[i] : 0 }")
	n := g.length("x")
	ptrs := []reg.Register{g.base("dx"), g.base("dy"), g.base("x")}
	zero := g.zero()
	g.stream(4, n, ptrs, func(at []operand.Mem, m mask) {
		dx, dy, x := g.load(at[0], m), g.load(at[1], m), g.load(at[2], m)
		g.keep(g.compare(greater, x, zero), dy)
		g.VADDPS(dy, dx, dx)
		g.store(dx, at[0], m)
	})
	g.end()
}

func keepPositive(g *gen) {
	g.begin("keepPositive", "(dst, src, y []float32)",
		"for i, v := range y { dst[i] = v > 0 ? src[i] : +0 }")
	n := g.length("y")
	ptrs := []reg.Register{g.base("dst"), g.base("src"), g.base("y")}
	zero := g.zero()
	g.stream(4, n, ptrs, func(at []operand.Mem, m mask) {
		src, y := g.load(at[1], m), g.load(at[2], m)
		g.keep(g.compare(greater, y, zero), src)
		g.store(src, at[0], m)
	})
	g.end()
}
