package main

import (
	"fmt"

	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
)

// packPanels is how many panels are packed at a time, as in simd.
const packPanels = 4

// pack writes the copy of rows of B, packPanels panels wide, to the panels.
func (l level) pack() {
	TEXT("pack"+l.name, NOSPLIT, "func(dst *float32, panel int, src *float32, stride, rows int)")
	Doc(fmt.Sprintf("pack%s copies rows of %d panels of %d elements each: row r of panel i goes to", l.name, packPanels, 2*l.lane),
		fmt.Sprintf("dst[i*panel+r*%d:], from src[r*stride+i*%d:]. Strides are in bytes; rows > 0.", 2*l.lane, 2*l.lane))
	Pragma("noescape")
	dst, panel := Load(Param("dst"), GP64()), Load(Param("panel"), GP64())
	src, stride := Load(Param("src"), GP64()), Load(Param("stride"), GP64())
	rows := Load(Param("rows"), GP64())
	panel3 := GP64()
	LEAQ(Mem{Base: panel, Index: panel, Scale: 2}, panel3)
	to := [packPanels]Mem{
		{Base: dst},
		{Base: dst, Index: panel, Scale: 1},
		{Base: dst, Index: panel, Scale: 2},
		{Base: dst, Index: panel3, Scale: 1},
	}
	width := 8 * l.lane // bytes of a row of a panel
	Label("row")
	for i, m := range to {
		for half := 0; half < width; half += width / 2 {
			v := l.vec()
			VMOVUPS(Mem{Base: src, Disp: i*width + half}, v)
			VMOVUPS(v, m.Offset(half))
		}
		for line := 0; line < width; line += 64 {
			PREFETCHT0(Mem{Base: src, Index: stride, Scale: 8, Disp: i*width + line})
		}
	}
	ADDQ(stride, src)
	ADDQ(U8(width), dst)
	DECQ(rows)
	JNE(LabelRef("row"))
	VZEROUPPER()
	RET()
}
