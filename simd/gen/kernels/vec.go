package main

import (
	"fmt"
	"math"

	"github.com/mmcloughlin/avo/attr"
	"github.com/mmcloughlin/avo/build"
	"github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// width is what the kernels need to know of an instruction set.
type width struct {
	name  string // ends the functions' names
	file  string // in file names
	lanes int    // float32 in a vector
}

var (
	avx2   = width{"AVX2", "avx2", 8}
	avx512 = width{"AVX512", "avx512", 16}
)

// gen writes one file of assembly.
type gen struct {
	*build.Context
	width
	consts map[string]operand.Mem
}

func newGen(w width) *gen {
	g := &gen{build.NewContext(), w, map[string]operand.Mem{}}
	g.ConstraintExpr("amd64,!purego")
	return g
}

// begin starts a function. Its doc is the specification.
func (g *gen) begin(name, signature string, doc ...string) {
	g.Function(name + g.name)
	g.Attributes(attr.NOSPLIT)
	g.Pragma("noescape")
	g.SignatureExpr("func" + signature)
	doc[0] = name + g.name + ": " + doc[0]
	g.Doc(doc...)
}

// end finishes a function at the label done.
func (g *gen) end() {
	g.VZEROUPPER()
	g.RET()
}

func ref(label string) operand.LabelRef { return operand.LabelRef(label) }

func (g *gen) bytes() int { return 4 * g.lanes }

// vec is a fresh vector register.
func (g *gen) vec() reg.VecVirtual {
	if g.lanes == 16 {
		return g.ZMM()
	}
	return g.YMM()
}

func (g *gen) zero() reg.VecVirtual {
	v := g.vec()
	g.VXORPS(v.AsX(), v.AsX(), v.AsX()) // clears the rest too
	return v
}

func (g *gen) copyOf(v reg.Register) reg.VecVirtual {
	c := g.vec()
	g.VMOVAPS(v, c)
	return c
}

// scalar broadcasts a parameter.
func (g *gen) scalar(name string) reg.VecVirtual {
	m, err := g.Param(name).Resolve()
	if err != nil {
		panic(err)
	}
	v := g.vec()
	g.VBROADCASTSS(m.Addr, v)
	return v
}

func (g *gen) param(name string) reg.Register {
	return g.Load(g.Param(name), g.GP64())
}

func (g *gen) base(name string) reg.Register {
	return g.Load(g.Param(name).Base(), g.GP64())
}

func (g *gen) length(name string) reg.Register {
	return g.Load(g.Param(name).Len(), g.GP64())
}

// bits returns a vector in memory that holds b in each lane.
func (g *gen) bits(name string, b uint32) operand.Mem {
	if m, ok := g.consts[name]; ok {
		return m
	}
	m := g.StaticGlobal(name)
	g.DataAttributes(attr.RODATA | attr.NOPTR)
	for range g.lanes {
		g.AppendDatum(operand.U32(b))
	}
	g.consts[name] = m
	return m
}

func (g *gen) float(name string, v float32) operand.Mem {
	return g.bits(name, math.Float32bits(v))
}

// inRegister loads a constant.
func (g *gen) inRegister(m operand.Mem) reg.VecVirtual {
	v := g.vec()
	g.VMOVUPS(m, v)
	return v
}

// mask selects the first lanes of a vector: a vector of all ones and zeros with
// AVX2, a mask register with AVX-512.
type mask reg.Register

// firstLanes is the mask of the first n lanes, 0 <= n <= lanes.
func (g *gen) firstLanes(n reg.Register) mask {
	t := g.GP64()
	if g.lanes == 16 {
		k := g.K()
		g.MOVQ(operand.I32(-1), t)
		g.BZHIQ(n, t, t)
		g.KMOVW(t.As32(), k)
		return k
	}
	table, ok := g.consts["masks"]
	if !ok {
		table = g.StaticGlobal("masks")
		g.DataAttributes(attr.RODATA | attr.NOPTR)
		for i := range 16 {
			b := uint32(0)
			if i < 8 {
				b = math.MaxUint32
			}
			g.AppendDatum(operand.U32(b))
		}
		g.consts["masks"] = table
	}
	v := g.vec()
	g.LEAQ(table.Offset(32), t)
	i := g.GP64()
	g.MOVQ(n, i)
	g.NEGQ(i)
	g.VMOVUPS(operand.Mem{Base: t, Index: i, Scale: 4}, v)
	return v
}

// load reads the lanes in m, and zeros elsewhere; a nil m is every lane.
func (g *gen) load(at operand.Mem, m mask) reg.VecVirtual {
	v := g.vec()
	switch {
	case m == nil:
		g.VMOVUPS(at, v)
	case g.lanes == 16:
		g.VMOVUPS_Z(at, m, v)
	default:
		g.VMASKMOVPS(at, m, v)
	}
	return v
}

// store writes the lanes in m; a nil m is every lane.
func (g *gen) store(v reg.Register, at operand.Mem, m mask) {
	switch {
	case m == nil:
		g.VMOVUPS(v, at)
	case g.lanes == 16:
		g.VMOVUPS(v, m, at)
	default:
		g.VMASKMOVPS(v, m, at)
	}
}

// Predicates of VCMPPS, quiet.
const (
	equal     = operand.U8(0x00)
	unordered = operand.U8(0x03)
	less      = operand.U8(0x11)
	notLess   = operand.U8(0x15)
	greater   = operand.U8(0x1e)
	highHalf  = operand.U8(1)
)

// compare is the mask of a OP b.
func (g *gen) compare(op operand.U8, a reg.Register, b operand.Op) mask {
	if g.lanes == 16 {
		k := g.K()
		g.VCMPPS(op, b, a, k)
		return k
	}
	v := g.vec()
	g.VCMPPS(op, b, a, v)
	return v
}

// choose sets v to alt in the lanes of m.
func (g *gen) choose(m mask, alt operand.Op, v reg.Register) {
	if g.lanes == 16 {
		g.VMOVUPS(alt, m, v)
		return
	}
	g.VBLENDVPS(m, alt, v, v)
}

// keep sets v to +0 outside the lanes of m; a nil m is every lane.
func (g *gen) keep(m mask, v reg.Register) {
	switch {
	case m == nil:
	case g.lanes == 16:
		g.VMOVUPS_Z(v, m, v)
	default:
		g.VANDPS(m, v, v)
	}
}

// stream runs body over n elements of the slices at ptrs: unroll vectors a turn,
// then one, then what is left under a mask. body gets the place of a vector in
// each slice. n and ptrs are used up.
func (g *gen) stream(unroll int, n reg.Register, ptrs []reg.Register, body func(at []operand.Mem, m mask)) {
	turn := func(label string, vectors int, next string) {
		g.Label(label)
		g.CMPQ(n, operand.U32(uint32(vectors*g.lanes)))
		g.JL(ref(next))
		for u := range vectors {
			body(places(ptrs, u*g.bytes()), nil)
		}
		for _, p := range ptrs {
			g.ADDQ(operand.U32(uint32(vectors*g.bytes())), p)
		}
		g.SUBQ(operand.U32(uint32(vectors*g.lanes)), n)
		g.JMP(ref(label))
	}
	if unroll > 1 {
		turn(fmt.Sprintf("by%d", unroll), unroll, "by1")
	}
	turn("by1", 1, "rest")
	g.Label("rest")
	g.TESTQ(n, n)
	g.JE(ref("done"))
	body(places(ptrs, 0), g.firstLanes(n))
	g.Label("done")
}

func places(ptrs []reg.Register, offset int) []operand.Mem {
	at := make([]operand.Mem, len(ptrs))
	for i, p := range ptrs {
		at[i] = operand.Mem{Base: p, Disp: offset}
	}
	return at
}
