// Command gemm writes the product kernels for amd64.
//
// One kernel runs down a list of register tiles, each of up to mr rows and one or two
// vectors of columns. It reads the rows of A where they lie, through a table of
// offsets with an entry for each row and tap, and B by panels.
package main

import (
	"fmt"

	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// level is an instruction set and the tile that fills its registers.
type level struct {
	name string
	mr   int
	vecs int // vectors of columns
	lane int // float32 in a vector
	vec  func() reg.VecVirtual
}

// The tile of one vector is for products of so few columns that a second vector would
// hold nothing. Its eight chains of multiply-adds just hide their latency, of four
// cycles on two units; more rows need more pointers than there are registers.
var (
	avx2   = level{"AVX2", 6, 2, 8, YMM}
	avx512 = level{"AVX512", 8, 2, 16, ZMM}
	narrow = level{"NarrowAVX512", 8, 1, 16, ZMM}
)

// Offsets of the fields of gemmArgs. A test in simd holds them against the struct.
const (
	argA = 8 * iota
	argOff
	argOffStep
	argB
	argBStride
	argC
	argCStride
	argHeight
	argTiles
	argTaps
	argK
	argLoad
	argScale
	argShift
	argResidual
	argResidualStride
	argReLU
	argMask
	argTapsLeft
	argNext
)

func main() {
	ConstraintExpr("amd64,!purego")
	avx2.kernel(rowwise)
	avx512.kernel(rowwise)
	avx2.kernel(columnwise)
	avx512.kernel(columnwise)
	narrow.kernel(rowwise)
	narrow.kernel(columnwise)
	avx2.pack()
	avx512.pack()
	avx2.peak()
	avx512.peak()
	Generate()
}

// order is how a kernel reads A.
type order bool

const (
	rowwise    order = false // rows where they lie, by an offset for each row and tap
	columnwise order = true  // a factor stored transposed: by an offset for each k
)

// tile is the state of one register tile while its code is written.
type tile struct {
	level
	order
	args   reg.Register
	height int
	acc    [][]reg.VecVirtual
	off    reg.GPVirtual
}

func (l level) kernel(o order) {
	name := "gemm" + l.name
	doc := []string{
		fmt.Sprintf("%s runs down args.tiles tiles of args.height rows by %d columns. Each element is", name, l.vecs*l.lane),
		"acc = fma(a, b, acc) in increasing k within increasing tap, then the epilogue.",
	}
	if o == columnwise {
		name = "gemmColumns" + l.name
		doc = []string{
			fmt.Sprintf("%s runs down args.tiles tiles of args.height rows by %d columns, where row i of A is", name, l.vecs*l.lane),
			"column i of what is stored. Each element is acc = fma(a, b, acc) in increasing k, then the epilogue.",
		}
	}
	TEXT(name, NOSPLIT, "func(args *uintptr)")
	Doc(doc...)
	Pragma("noescape")
	args := Load(Param("args"), GP64())
	h := GP64()
	MOVQ(field(args, argHeight), h)
	for r := l.mr; r >= 1; r-- {
		CMPQ(h, U8(r))
		JEQ(LabelRef(fmt.Sprintf("height%d", r)))
	}
	RET()
	for r := l.mr; r >= 1; r-- {
		Label(fmt.Sprintf("height%d", r))
		t := tile{level: l, order: o, args: args, height: r, off: GP64()}
		for range r {
			t.acc = append(t.acc, l.vectors())
		}
		t.emit()
		VZEROUPPER()
		RET()
	}
}

// vectors returns the vectors of a row of the tile.
func (l level) vectors() (row []reg.VecVirtual) {
	for range l.vecs {
		row = append(row, l.vec())
	}
	return row
}

// loadRow loads a row of the panel.
func (l level) loadRow(b Mem) []reg.VecVirtual {
	row := l.vectors()
	for i, v := range row {
		VMOVUPS(b.Offset(i*4*l.lane), v)
	}
	return row
}

func field(base reg.Register, off int) Mem { return Mem{Base: base, Disp: off} }

func (t *tile) label(s string) string { return fmt.Sprintf("%s%d", s, t.height) }
func (t *tile) ref(s string) LabelRef { return LabelRef(t.label(s)) }

func (t *tile) emit() {
	MOVQ(field(t.args, argOff), t.off)
	Label(t.label("tile"))
	t.start()
	if t.order == columnwise {
		t.columns()
	} else {
		t.taps()
	}
	t.finish()
	t.next()
}

// start sets the sums to what C holds, or to +0.
func (t *tile) start() {
	CMPQ(field(t.args, argLoad), U8(0))
	JNE(t.ref("load"))
	for _, a := range t.acc {
		for _, v := range a {
			VXORPS(v.AsX(), v.AsX(), v.AsX())
		}
	}
	JMP(t.ref("started"))
	Label(t.label("load"))
	t.eachVector("load", func(vector int, mask reg.Register) {
		t.eachRow(argC, argCStride, vector, func(r int, m Mem) { t.load(m, mask, t.acc[r][vector]) })
	})
	Label(t.label("started"))
	t.prefetchNext()
}

// prefetchNext asks for C of the tile below: its sums start from there, and would
// wait for it. Below the last tile it asks in vain, which does no harm.
func (t *tile) prefetchNext() {
	p, s := GP64(), GP64()
	MOVQ(field(t.args, argCStride), s)
	IMUL3Q(U8(t.height), s, p)
	ADDQ(field(t.args, argC), p)
	for r := range t.acc {
		for line := 0; line < 4*t.vecs*t.lane; line += 64 {
			PREFETCHT0(Mem{Base: p, Disp: line})
		}
		if r < t.height-1 {
			ADDQ(s, p)
		}
	}
}

// taps is the product itself.
func (t *tile) taps() {
	b, stride, n, kx := GP64(), GP64(), GP64(), GP64()
	MOVQ(field(t.args, argB), b)
	MOVQ(field(t.args, argBStride), stride)
	MOVQ(field(t.args, argTaps), n)
	MOVQ(n, field(t.args, argTapsLeft))

	Label(t.label("tap"))
	Comment("rows point one past their end; kx runs up to 0")
	end := GP64()
	MOVQ(field(t.args, argK), kx)
	MOVQ(field(t.args, argA), end)
	LEAQ(Mem{Base: end, Index: kx, Scale: 4}, end)
	rows := make([]reg.GPVirtual, t.height)
	for r := range rows {
		rows[r] = GP64()
		MOVQ(Mem{Base: t.off, Disp: 8 * r}, rows[r])
		ADDQ(end, rows[r])
	}
	ADDQ(field(t.args, argOffStep), t.off)
	NEGQ(kx)

	step := func(i int, b Mem) {
		row, a := t.loadRow(b), t.vec()
		for r := range rows {
			VBROADCASTSS(Mem{Base: rows[r], Index: kx, Scale: 4, Disp: 4 * i}, a)
			t.multiply(r, a, row)
		}
	}
	at, after := Mem{Base: b}, Mem{Base: b, Index: stride, Scale: 1}
	next := GP64()
	MOVQ(field(t.args, argNext), next)
	ADDQ(U8(4), kx)
	JG(t.ref("rest"))
	Label(t.label("by4"))
	for i := 0; i < 4; i += 2 {
		step(i-4, at)
		step(i-3, after)
		LEAQ(Mem{Base: b, Index: stride, Scale: 2}, b)
	}
	PREFETCHT1(Mem{Base: next})
	ADDQ(U8(64), next)
	ADDQ(U8(4), kx)
	JLE(t.ref("by4"))
	Label(t.label("rest"))
	MOVQ(next, field(t.args, argNext))
	SUBQ(U8(4), kx)
	JEQ(t.ref("tapped"))
	Label(t.label("by1"))
	step(0, at)
	ADDQ(stride, b)
	INCQ(kx)
	JNE(t.ref("by1"))
	Label(t.label("tapped"))
	DECQ(field(t.args, argTapsLeft))
	JNE(t.ref("tap"))
}

// columns is the product with a transposed factor: the numbers of a tile lie side by
// side, and the next k is where its offset says.
func (t *tile) columns() {
	a, b, stride, k, off, next := GP64(), GP64(), GP64(), GP64(), GP64(), GP64()
	MOVQ(field(t.args, argA), a)
	MOVQ(field(t.args, argB), b)
	MOVQ(field(t.args, argBStride), stride)
	MOVQ(field(t.args, argK), k)
	MOVQ(field(t.args, argNext), next)
	MOVQ(t.off, off)
	step := func(i int, b Mem) {
		at := GP64()
		MOVQ(Mem{Base: off, Disp: 8 * i}, at)
		row, v := t.loadRow(b), t.vec()
		for r := range t.acc {
			VBROADCASTSS(Mem{Base: a, Index: at, Scale: 1, Disp: 4 * r}, v)
			t.multiply(r, v, row)
		}
	}
	at, after := Mem{Base: b}, Mem{Base: b, Index: stride, Scale: 1}
	SUBQ(U8(4), k)
	JLT(t.ref("rest"))
	Label(t.label("by4"))
	for i := 0; i < 4; i += 2 {
		step(i, at)
		step(i+1, after)
		LEAQ(Mem{Base: b, Index: stride, Scale: 2}, b)
	}
	ADDQ(U8(32), off)
	PREFETCHT1(Mem{Base: next})
	ADDQ(U8(64), next)
	SUBQ(U8(4), k)
	JGE(t.ref("by4"))
	Label(t.label("rest"))
	MOVQ(next, field(t.args, argNext))
	ADDQ(U8(4), k)
	JEQ(t.ref("summed"))
	Label(t.label("by1"))
	step(0, at)
	ADDQ(stride, b)
	ADDQ(U8(8), off)
	DECQ(k)
	JNE(t.ref("by1"))
	Label(t.label("summed"))
}

// multiply adds the products of a and a row of the panel to row r of the tile.
func (t *tile) multiply(r int, a reg.VecVirtual, row []reg.VecVirtual) {
	for i, b := range row {
		VFMADD231PS(b, a, t.acc[r][i])
	}
}

// finish is the epilogue, a vector of columns at a time.
func (t *tile) finish() {
	t.eachVector("finish", func(vector int, mask reg.Register) {
		name := fmt.Sprintf("%d", vector)
		if mask != nil {
			name += "m"
		}
		p := GP64()
		scale, shift := t.vec(), t.vec()
		MOVQ(field(t.args, argShift), p)
		TESTQ(p, p)
		JEQ(t.ref("shifted" + name))
		t.load(Mem{Base: p, Disp: vector * 4 * t.lane}, mask, shift)
		MOVQ(field(t.args, argScale), p)
		TESTQ(p, p)
		JEQ(t.ref("add" + name))
		t.load(Mem{Base: p, Disp: vector * 4 * t.lane}, mask, scale)
		for _, a := range t.acc {
			VFMADD213PS(shift, scale, a[vector])
		}
		JMP(t.ref("shifted" + name))
		Label(t.label("add" + name))
		for _, a := range t.acc {
			VADDPS(shift, a[vector], a[vector])
		}
		Label(t.label("shifted" + name))

		CMPQ(field(t.args, argResidual), U8(0))
		JEQ(t.ref("residual" + name))
		t.eachRow(argResidual, argResidualStride, vector, func(r int, m Mem) {
			v := t.vec()
			t.load(m, mask, v)
			VADDPS(v, t.acc[r][vector], t.acc[r][vector])
		})
		Label(t.label("residual" + name))

		CMPQ(field(t.args, argReLU), U8(0))
		JEQ(t.ref("relu" + name))
		zero := t.vec()
		VXORPS(zero.AsX(), zero.AsX(), zero.AsX())
		for _, a := range t.acc {
			VMAXPS(a[vector], zero, a[vector]) // 0 > v ? 0 : v
		}
		Label(t.label("relu" + name))
		t.eachRow(argC, argCStride, vector, func(r int, m Mem) { t.store(t.acc[r][vector], mask, m) })
	})
}

// next moves on to the tile below, if there is one.
func (t *tile) next() {
	step := GP64()
	for _, f := range []struct{ at, stride int }{{argC, argCStride}, {argResidual, argResidualStride}} {
		IMUL3Q(U8(t.height), field(t.args, f.stride), step)
		ADDQ(step, field(t.args, f.at))
	}
	if t.order == columnwise {
		ADDQ(U8(4*t.height), field(t.args, argA))
	}
	DECQ(field(t.args, argTiles))
	JNE(t.ref("tile"))
	if t.order == rowwise {
		MOVQ(t.off, field(t.args, argOff))
	}
}

// eachRow calls f with the place of a vector of columns, for each row of the tile.
func (t *tile) eachRow(base, stride, vector int, f func(r int, m Mem)) {
	p, s := GP64(), GP64()
	MOVQ(field(t.args, base), p)
	MOVQ(field(t.args, stride), s)
	for r := range t.acc {
		f(r, Mem{Base: p, Disp: vector * 4 * t.lane})
		if r < t.height-1 {
			ADDQ(s, p)
		}
	}
}

// eachVector writes body for each vector of columns, for a panel of full width and for
// the last, narrower one. A masked store costs AVX2 too much to have only the one;
// AVX-512 masks for nothing.
func (t *tile) eachVector(name string, body func(vector int, mask reg.Register)) {
	p := GP64()
	MOVQ(field(t.args, argMask), p)
	if t.lane == 8 {
		TESTQ(p, p)
		JNE(t.ref(name + "Masked"))
		for i := range t.vecs {
			body(i, nil)
		}
		JMP(t.ref(name + "End"))
		Label(t.label(name + "Masked"))
	}
	for i := range t.vecs {
		v := t.vec()
		MOVQ(field(t.args, argMask), p)
		VMOVUPS(Mem{Base: p, Disp: i * 4 * t.lane}, v)
		if t.lane == 8 {
			body(i, v)
			continue
		}
		k := K()
		VPMOVD2M(v, k)
		body(i, k)
	}
	if t.lane == 8 {
		Label(t.label(name + "End"))
	}
}

func (t *tile) load(m Mem, mask reg.Register, v reg.VecVirtual) {
	switch {
	case mask == nil:
		VMOVUPS(m, v)
	case t.lane == 8:
		VMASKMOVPS(m, mask, v)
	default:
		VMOVUPS_Z(m, mask, v)
	}
}

func (t *tile) store(v reg.VecVirtual, mask reg.Register, m Mem) {
	switch {
	case mask == nil:
		VMOVUPS(v, m)
	case t.lane == 8:
		VMASKMOVPS(v, mask, m)
	default:
		VMOVUPS(v, mask, m)
	}
}
