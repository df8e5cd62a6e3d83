package main

// transposeKernel goes down the source by bands of four rows, and along a band by
// blocks of four columns; what is left of either goes one element at a time.
func transposeKernel(f *file) {
	const (
		dst, ldd, src, lds, rows, cols = 0, 1, 2, 3, 4, 5
		row                            = 6 // and on, the four rows of a band
		to, left                       = 10, 11
	)
	f.fn("transposeNEON", "dst []float32, ldd int, src []float32, lds, rows, cols int", "",
		"transposeNEON sets dst[j*ldd+i] = src[i*lds+j] for i < rows, j < cols.")
	for r, name := range []string{"dst", "ldd", "src", "lds", "rows", "cols"} {
		f.op("MOVD %s, R%d", f.fp(name), r)
	}
	f.op("LSL $2, R%d, R%d", ldd, ldd)
	f.op("LSL $2, R%d, R%d", lds, lds)

	f.mark("band")
	f.op("CMP $4, R%d", rows)
	f.op("BLT single")
	f.op("MOVD R%d, R%d", src, row)
	for r := range 3 {
		f.op("ADD R%d, R%d, R%d", lds, row+r, row+r+1)
	}
	f.op("MOVD R%d, R%d", dst, to)
	f.op("MOVD R%d, R%d", cols, left)
	f.mark("block")
	f.op("CMP $4, R%d", left)
	f.op("BLT column")
	for r := range vec(4) {
		f.op("FMOVQ.P 16(R%d), %s", row+int(r), r.f())
	}
	f.trn(1, "S4", 4, 0, 1)
	f.trn(2, "S4", 5, 0, 1)
	f.trn(1, "S4", 6, 2, 3)
	f.trn(2, "S4", 7, 2, 3)
	f.trn(1, "D2", 0, 4, 6)
	f.trn(1, "D2", 1, 5, 7)
	f.trn(2, "D2", 2, 4, 6)
	f.trn(2, "D2", 3, 5, 7)
	for c := range vec(4) {
		f.op("FMOVQ %s, (R%d)", c.f(), to)
		f.op("ADD R%d, R%d", ldd, to)
	}
	f.op("SUB $4, R%d", left)
	f.op("B block")

	f.mark("column")
	f.op("CBZ R%d, banded", left)
	for r := range vec(4) {
		f.op("FMOVS.P 4(R%d), %s", row+int(r), r.f())
		f.op("FMOVS %s, %d(R%d)", r.f(), 4*r, to)
	}
	f.op("ADD R%d, R%d", ldd, to)
	f.op("SUB $1, R%d", left)
	f.op("B column")
	f.mark("banded")
	f.op("ADD R%d<<2, R%d", lds, src)
	f.op("ADD $16, R%d", dst)
	f.op("SUB $4, R%d", rows)
	f.op("B band")

	f.mark("single")
	f.op("CBZ R%d, done", rows)
	f.op("MOVD R%d, R%d", src, row)
	f.op("MOVD R%d, R%d", dst, to)
	f.op("MOVD R%d, R%d", cols, left)
	f.mark("element")
	f.op("CBZ R%d, rowed", left)
	f.op("FMOVS.P 4(R%d), F0", row)
	f.op("FMOVS F0, (R%d)", to)
	f.op("ADD R%d, R%d", ldd, to)
	f.op("SUB $1, R%d", left)
	f.op("B element")
	f.mark("rowed")
	f.op("ADD R%d, R%d", lds, src)
	f.op("ADD $4, R%d", dst)
	f.op("SUB $1, R%d", rows)
	f.op("B single")
	f.mark("done")
	f.op("RET")
}
