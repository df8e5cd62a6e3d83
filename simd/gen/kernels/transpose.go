package main

import (
	"github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// transpose is by squares of 8 at both widths: 16 shuffles each, for which wider
// registers would need twice as many steps.
func transpose(g *gen) {
	g.begin("transposeStrip", "(dst []float32, ldd int, src []float32, lds, rows int)",
		"for i := range rows { for j := range 8 { dst[j*ldd+i] = src[i*lds+j] } }; rows is a multiple of 8")
	dst, ldd, src, lds := g.base("dst"), g.param("ldd"), g.base("src"), g.param("lds")
	rows := g.param("rows")
	g.SHLQ(operand.U8(2), ldd)
	g.SHLQ(operand.U8(2), lds)
	ldd3, lds3 := g.GP64(), g.GP64()
	g.LEAQ(operand.Mem{Base: ldd, Index: ldd, Scale: 2}, ldd3)
	g.LEAQ(operand.Mem{Base: lds, Index: lds, Scale: 2}, lds3)
	srcLow, dstLow := g.GP64(), g.GP64() // four rows further down
	g.LEAQ(operand.Mem{Base: src, Index: lds, Scale: 4}, srcLow)
	g.LEAQ(operand.Mem{Base: dst, Index: ldd, Scale: 4}, dstLow)
	row := func(base, ld, ld3 reg.Register, r int) operand.Mem {
		switch r {
		case 0:
			return operand.Mem{Base: base}
		case 3:
			return operand.Mem{Base: base, Index: ld3, Scale: 1}
		}
		return operand.Mem{Base: base, Index: ld, Scale: uint8(r)}
	}

	g.Label("square")
	g.CMPQ(rows, operand.U32(8))
	g.JL(ref("done"))
	for half, to := range []reg.Register{dst, dstLow} {
		// Row r of src beside row r+4, four columns of each.
		var t [4]reg.VecVirtual
		for r := range t {
			t[r] = g.YMM()
			g.VMOVUPS(row(src, lds, lds3, r).Offset(16*half), t[r].AsX())
			g.VINSERTF128(highHalf, row(srcLow, lds, lds3, r).Offset(16*half), t[r], t[r])
		}
		low, high := [2]reg.VecVirtual{g.YMM(), g.YMM()}, [2]reg.VecVirtual{g.YMM(), g.YMM()}
		for p := range 2 {
			g.VUNPCKLPS(t[2*p+1], t[2*p], low[p])
			g.VUNPCKHPS(t[2*p+1], t[2*p], high[p])
		}
		for c, from := range [][2]reg.VecVirtual{low, low, high, high} {
			out := g.YMM()
			g.VSHUFPS(operand.U8([]uint8{0x44, 0xee}[c%2]), from[1], from[0], out)
			g.VMOVUPS(out, row(to, ldd, ldd3, c))
		}
	}
	g.LEAQ(operand.Mem{Base: src, Index: lds, Scale: 8}, src)
	g.LEAQ(operand.Mem{Base: srcLow, Index: lds, Scale: 8}, srcLow)
	g.ADDQ(operand.U32(32), dst)
	g.ADDQ(operand.U32(32), dstLow)
	g.SUBQ(operand.U32(8), rows)
	g.JMP(ref("square"))
	g.Label("done")
	g.end()
}
