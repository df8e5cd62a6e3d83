package simd

// The transforms of the gradient of a filter are those of winograd_transforms.go,
// transposed. The transform of the input is the same.

// winoGrad2 is A of F(2×2), with the sign of its last row left to winoWeights2.
func winoGrad2(y0, y1 float32) (m0, m1, m2, m3 float32) {
	return y0, y0 + y1, y0 - y1, y1
}

// winoWeights2 is Gᵀ of F(2×2), with the last column negative.
func winoWeights2(m0, m1, m2, m3 float32) (g0, g1, g2 float32) {
	h := float32(0.5 * (m1 + m2))
	return m0 + h, float32(0.5 * (m1 - m2)), h - m3
}

// winoGrad4 is A of F(4×4): the rows of ±a and of ±b share their even and odd parts.
func winoGrad4(y0, y1, y2, y3 float32) (m0, m1, m2, m3, m4, m5 float32) {
	e, o := FMA32(winoA2, y2, y0), FMA32(winoA2, y3, y1)
	m1, m2 = FMA32(winoA, o, e), FMA32(-winoA, o, e)
	e, o = FMA32(winoB2, y2, y0), FMA32(winoB2, y3, y1)
	m3, m4 = FMA32(winoB, o, e), FMA32(-winoB, o, e)
	return y0, m1, m2, m3, m4, y3
}

// winoWeights4 is Gᵀ of F(4×4).
func winoWeights4(m0, m1, m2, m3, m4, m5 float32) (g0, g1, g2 float32) {
	sa, da, sb, db := m1+m2, m1-m2, m3+m4, m3-m4
	g0 = FMA32(winoGB, sb, FMA32(winoGA, sa, float32(winoG0*m0)))
	g1 = FMA32(winoGB1, db, float32(winoGA1*da))
	g2 = FMA32(winoGB2, sb, FMA32(winoGA2, sa, m5))
	return
}

// winogradGrad2Go transforms one 2×2 square of n <= 1024 channels:
//
//	dst[(4i+j)*plane + c/width*panel + c%width] = (A·d·Aᵀ)[i, j],   d[i, j] = src[off[2i+j]+c], and +0 where off < 0
//
// where width, a multiple of 16 and a power of two, is that of the panels of the
// products' second factor.
func winogradGrad2Go(dst []float32, plane, width, panel int, src []float32, off []int32, n int) {
	for c := range n {
		var t [4][2]float32
		for j := range 2 {
			t[0][j], t[1][j], t[2][j], t[3][j] = winoGrad2(winoAt(src, off[j], c), winoAt(src, off[2+j], c))
		}
		at := c/width*panel + c%width
		for i := range t {
			dst[at], dst[at+plane], dst[at+2*plane], dst[at+3*plane] = winoGrad2(t[i][0], t[i][1])
			at += 4 * plane
		}
	}
}

// winogradGrad4Go is winogradGrad2Go for a 4×4 square: planes 6i+j.
func winogradGrad4Go(dst []float32, plane, width, panel int, src []float32, off []int32, n int) {
	for c := range n {
		var t [6][4]float32
		for j := range 4 {
			t[0][j], t[1][j], t[2][j], t[3][j], t[4][j], t[5][j] = winoGrad4(
				winoAt(src, off[j], c), winoAt(src, off[4+j], c), winoAt(src, off[8+j], c), winoAt(src, off[12+j], c))
		}
		at := c/width*panel + c%width
		for i := range t {
			r := &t[i]
			dst[at], dst[at+plane], dst[at+2*plane], dst[at+3*plane], dst[at+4*plane], dst[at+5*plane] =
				winoGrad4(r[0], r[1], r[2], r[3])
			at += 6 * plane
		}
	}
}

// winogradWeights2Go transforms rows × n sums m[i, j] = src[(4i+j)*plane+r*lds+c]
// back to filters:
//
//	v = (Gᵀ·m·G)[i, j]
//	dst[(3i+j)*tap+r*ldd+c] = load != 0 ? dst[(3i+j)*tap+r*ldd+c] + v : v
func winogradWeights2Go(dst []float32, tap, ldd int, src []float32, plane, lds, rows, n, load int) {
	for r := range rows {
		for c := range n {
			var t [3][4]float32
			from := r*lds + c
			for j := range 4 {
				t[0][j], t[1][j], t[2][j] = winoWeights2(src[from+j*plane], src[from+(4+j)*plane], src[from+(8+j)*plane], src[from+(12+j)*plane])
			}
			for i := range t {
				var g [3]float32
				g[0], g[1], g[2] = winoWeights2(t[i][0], t[i][1], t[i][2], t[i][3])
				winoStore(dst[3*i*tap+r*ldd+c:], tap, g, load)
			}
		}
	}
}

// winogradWeights4Go is winogradWeights2Go for F(4×4): planes 6i+j.
func winogradWeights4Go(dst []float32, tap, ldd int, src []float32, plane, lds, rows, n, load int) {
	for r := range rows {
		for c := range n {
			var t [3][6]float32
			from := r*lds + c
			for j := range 6 {
				t[0][j], t[1][j], t[2][j] = winoWeights4(src[from+j*plane], src[from+(6+j)*plane], src[from+(12+j)*plane],
					src[from+(18+j)*plane], src[from+(24+j)*plane], src[from+(30+j)*plane])
			}
			for i := range t {
				var g [3]float32
				g[0], g[1], g[2] = winoWeights4(t[i][0], t[i][1], t[i][2], t[i][3], t[i][4], t[i][5])
				winoStore(dst[3*i*tap+r*ldd+c:], tap, g, load)
			}
		}
	}
}

// winoStore stores a row of a filter, or adds it to what is there.
func winoStore(dst []float32, tap int, g [3]float32, load int) {
	for j, v := range g {
		if load != 0 {
			v = dst[j*tap] + v
		}
		dst[j*tap] = v
	}
}
