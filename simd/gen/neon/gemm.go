package main

import "fmt"

// The register tile is 6 rows by 16 columns: 24 accumulators, 6 registers for as
// many rows' next four elements of A, each multiplied lane by lane, and 2 for B.
const tileRows = 6

// The fields of simd's gemmArgs, 8 bytes each.
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
)

// Registers of the kernel.
const (
	rArgs = iota
	rOff
	rB
	rBStride
	rK
	rRow // to R10, one a row
)

const (
	rTaps = 11 + iota
	rAt   // a walk down rows
	rStep
	rTiles
	rT // scratch, to R17
)

const (
	rScale   = 19 + iota
	rShift   // or the bias
	rColumns // of a panel that is not full, else 0
	rRows    // of a copy
	rTo
	rFrom
)

// The frame: a tile, and a row of scales and of shifts, for panels that are not
// full. Vectors are then loaded from there and stored to there.
const (
	frameTile  = 0
	frameScale = frameTile + tileRows*64
	frameShift = frameScale + 64
	frameSize  = frameShift + 64
)

func gemmKernels(f *file) {
	f.frame = frameSize
	f.fn("gemmNEON", "args *gemmArgs", "", `
gemmNEON runs down args.tiles tiles of args.height rows by 16 columns. Each
element is acc = fma(a, b, acc) in increasing k within increasing tap, then the
epilogue.`)
	f.frame = 0
	f.op("MOVD %s, R%d", f.fp("args"), rArgs)
	arg := func(field, r int) { f.op("MOVD %d(R%d), R%d", field, rArgs, r) }
	arg(argScale, rScale)
	arg(argShift, rShift)
	arg(argOff, rOff)
	arg(argBStride, rBStride)
	arg(argTiles, rTiles)
	f.op("MOVD $0, R%d", rColumns)
	arg(argMask, rT)
	f.op("CBZ R%d, heights", rT)

	f.note("The mask is -1 for each column that exists.")
	f.op("VLD1 (R%d), [V0.S4, V1.S4, V2.S4, V3.S4]", rT)
	f.add(0, 0, 1)
	f.add(2, 2, 3)
	f.add(0, 0, 2)
	f.op("VADDV V0.S4, V0")
	f.op("VMOV V0.S[0], R%d", rColumns)
	f.op("NEGW R%d, R%d", rColumns, rColumns)
	for _, p := range []struct{ reg, frame int }{{rScale, frameScale}, {rShift, frameShift}} {
		skip := f.label("absent")
		f.op("CBZ R%d, %s", p.reg, skip)
		f.op("MOVD R%d, R%d", p.reg, rFrom)
		f.op("MOVD $frame-%d(SP), R%d", frameSize-p.frame, p.reg)
		f.op("MOVD R%d, R%d", p.reg, rTo)
		copyRow(f)
		f.mark(skip)
	}

	f.mark("heights")
	arg(argHeight, rT)
	for h := tileRows; h > 1; h-- {
		f.op("CMP $%d, R%d", h, rT)
		f.op("BEQ tile%d", h)
	}
	f.op("B tile1")
	for h := tileRows; h > 0; h-- {
		tiles(f, h)
	}

	f.fn("peakNEON", "n int", "", "peakNEON does n rounds of 24 independent fused multiply-adds, in registers only.")
	f.op("MOVD %s, R0", f.fp("n"))
	for v := range vec(25) {
		f.zero(v)
	}
	f.mark("round")
	for v := range vec(24) {
		f.fmla(v, 24, 24)
	}
	f.op("SUB $1, R0")
	f.op("CBNZ R0, round")
	f.op("RET")
}

// copyRow copies the columns that exist from one address to another. It keeps both
// and uses F31.
func copyRow(f *file) {
	next := f.label("copy")
	f.op("MOVD $0, R%d", rT)
	f.mark(next)
	f.op("FMOVS (R%d)(R%d<<2), F31", rFrom, rT)
	f.op("FMOVS F31, (R%d)(R%d<<2)", rTo, rT)
	f.op("ADD $1, R%d", rT)
	f.op("CMP R%d, R%d", rColumns, rT)
	f.op("BLT %s", next)
}

// copyRows copies rows of the columns that exist between memory, at rAt with rows
// rStep apart, and the frame's tile.
func copyRows(f *file, rows int, toFrame bool) {
	next := f.label("rows")
	memory, frame := rTo, rFrom
	if toFrame {
		memory, frame = rFrom, rTo
	}
	f.op("MOVD R%d, R%d", rAt, memory)
	f.op("MOVD $frame-%d(SP), R%d", frameSize-frameTile, frame)
	f.op("MOVD $%d, R%d", rows, rRows)
	f.mark(next)
	copyRow(f)
	f.op("ADD R%d, R%d", rStep, memory)
	f.op("ADD $64, R%d", frame)
	f.op("SUB $1, R%d", rRows)
	f.op("CBNZ R%d, %s", rRows, next)
}

// tiles emits the loop over tiles of h rows.
func tiles(f *file, h int) {
	acc := func(r, v int) vec { return vec(4*r + v) }
	arg := func(field, r int) { f.op("MOVD %d(R%d), R%d", field, rArgs, r) }
	name := func(stem string) string { return fmt.Sprintf("%s%d", stem, h) }
	// rows walks rAt down a matrix of the arguments, or its copy in the frame.
	locate := func(stem string, base, stride int, copyIn bool) {
		arg(base, rAt)
		arg(stride, rStep)
		f.op("CBZ R%d, %s", rColumns, name(stem))
		if copyIn {
			copyRows(f, h, true)
		}
		f.op("MOVD $frame-%d(SP), R%d", frameSize-frameTile, rAt)
		f.op("MOVD $64, R%d", rStep)
		f.mark(name(stem))
	}

	f.mark(name("tile"))
	arg(argLoad, rT)
	f.op("CBNZ R%d, %s", rT, name("load"))
	for r := range h {
		for v := range 4 {
			f.zero(acc(r, v))
		}
	}
	f.op("B %s", name("start"))
	f.mark(name("load"))
	locate("loadRows", argC, argCStride, true)
	for r := range h {
		f.op("VLD1 (R%d), [%s, %s, %s, %s]", rAt, acc(r, 0).s4(), acc(r, 1).s4(), acc(r, 2).s4(), acc(r, 3).s4())
		if r < h-1 {
			f.op("ADD R%d, R%d", rStep, rAt)
		}
	}

	f.mark(name("start"))
	arg(argB, rB)
	arg(argTaps, rTaps)
	f.mark(name("tap"))
	arg(argK, rK)
	arg(argA, rT)
	for r := range h {
		f.op("MOVD %d(R%d), R%d", 8*r, rOff, rRow+r)
		f.op("ADD R%d, R%d", rT, rRow+r)
	}
	arg(argOffStep, rT)
	f.op("ADD R%d, R%d", rT, rOff)

	a := func(r int) vec { return vec(4*tileRows + r) }
	step := func(lane int) {
		// Two registers for B where six rows leave no more, otherwise four.
		b := []vec{30, 31, 30, 31}
		if h < tileRows {
			b = []vec{28, 29, 30, 31}
			if h == tileRows-1 {
				b[0] = 23 // A takes 24 to 28
			}
		}
		for v := 0; v < 4; v += 2 {
			f.op("FLDPQ %d(R%d), (%s, %s)", 16*v, rB, b[v].f(), b[v+1].f())
			for r := range h {
				f.fmlaLane(acc(r, v), b[v], a(r), lane)
				f.fmlaLane(acc(r, v+1), b[v+1], a(r), lane)
			}
		}
		f.op("ADD R%d, R%d", rBStride, rB)
	}
	f.op("SUBS $4, R%d", rK)
	f.op("BLT %s", name("rest"))
	f.mark(name("by4"))
	for r := range h {
		f.op("FMOVQ.P 16(R%d), %s", rRow+r, a(r).f())
	}
	for lane := range 4 {
		step(lane)
	}
	f.op("SUBS $4, R%d", rK)
	f.op("BGE %s", name("by4"))
	f.mark(name("rest"))
	f.op("ADDS $4, R%d", rK)
	f.op("BEQ %s", name("tapped"))
	f.mark(name("by1"))
	for r := range h {
		f.op("FMOVS.P 4(R%d), %s", rRow+r, a(r).f())
	}
	step(0)
	f.op("SUBS $1, R%d", rK)
	f.op("BNE %s", name("by1"))
	f.mark(name("tapped"))
	f.op("SUB $1, R%d", rTaps)
	f.op("CBNZ R%d, %s", rTaps, name("tap"))

	const x, y, z = vec(24), vec(25), vec(26)
	f.op("CBZ R%d, %s", rShift, name("shifted"))
	f.op("CBZ R%d, %s", rScale, name("bias"))
	for v := range 4 {
		f.op("FMOVQ %d(R%d), %s", 16*v, rScale, x.f())
		f.op("FMOVQ %d(R%d), %s", 16*v, rShift, y.f())
		for r := range h {
			f.mov(z, y)
			f.fmla(z, acc(r, v), x)
			f.mov(acc(r, v), z)
		}
	}
	f.op("B %s", name("shifted"))
	f.mark(name("bias"))
	for v := range 4 {
		f.op("FMOVQ %d(R%d), %s", 16*v, rShift, y.f())
		for r := range h {
			f.fadd(acc(r, v), acc(r, v), y)
		}
	}

	f.mark(name("shifted"))
	arg(argResidual, rT)
	f.op("CBZ R%d, %s", rT, name("added"))
	locate("residual", argResidual, argResidualStride, true)
	for r := range h {
		f.op("VLD1 (R%d), [%s, %s, %s, %s]", rAt, vec(24).s4(), vec(25).s4(), vec(26).s4(), vec(27).s4())
		for v := range 4 {
			f.fadd(acc(r, v), acc(r, v), vec(24+v))
		}
		if r < h-1 {
			f.op("ADD R%d, R%d", rStep, rAt)
		}
	}

	f.mark(name("added"))
	arg(argReLU, rT)
	f.op("CBZ R%d, %s", rT, name("finished"))
	f.zero(x)
	for r := range h {
		for v := range 4 {
			m := y + vec(v)
			f.fcmgt(m, x, acc(r, v))
			f.bit(acc(r, v), x, m)
		}
	}

	f.mark(name("finished"))
	locate("store", argC, argCStride, false)
	for r := range h {
		f.op("VST1 [%s, %s, %s, %s], (R%d)", acc(r, 0).s4(), acc(r, 1).s4(), acc(r, 2).s4(), acc(r, 3).s4(), rAt)
		if r < h-1 {
			f.op("ADD R%d, R%d", rStep, rAt)
		}
	}
	f.op("CBZ R%d, %s", rColumns, name("next"))
	arg(argC, rAt)
	arg(argCStride, rStep)
	copyRows(f, h, false)

	f.mark(name("next"))
	for _, p := range [][2]int{{argC, argCStride}, {argResidual, argResidualStride}} {
		arg(p[0], rAt)
		arg(p[1], rStep)
		f.op("MOVD $%d, R%d", h, rT)
		f.op("MADD R%d, R%d, R%d, R%d", rT, rAt, rStep, rAt)
		f.op("MOVD R%d, %d(R%d)", rAt, p[0], rArgs)
	}
	f.op("SUB $1, R%d", rTiles)
	f.op("CBNZ R%d, %s", rTiles, name("tile"))
	f.op("MOVD R%d, %d(R%d)", rOff, argOff, rArgs)
	f.op("RET")
}
