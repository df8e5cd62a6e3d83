package main

import (
	"math"

	"github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// The constants of exp.go and log.go in package simd. The comparison with the
// specification shows that they agree.
const (
	expLo  = -104
	expHi  = 89
	log2E  = 1.44269504
	ln2Hi  = 0.693359375
	ln2Lo  = -2.12194440e-4
	roundN = 3 << 22
)

var (
	expC = []float32{0.00138145988, 0.00836871658, 0.041668389, 0.166665211, 0.49999994, 1, 1} // from r⁶ down
	logC = []float32{
		-0.0763449371, 0.12761575, -0.131601825, 0.142017588, // from f¹⁰ down to f³
		-0.166233569, 0.200012267, -0.250008196, 0.333333313,
	}
)

func exponentials(g *gen) {
	g.begin("exp", "(dst, x []float32)", "for i, v := range x { dst[i] = Exp32(v) }")
	n, ptrs := g.length("x"), []reg.Register{g.base("dst"), g.base("x")}
	e := g.newExp()
	g.stream(2, n, ptrs, func(at []operand.Mem, m mask) {
		g.store(e.of(g.load(at[1], m)), at[0], m)
	})
	g.end()

	add := func(a, b, out reg.Register) { g.VADDPS(b, a, out) }

	g.begin("expShiftSum", "(dst, x []float32, shift float32) float32",
		"for i, v := range x { dst[i] = Exp32(v - shift); lane[i%16] += dst[i] }; lanes combined")
	n, ptrs = g.length("x"), []reg.Register{g.base("dst"), g.base("x")}
	shift, s := g.scalar("shift"), g.newLanes(g.zero)
	e = g.newExp()
	g.streamLanes(n, ptrs, s, func(at []operand.Mem, m mask, lane reg.VecVirtual) {
		x := g.load(at[1], m)
		g.VSUBPS(shift, x, x)
		y := e.of(x)
		g.store(y, at[0], m)
		g.keep(m, y)
		g.VADDPS(y, lane, lane)
	})
	g.result(g.combine(s, add))

	g.begin("expSum", "(x []float32, shift float32) float32",
		"for i, v := range x { lane[i%16] += Exp32(v - shift) }; lanes combined")
	n, ptrs = g.length("x"), []reg.Register{g.base("x")}
	shift, s = g.scalar("shift"), g.newLanes(g.zero)
	e = g.newExp()
	g.streamLanes(n, ptrs, s, func(at []operand.Mem, m mask, lane reg.VecVirtual) {
		x := g.load(at[0], m)
		g.VSUBPS(shift, x, x)
		y := e.of(x)
		g.keep(m, y)
		g.VADDPS(y, lane, lane)
	})
	g.result(g.combine(s, add))

	g.begin("log", "(dst, x []float32)", "for i, v := range x { dst[i] = Log32(v) }")
	n, ptrs = g.length("x"), []reg.Register{g.base("dst"), g.base("x")}
	zero := g.zero()
	g.stream(2, n, ptrs, func(at []operand.Mem, m mask) {
		g.store(g.log(g.load(at[1], m), zero), at[0], m)
	})
	g.end()
}

// expCode holds the constants of Exp32 that must be in registers.
type expCode struct {
	*gen
	lo, hi, log2E reg.Register
}

func (g *gen) newExp() expCode {
	return expCode{g,
		g.inRegister(g.float("expLo", expLo)),
		g.inRegister(g.float("expHi", expHi)),
		g.inRegister(g.float("log2E", log2E))}
}

// of is Exp32 of x, which is used up.
func (g expCode) of(x reg.Register) reg.Register {
	round := g.float("roundN", roundN)
	g.VMAXPS(x, g.lo, x)
	g.VMINPS(x, g.hi, x)
	t := g.copyOf(x)
	g.VFMADD213PS(round, g.log2E, t)
	n := g.vec()
	g.VSUBPS(round, t, n)
	g.VFNMADD231PS(g.float("ln2Hi", ln2Hi), n, x)
	g.VFNMADD231PS(g.float("ln2Lo", ln2Lo), n, x)
	p := g.horner("exp", expC, x)
	half := g.vec() // t holds n in its low bits; the shifts drop the others
	g.VPSRLD(operand.U8(1), t, half)
	g.VPSUBD(half, t, t)
	bias := g.bits("bias", 127)
	for _, k := range []reg.Register{half, t} {
		g.VPADDD(bias, k, k)
		g.VPSLLD(operand.U8(23), k, k)
		g.VMULPS(k, p, p)
	}
	return p
}

// log is Log32 of x.
func (g *gen) log(x, zero reg.Register) reg.Register {
	v := g.copyOf(x)
	small := g.compare(less, x, g.float("minNormal", 0x1p-126))
	scaled, e := g.vec(), g.inRegister(g.float("subnormalE", -23))
	g.VMULPS(g.float("subnormalScale", 1<<23), x, scaled)
	g.choose(small, scaled, v)
	g.keep(small, e)

	half := g.bits("sqrtHalf", 0x3f3504f3)
	k := g.vec()
	g.VPSUBD(half, v, v)
	g.VPSRAD(operand.U8(23), v, k)
	g.VCVTDQ2PS(k, k)
	g.VADDPS(k, e, e)
	f := v
	g.VANDPS(g.bits("mantissa", 1<<23-1), f, f)
	g.VPADDD(half, f, f)
	g.VSUBPS(g.float("one", 1), f, f)

	z := g.vec()
	g.VMULPS(f, f, z)
	y := g.horner("log", logC, f)
	g.VMULPS(f, y, y)
	g.VMULPS(z, y, y)
	g.VFMADD231PS(g.float("ln2Lo", ln2Lo), e, y)
	g.VFMADD231PS(g.float("minusHalf", -0.5), z, y)
	g.VADDPS(y, f, y)
	g.VFMADD231PS(g.float("ln2Hi", ln2Hi), e, y)

	g.choose(g.compare(equal, x, zero), g.float("minusInf", float32(math.Inf(-1))), y)
	g.choose(g.compare(less, x, zero), g.bits("nan", 0x7fc00000), y)
	g.choose(g.compare(notLess, x, g.float("plusInf", float32(math.Inf(1)))), x, y)
	return y
}

// horner is the polynomial of x with coefficients c, the highest first, by fma.
func (g *gen) horner(name string, c []float32, x reg.Register) reg.VecVirtual {
	coefficient := func(i int) operand.Mem {
		if c[i] == 1 {
			return g.float("one", 1)
		}
		return g.float(name+"C"+string(rune('a'+i)), c[i])
	}
	p := g.inRegister(coefficient(0))
	for i := range c[1:] {
		g.VFMADD213PS(coefficient(i+1), x, p)
	}
	return p
}
