package main

import (
	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// peakChains is enough independent chains to hide the latency of a fused
// multiply-add, 4 or 5 cycles, on two units.
const peakChains = 12

// peak writes a loop of fused multiply-adds that touches no memory: what the CPU
// can do at best.
func (l level) peak() {
	TEXT("peak"+l.name, NOSPLIT, "func(n int)")
	Doc("peak" + l.name + " runs n rounds of 12 independent fused multiply-adds, registers only.")
	n := Load(Param("n"), GP64())
	var acc [peakChains]reg.VecVirtual
	for i := range acc {
		acc[i] = l.vec()
		VXORPS(acc[i].AsX(), acc[i].AsX(), acc[i].AsX())
	}
	x := l.vec()
	VXORPS(x.AsX(), x.AsX(), x.AsX())
	Label("round")
	for _, a := range acc {
		VFMADD231PS(x, x, a)
	}
	DECQ(n)
	JNE(LabelRef("round"))
	VZEROUPPER()
	RET()
}
