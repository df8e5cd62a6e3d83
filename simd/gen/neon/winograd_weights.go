package main

// The transforms of winograd_weights_transforms.go in package simd.

func (w *wino) grad2(put func(int, vec)) {
	w.fadd(6, 0, 1)
	w.fsub(7, 0, 1)
	put(0, 0)
	put(1, 6)
	put(2, 7)
	put(3, 1)
}

func (w *wino) grad4(put func(int, vec)) {
	put(0, 0)
	put(5, 3)
	for i, p := range []string{"A", "B"} {
		e, o, t := vec(4+3*i), vec(5+3*i), vec(6+3*i)
		w.mov(e, 0)
		w.fmla(e, 2, w.c[p+"2"])
		w.mov(o, 1)
		w.fmla(o, 3, w.c[p+"2"])
		w.mov(t, e)
		w.fmla(t, o, w.c[p])
		put(1+2*i, t)
		w.fmls(e, o, w.c[p])
		put(2+2*i, e)
	}
}

func (w *wino) weights2(put func(int, vec)) {
	half := w.c["half"]
	w.fadd(6, 1, 2)
	w.fmul(6, 6, half)
	w.fadd(7, 0, 6)
	put(0, 7)
	w.fsub(8, 1, 2)
	w.fmul(8, 8, half)
	put(1, 8)
	w.fsub(9, 6, 3)
	put(2, 9)
}

func (w *wino) weights4(put func(int, vec)) {
	c := w.c
	const sa, da, sb, db = 6, 7, 8, 9
	w.fadd(sa, 1, 2)
	w.fsub(da, 1, 2)
	w.fadd(sb, 3, 4)
	w.fsub(db, 3, 4)
	w.fmul(10, 0, c["G0"])
	w.fmla(10, sa, c["GA"])
	w.fmla(10, sb, c["GB"])
	put(0, 10)
	w.fmul(11, da, c["GA1"])
	w.fmla(11, db, c["GB1"])
	put(1, 11)
	w.fmla(5, sa, c["GA2"])
	w.fmla(5, sb, c["GB2"])
	put(2, 5)
}

func (w *wino) writeGrad(name string) {
	cells, vectors := w.tile*w.tile, w.alpha*w.tile
	w.frame = 16*vectors + 8*cells
	w.fn(name, "dst []float32, plane, width, panel int, src []float32, off []int32, n int", "", `
`+name+` transforms the square d[i, j] = src[off[m·i+j]+c], +0 where off < 0, of n
channels: dst[(α·i+j)*plane+c/width*panel+c%width] = (A·d·Aᵀ)[i, j].`)
	const dst, src, off, n, zeros, inPanel, skip = 0, 2, 3, 4, 7, 13, 12
	for _, p := range []struct {
		name string
		reg  int
	}{{"dst", dst}, {"plane", wPlane}, {"width", inPanel}, {"panel", skip}, {"src", src}, {"off", off}, {"n", n}} {
		w.op("MOVD %s, R%d", w.fp(p.name), p.reg)
	}
	w.op("SUB R%d, R%d", inPanel, skip)
	w.op("LSL $2, R%d, R%d", skip, skip)
	w.op("LSL $2, R%d, R%d", inPanel, inPanel)
	w.op("SUB $1, R%d", inPanel) // selects the byte within a panel
	w.op("MOVD $·winogradZeros(SB), R%d", zeros)
	w.locals(vectors, cells)
	w.multiples()
	for k := range cells {
		w.op("MOVW %d(R%d), R10", 4*k, off)
		w.op("ADD R10<<2, R%d, R11", src)
		w.op("CMP $0, R10")
		w.op("CSEL LT, R%d, R11, R11", zeros)
		w.op("MOVD R11, %d(R5)", 8*k)
	}
	if w.tile == 4 {
		w.constants(float("A", winoA), float("B", winoB), float("A2", winoA2), float("B2", winoB2))
	}
	w.channels(n, func() {
		for j := range w.tile {
			for i := range w.tile {
				w.op("MOVD %d(R5), R10", 8*(i*w.tile+j))
				w.op("ADD R%d, R10", wOffset)
				w.load(vec(i), 0, 10)
			}
			w.grad(func(i int, v vec) { w.store(v, 16*(i*w.tile+j), wTmp) })
		}
		w.op("ADD R%d, R%d, R16", wOffset, dst)
		w.toPlanes(w.tile, w.grad)
		if w.lanes == 4 {
			same := w.label("samePanel")
			w.op("ADD $16, R%d, R10", wOffset)
			w.op("TST R%d, R10", inPanel)
			w.op("BNE %s", same)
			w.op("ADD R%d, R%d", skip, dst)
			w.mark(same)
		}
	})
	w.op("RET")
}

func (w *wino) writeWeights(name string) {
	w.frame = 3 * w.alpha * 16
	w.fn(name, "dst []float32, tap, ldd int, src []float32, plane, lds, rows, n, load int", "", `
`+name+` transforms rows × n sums m[i, j] = src[(α·i+j)*plane+r*lds+c] to
v = (Gᵀ·m·G)[i, j]: dst[(3*i+j)*tap+r*ldd+c] = load != 0 ? dst[(3*i+j)*tap+r*ldd+c] + v : v.`)
	const dst, ldd, src, tap, lds, load, rows, n, left, tap3 = 0, 2, 3, 4, 5, 7, 10, 11, 12, 25
	for _, p := range []struct {
		name string
		reg  int
	}{{"dst", dst}, {"tap", tap}, {"ldd", ldd}, {"src", src}, {"plane", wPlane}, {"lds", lds}, {"rows", rows}, {"n", n}, {"load", load}} {
		w.op("MOVD %s, R%d", w.fp(p.name), p.reg)
	}
	for _, r := range []int{wPlane, ldd, tap, lds} {
		w.op("LSL $2, R%d, R%d", r, r)
	}
	w.op("ADD R%d<<1, R%d, R%d", tap, tap, tap3)
	w.op("MOVD $%d, R13", w.alpha)
	w.op("MUL R13, R%d, R%d", wPlane, wRow)
	w.locals(3*w.alpha, 0)
	if w.tile == 4 {
		w.constants(filterConstants()...)
	} else {
		w.constants(float("half", 0.5))
	}
	const was = vec(18)
	row, done := w.label("row"), w.label("done")
	w.mark(row)
	w.op("CBZ R%d, %s", rows, done)
	w.op("MOVD R%d, R%d", n, left)
	w.channels(left, func() {
		w.op("ADD R%d, R%d, R13", wOffset, src)
		for j := range w.alpha {
			w.op("MOVD R13, R14")
			for i := range w.alpha {
				w.load(vec(i), 0, 14)
				w.op("ADD R%d, R14", wRow)
			}
			w.weights(func(i int, v vec) { w.store(v, 16*(i*w.alpha+j), wTmp) })
			w.op("ADD R%d, R13", wPlane)
		}
		w.op("ADD R%d, R%d, R15", wOffset, dst)
		for i := range 3 {
			for j := range w.alpha {
				w.load(vec(j), 16*(i*w.alpha+j), wTmp)
			}
			g := make([]vec, 3)
			w.weights(func(j int, v vec) { g[j] = v })
			store := w.label("store")
			w.op("CBZ R%d, %s", load, store)
			w.op("MOVD R15, R16")
			for j := range g {
				w.load(was, 0, 16)
				w.fadd(g[j], was, g[j])
				w.op("ADD R%d, R16", tap)
			}
			w.mark(store)
			w.op("MOVD R15, R16")
			for j := range g {
				w.store(g[j], 0, 16)
				w.op("ADD R%d, R16", tap)
			}
			w.op("ADD R%d, R15", tap3)
		}
	})
	w.op("ADD R%d, R%d", ldd, dst)
	w.op("ADD R%d, R%d", lds, src)
	w.op("SUB $1, R%d", rows)
	w.op("B %s", row)
	w.mark(done)
	w.op("RET")
}
