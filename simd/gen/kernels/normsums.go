package main

import (
	"fmt"

	"github.com/mmcloughlin/avo/attr"
	"github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

func normGradSums(g *gen) {
	g.begin("normGradSums", "(sum, dot []float64, dy, x []float32, rows, cols int)",
		"for c := range cols { s, q = 0, 0; for r := range rows { v = dy[r*cols+c]; s += v; q = fma(v, x[r*cols+c], q) }",
		"sum[c] += float64(s); dot[c] += float64(q) }")
	k := columnKernel{gen: g, inputs: []string{"dy", "x"}, totals: []string{"sum", "dot"}, stride: "cols"}
	k.step = func(in, sums []reg.VecVirtual) {
		g.VADDPS(in[0], sums[0], sums[0])
		g.VFMADD231PS(in[1], in[0], sums[1])
	}
	walkedSums{k}.write()

	g.begin("normGradSumsReLU", "(sum, dot []float64, dy, x, y []float32, rows, cols int)",
		"for i, v := range y { dy[i] = v > 0 ? dy[i] : +0 }; normGradSums")
	zero := g.zero()
	k = columnKernel{gen: g, inputs: []string{"dy", "x", "y"}, totals: []string{"sum", "dot"}, stride: "cols", stores: true}
	k.step = func(in, sums []reg.VecVirtual) {
		g.keep(g.compare(greater, in[2], zero), in[0])
		g.VADDPS(in[0], sums[0], sums[0])
		g.VFMADD231PS(in[1], in[0], sums[1])
	}
	walkedSums{k}.write()
}

// walkedSums writes a columnKernel of two totals that goes down the rows where these
// fit a strip of columns, and elsewhere walks along groups of rows, with the sums on
// the stack, so that memory is read in order.
type walkedSums struct{ columnKernel }

const (
	together = 2    // rows of a group, at most 2
	held     = 1024 // columns whose sums are on the stack
	line     = 64   // bytes of a row that are taken at once: of many rows, some 4 KiB apart, the cache may not keep the rest
)

func (k walkedSums) write() {
	k.Attributes(attr.Attribute(0)) // the stack may have to grow
	sums := k.AllocLocal(2 * 4 * held)
	rows, cols := k.param("rows"), k.param("cols")
	k.CMPQ(cols, operand.U32(uint32(strip*k.lanes)))
	k.JLE(ref("strips"))
	sum, dot := k.base("sum"), k.base("dot")
	var in []reg.Register
	for _, name := range k.inputs {
		in = append(in, k.base(name))
	}
	stride := k.GP64()
	k.MOVQ(cols, stride)
	k.SHLQ(operand.U8(2), stride)
	rest := k.GP64()
	k.MOVQ(cols, rest)
	k.ANDQ(operand.U32(uint32(k.lanes-1)), rest)
	tail := k.firstLanes(rest)
	k.TESTQ(rows, rows)
	k.JE(ref("finish"))

	width, n, offset, left := k.GP64(), k.GP64(), k.GP64(), k.GP64() // width and n in elements, offset in bytes
	at := func(sum, v int) operand.Mem {
		return operand.Mem{Base: sums.Base, Index: offset, Scale: 1, Symbol: sums.Symbol, Disp: sums.Disp + sum*4*held + v*k.bytes()}
	}
	vectors := line / k.bytes()

	k.Label("block")
	k.TESTQ(cols, cols)
	k.JE(ref("finish"))
	k.MOVQ(cols, width)
	k.CMPQ(cols, operand.U32(held))
	k.JLE(ref("clear"))
	k.MOVQ(operand.U32(held), width)
	k.Label("clear")
	zero := k.zero()
	k.XORQ(offset, offset)
	k.MOVQ(width, n)
	k.Label("clearing")
	k.store(zero, at(0, 0), nil)
	k.store(zero, at(1, 0), nil)
	k.ADDQ(operand.U32(uint32(k.bytes())), offset)
	k.SUBQ(operand.U32(uint32(k.lanes)), n)
	k.JG(ref("clearing"))

	k.MOVQ(rows, left)
	k.walk("group", "single", together, tail, width, n, offset, left, stride, in, at, vectors)
	k.walk("single", "totals", 1, tail, width, n, offset, left, stride, in, at, vectors)

	k.Label("totals")
	k.XORQ(offset, offset)
	k.MOVQ(width, n)
	k.Label("totalling")
	k.SUBQ(operand.U32(uint32(k.lanes)), n)
	k.JL(ref("totalsRest"))
	for i, p := range []reg.Register{sum, dot} {
		k.addTo(operand.Mem{Base: p, Index: offset, Scale: 2}, k.load(at(i, 0), nil), nil)
	}
	k.ADDQ(operand.U32(uint32(k.bytes())), offset)
	k.JMP(ref("totalling"))
	k.Label("totalsRest")
	k.ADDQ(operand.U32(uint32(k.lanes)), n)
	k.JE(ref("nextBlock"))
	for i, p := range []reg.Register{sum, dot} {
		k.addTo(operand.Mem{Base: p, Index: offset, Scale: 2}, k.load(at(i, 0), nil), tail)
	}
	k.Label("nextBlock")
	back := k.GP64()
	k.MOVQ(rows, back)
	k.IMULQ(stride, back)
	for _, p := range in {
		k.SUBQ(back, p)
		k.LEAQ(operand.Mem{Base: p, Index: width, Scale: 4}, p)
	}
	for _, p := range []reg.Register{sum, dot} {
		k.LEAQ(operand.Mem{Base: p, Index: width, Scale: 8}, p)
	}
	k.SUBQ(width, cols)
	k.JMP(ref("block"))
	k.Label("finish")
	k.end()

	k.Label("strips")
	k.columnKernel.write()
}

// walk adds groups of count rows, as many as are left, to the sums.
func (k walkedSums) walk(label, next string, count int, tail mask, width, n, offset, left, stride reg.Register, in []reg.Register, at func(sum, v int) operand.Mem, vectors int) {
	k.Label(label)
	k.CMPQ(left, operand.U32(uint32(count)))
	k.JL(ref(next))
	k.XORQ(offset, offset)
	k.MOVQ(width, n)

	row := func(p reg.Register, v, r int) operand.Mem {
		a := operand.Mem{Base: p, Disp: v * k.bytes()}
		if r > 0 {
			a.Index, a.Scale = stride, uint8(r)
		}
		return a
	}
	take := func(vectors int, m mask) {
		for v := range vectors {
			s, q := k.load(at(0, v), nil), k.load(at(1, v), nil)
			for r := range count {
				var values []reg.VecVirtual
				for _, p := range in {
					values = append(values, k.load(row(p, v, r), m))
				}
				k.step(values, []reg.VecVirtual{s, q})
				if k.stores {
					k.store(values[0], row(in[0], v, r), m)
				}
			}
			k.store(s, at(0, v), nil)
			k.store(q, at(1, v), nil)
		}
	}
	advance := func(bytes int) {
		for _, p := range in {
			k.ADDQ(operand.U32(uint32(bytes)), p)
		}
		k.ADDQ(operand.U32(uint32(bytes)), offset)
	}
	for vectors := vectors; vectors > 0; vectors /= 2 {
		name := fmt.Sprintf("%sBy%d", label, vectors)
		k.Label(name)
		k.SUBQ(operand.U32(uint32(vectors*k.lanes)), n)
		k.JL(ref(name + "Over"))
		take(vectors, nil)
		advance(vectors * k.bytes())
		k.JMP(ref(name))
		k.Label(name + "Over")
		k.ADDQ(operand.U32(uint32(vectors*k.lanes)), n)
	}
	k.JE(ref(label + "End"))
	take(1, tail)
	k.Label(label + "End")
	// To the start of the next group: offset is what was advanced.
	for _, p := range in {
		k.SUBQ(offset, p)
		k.LEAQ(operand.Mem{Base: p, Index: stride, Scale: uint8(count)}, p)
	}
	k.SUBQ(operand.U32(uint32(count)), left)
	k.JMP(ref(label))
}
