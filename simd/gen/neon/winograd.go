package main

// The constants of winograd_transforms.go in package simd.
const (
	winoA  = 5. / 8
	winoB  = 3. / 2
	winoA2 = winoA * winoA
	winoB2 = winoB * winoB
	winoGA = 1 / (2 * winoA2 * (winoA2 - winoB2))
	winoGB = 1 / (2 * winoB2 * (winoB2 - winoA2))
)

// wino writes the transforms of one size of tile. A transform along one dimension
// takes V0 and on, which it uses up, and hands each result on at once. V24 and on
// hold constants.
type wino struct {
	*file
	tile, alpha int
	lanes       int // channels at a time: 4, or 1 in what is left of them
	c           map[string]vec

	input, out, filter func(put func(i int, v vec))
	grad, weights      func(put func(i int, v vec)) // of the gradient of the filter
}

// Registers that all three kernels use alike.
const (
	wTmp    = 6
	wOffset = 9 // of the channel in hand, in bytes
	wPlane  = 1 // bytes from one plane to the next
	wPlane1 = 18
	wRow    = 24 // alpha planes; R19 to R23 hold 1 to 5 of them
)

func winogradKernels(f *file) {
	for _, tile := range []int{2, 4} {
		w := &wino{file: f, tile: tile, alpha: tile + 2}
		w.input, w.out, w.filter = w.input2, w.output2, w.filter2
		w.grad, w.weights = w.grad2, w.weights2
		if tile == 4 {
			w.input, w.out, w.filter = w.input4, w.output4, w.filter4
			w.grad, w.weights = w.grad4, w.weights4
		}
		name := string(rune('0' + tile))
		w.writeInput("winogradInput" + name + "NEON")
		w.writeFilter("winogradFilter" + name + "NEON")
		w.writeOutput("winogradOutput" + name + "NEON")
		w.writeGrad("winogradGrad" + name + "NEON")
		w.writeWeights("winogradWeights" + name + "NEON")
		f.frame = 0
	}
}

// constants sets registers from V24 on.
func (w *wino) constants(values ...constant) {
	w.c = map[string]vec{}
	for i, c := range values {
		w.c[c.name] = vec(24 + i)
		w.dup(vec(24+i), c.bits)
	}
}

func (w *wino) input2(put func(int, vec)) {
	w.fsub(6, 0, 2)
	put(0, 6)
	w.fadd(7, 1, 2)
	put(1, 7)
	w.fsub(8, 2, 1)
	put(2, 8)
	w.fsub(9, 1, 3)
	put(3, 9)
}

func (w *wino) output2(put func(int, vec)) {
	w.fadd(6, 0, 1)
	w.fadd(6, 6, 2)
	put(0, 6)
	w.fsub(7, 1, 2)
	w.fsub(7, 7, 3)
	put(1, 7)
}

func (w *wino) filter2(put func(int, vec)) {
	half := w.c["half"]
	w.fadd(6, 0, 2)
	w.fmul(6, 6, half)
	w.mov(7, 6)
	w.fmla(7, 1, half)
	w.fmls(6, 1, half)
	put(0, 0)
	put(1, 7)
	put(2, 6)
	put(3, 2)
}

func (w *wino) input4(put func(int, vec)) {
	c := w.c
	w.mov(6, 4)
	w.fmls(6, 2, c["S"])
	w.fmla(6, 0, c["P"])
	put(0, 6)
	w.fmls(5, 3, c["S"])
	w.fmla(5, 1, c["P"])
	put(5, 5)
	w.mov(8, 4)
	w.fmls(8, 2, c["B2"])
	w.mov(9, 3)
	w.fmls(9, 1, c["B2"])
	w.mov(10, 8)
	w.fmla(10, 9, c["A"])
	put(1, 10)
	w.fmls(8, 9, c["A"])
	put(2, 8)
	w.fmls(4, 2, c["A2"])
	w.fmls(3, 1, c["A2"])
	w.mov(11, 4)
	w.fmla(11, 3, c["B"])
	put(3, 11)
	w.fmls(4, 3, c["B"])
	put(4, 4)
}

func (w *wino) output4(put func(int, vec)) {
	c := w.c
	const sa, da, sb, db = 6, 7, 8, 9
	w.fadd(sa, 1, 2)
	w.fsub(da, 1, 2)
	w.fadd(sb, 3, 4)
	w.fsub(db, 3, 4)
	w.fadd(0, 0, sa)
	w.fadd(0, 0, sb)
	put(0, 0)
	w.fmul(10, da, c["A"])
	w.fmla(10, db, c["B"])
	put(1, 10)
	w.fmul(11, sa, c["A2"])
	w.fmla(11, sb, c["B2"])
	put(2, 11)
	w.fmla(5, da, c["A3"])
	w.fmla(5, db, c["B3"])
	put(3, 5)
}

func (w *wino) filter4(put func(int, vec)) {
	c := w.c
	w.fmul(3, 0, c["G0"])
	put(0, 3)
	for i, p := range []string{"GA", "GB"} {
		e, t := vec(4+2*i), vec(5+2*i)
		w.fmul(e, 0, c[p])
		w.fmla(e, 2, c[p+"2"])
		w.mov(t, e)
		w.fmla(t, 1, c[p+"1"])
		put(1+2*i, t)
		w.fmls(e, 1, c[p+"1"])
		put(2+2*i, e)
	}
	put(5, 2)
}

func (w *wino) load(v vec, offset, base int) {
	if w.lanes == 4 {
		w.op("FMOVQ %d(R%d), %s", offset, base, v.f())
	} else {
		w.op("FMOVS %d(R%d), %s", offset, base, v.f())
	}
}

func (w *wino) store(v vec, offset, base int) {
	if w.lanes == 4 {
		w.op("FMOVQ %s, %d(R%d)", v.f(), offset, base)
	} else {
		w.op("FMOVS %s, %d(R%d)", v.f(), offset, base)
	}
}

// locals points R6 at room for n vectors and, behind it, R5 at pointers; all of it is the frame.
func (w *wino) locals(n, pointers int) {
	w.op("MOVD $frame-%d(SP), R%d", w.frame, wTmp)
	if pointers > 0 {
		w.op("ADD $%d, R%d, R5", 16*n, wTmp)
	}
}

// multiples sets R19 to R23 and R24 from the plane in bytes.
func (w *wino) multiples() {
	w.op("LSL $2, R%d, R%d", wPlane, wPlane)
	w.op("MOVD R%d, R%d", wPlane, wPlane1+1)
	for i := 2; i < w.alpha; i++ {
		w.op("ADD R%d, R%d, R%d", wPlane, wPlane1+i-1, wPlane1+i)
	}
	w.op("ADD R%d, R%d, R%d", wPlane, wPlane1+w.alpha-1, wRow)
}

// channels runs body by 4 of the channels that register n counts, and then by one.
func (w *wino) channels(n int, body func()) {
	wide, narrow, done := w.label("wide"), w.label("narrow"), w.label("channels")
	w.op("MOVD $0, R%d", wOffset)
	w.mark(wide)
	w.op("CMP $4, R%d", n)
	w.op("BLT %s", narrow)
	w.lanes = 4
	body()
	w.op("ADD $16, R%d", wOffset)
	w.op("SUB $4, R%d", n)
	w.op("B %s", wide)
	w.mark(narrow)
	w.op("CBZ R%d, %s", n, done)
	w.lanes = 1
	body()
	w.op("ADD $4, R%d", wOffset)
	w.op("SUB $1, R%d", n)
	w.op("B %s", narrow)
	w.mark(done)
}

// toPlanes transforms the rows of what lies at R6, of cols vectors each, and stores
// them to the planes from R16 on.
func (w *wino) toPlanes(cols int, transform func(func(int, vec))) {
	for i := range w.alpha {
		for j := range cols {
			w.load(vec(j), 16*(i*cols+j), wTmp)
		}
		transform(func(j int, v vec) {
			if j == 0 {
				w.store(v, 0, 16)
				return
			}
			w.op("ADD R%d, R16, R17", wPlane1+j)
			w.store(v, 0, 17)
		})
		w.op("ADD R%d, R16", wRow)
	}
}

func (w *wino) writeInput(name string) {
	cells := w.alpha * w.alpha
	w.frame = cells * (16 + 8)
	w.fn(name, "dst []float32, plane int, src []float32, off []int32, n int", "", `
`+name+` transforms the patch d[i, j] = src[off[α·i+j]+c], +0 where off < 0, of n
channels: dst[(α·i+j)*plane+c] = (Bᵀ·d·B)[i, j].`)
	const dst, src, off, n, zeros = 0, 2, 3, 4, 7
	w.op("MOVD %s, R%d", w.fp("dst"), dst)
	w.op("MOVD %s, R%d", w.fp("plane"), wPlane)
	w.op("MOVD %s, R%d", w.fp("src"), src)
	w.op("MOVD %s, R%d", w.fp("off"), off)
	w.op("MOVD %s, R%d", w.fp("n"), n)
	w.op("MOVD $·winogradZeros(SB), R%d", zeros)
	w.locals(cells, cells)
	w.multiples()
	for k := range cells {
		w.op("MOVW %d(R%d), R10", 4*k, off)
		w.op("ADD R10<<2, R%d, R11", src)
		w.op("CMP $0, R10")
		w.op("CSEL LT, R%d, R11, R11", zeros)
		w.op("MOVD R11, %d(R5)", 8*k)
	}
	if w.tile == 4 {
		w.constants(float("A", winoA), float("B", winoB), float("A2", winoA2), float("B2", winoB2),
			float("P", winoA2*winoB2), float("S", winoA2+winoB2))
	}
	w.channels(n, func() {
		for j := range w.alpha {
			for i := range w.alpha {
				w.op("MOVD %d(R5), R10", 8*(i*w.alpha+j))
				w.op("ADD R%d, R10", wOffset)
				w.load(vec(i), 0, 10)
			}
			w.input(func(i int, v vec) { w.store(v, 16*(i*w.alpha+j), wTmp) })
		}
		w.op("ADD R%d, R%d, R16", wOffset, dst)
		w.toPlanes(w.alpha, w.input)
	})
	w.op("RET")
}

// filterConstants are those of G, and of its transpose.
func filterConstants() []constant {
	return []constant{float("G0", 1/(winoA2*winoB2)),
		float("GA", winoGA), float("GA1", winoGA*winoA), float("GA2", winoGA*winoA2),
		float("GB", winoGB), float("GB1", winoGB*winoB), float("GB2", winoGB*winoB2)}
}

func (w *wino) writeFilter(name string) {
	w.frame = 3 * w.alpha * 16
	w.fn(name, "dst []float32, plane, ldd int, src []float32, tap, lds, rows, n int", "", `
`+name+` transforms rows × n filters g[i, j] = src[(3*i+j)*tap+r*lds+c]:
dst[(α·i+j)*plane+r*ldd+c] = (G·g·Gᵀ)[i, j].`)
	const dst, ldd, src, tap, lds, rows, n, left, tap3 = 0, 2, 3, 4, 5, 10, 11, 12, 25
	for _, p := range []struct {
		name string
		reg  int
	}{{"dst", dst}, {"plane", wPlane}, {"ldd", ldd}, {"src", src}, {"tap", tap}, {"lds", lds}, {"rows", rows}, {"n", n}} {
		w.op("MOVD %s, R%d", w.fp(p.name), p.reg)
	}
	for _, r := range []int{ldd, tap, lds} {
		w.op("LSL $2, R%d, R%d", r, r)
	}
	w.op("ADD R%d<<1, R%d, R%d", tap, tap, tap3)
	w.locals(3*w.alpha, 0)
	w.multiples()
	if w.tile == 4 {
		w.constants(filterConstants()...)
	} else {
		w.constants(float("half", 0.5))
	}
	row, done := w.label("row"), w.label("done")
	w.mark(row)
	w.op("CBZ R%d, %s", rows, done)
	w.op("MOVD R%d, R%d", n, left)
	w.channels(left, func() {
		w.op("ADD R%d, R%d, R13", wOffset, src)
		for j := range 3 {
			w.op("MOVD R13, R14")
			for i := range 3 {
				w.load(vec(i), 0, 14)
				w.op("ADD R%d, R14", tap3)
			}
			w.filter(func(i int, v vec) { w.store(v, 16*(i*3+j), wTmp) })
			w.op("ADD R%d, R13", tap)
		}
		w.op("ADD R%d, R%d, R16", wOffset, dst)
		w.toPlanes(3, w.filter)
	})
	w.op("ADD R%d, R%d", ldd, dst)
	w.op("ADD R%d, R%d", lds, src)
	w.op("SUB $1, R%d", rows)
	w.op("B %s", row)
	w.mark(done)
	w.op("RET")
}

// The fields of simd's winogradOutput, by their offsets.
const (
	outSrc, outPlane, outDst, outRow, outCol = 0, 24, 32, 56, 64
	outRows, outCols, outN, outLoad          = 72, 80, 88, 96
	outScale, outShift, outResidual          = 104, 128, 152
	outResRow, outResCol, outReLU            = 176, 184, 192
)

func (w *wino) writeOutput(name string) {
	w.frame = w.tile * w.alpha * 16
	w.fn(name, "o *winogradOutput", "", name+" does what winogradOutput says.")
	const (
		o, relu, n, at, src, dst, res, col, resCol = 0, 3, 4, 5, 7, 12, 13, 14, 15

		row, resRow             = 16, 17
		rows, cols, start       = 19, 20, 21
		scale, shift, dst0, to0 = 22, 23, 25, 11
		res0                    = 26
	)
	w.op("MOVD %s, R%d", w.fp("o"), o)
	for _, p := range []struct{ field, reg int }{
		{outSrc, src}, {outPlane, wPlane}, {outDst, dst0}, {outRow, row}, {outCol, col}, {outRows, rows}, {outCols, cols},
		{outN, n}, {outLoad, start}, {outScale, scale}, {outShift, shift}, {outResidual, res0},
		{outResRow, resRow}, {outResCol, resCol}, {outReLU, relu},
	} {
		w.op("MOVD %d(R%d), R%d", p.field, o, p.reg)
	}
	for _, r := range []int{wPlane, row, col, resRow, resCol} {
		w.op("LSL $2, R%d, R%d", r, r)
	}
	w.op("MOVD $%d, R10", w.alpha)
	w.op("MUL R10, R%d, R%d", wPlane, wRow)
	w.locals(w.tile*w.alpha, 0)
	if w.tile == 4 {
		w.constants(float("A", winoA), float("B", winoB), float("A2", winoA2), float("B2", winoB2),
			float("A3", winoA2*winoA), float("B3", winoB2*winoB))
	}
	const b, s, t, zero = vec(16), vec(17), vec(18), vec(19)
	w.zero(zero)
	// across runs body for each column that exists, with its place in R5.
	across := func(from, step int, end string, body func(j int)) {
		w.op("MOVD R%d, R%d", from, at)
		for j := range w.tile {
			if j > 0 {
				w.op("CMP $%d, R%d", j, cols)
				w.op("BLE %s", end)
				w.op("ADD R%d, R%d", step, at)
			}
			body(j)
		}
	}
	w.channels(n, func() {
		w.op("ADD R%d, R%d, R10", wOffset, src)
		for j := range w.alpha {
			w.op("MOVD R10, R%d", to0)
			for i := range w.alpha {
				w.load(vec(i), 0, to0)
				w.op("ADD R%d, R%d", wRow, to0)
			}
			w.out(func(i int, v vec) { w.store(v, 16*(i*w.alpha+j), wTmp) })
			w.op("ADD R%d, R10", wPlane)
		}
		w.op("ADD R%d, R%d, R%d", wOffset, dst0, dst)
		w.op("ADD R%d, R%d, R%d", wOffset, res0, res)
		end := w.label("tile")
		for i := range w.tile {
			if i > 0 {
				w.op("CMP $%d, R%d", i, rows)
				w.op("BLE %s", end)
				w.op("ADD R%d, R%d", row, dst)
				w.op("ADD R%d, R%d", resRow, res)
			}
			for j := range w.alpha {
				w.load(vec(j), 16*(i*w.alpha+j), wTmp)
			}
			y := make([]vec, w.tile)
			w.out(func(j int, v vec) { y[j] = v })

			toShift, toBias, toResidual := w.label("shift"), w.label("bias"), w.label("residual")
			toReLU, toStore, stored := w.label("relu"), w.label("store"), w.label("stored")
			w.op("CBZ R%d, %s", start, toShift)
			across(dst, col, toShift, func(j int) {
				w.load(t, 0, at)
				w.fadd(y[j], t, y[j])
			})
			w.mark(toShift)
			w.op("CBZ R%d, %s", shift, toResidual)
			w.op("ADD R%d, R%d, R%d", wOffset, shift, at)
			w.load(b, 0, at)
			w.op("CBZ R%d, %s", scale, toBias)
			w.op("ADD R%d, R%d, R%d", wOffset, scale, at)
			w.load(s, 0, at)
			for _, v := range y {
				w.mov(t, b)
				w.fmla(t, v, s)
				w.mov(v, t)
			}
			w.op("B %s", toResidual)
			w.mark(toBias)
			for _, v := range y {
				w.fadd(v, v, b)
			}
			w.mark(toResidual)
			w.op("CBZ R%d, %s", res0, toReLU)
			across(res, resCol, toReLU, func(j int) {
				w.load(t, 0, at)
				w.fadd(y[j], y[j], t)
			})
			w.mark(toReLU)
			w.op("CBZ R%d, %s", relu, toStore)
			for _, v := range y {
				w.fcmgt(t, zero, v)
				w.bsl(t, zero, v)
				w.mov(v, t)
			}
			w.mark(toStore)
			across(dst, col, stored, func(j int) { w.store(y[j], 0, at) })
			w.mark(stored)
		}
		w.mark(end)
	})
	w.op("RET")
}
