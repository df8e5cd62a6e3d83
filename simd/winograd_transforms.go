package simd

// The transforms of Winograd's algorithm along one dimension, and the kernels that
// apply them to both. Lavin and Gray, Fast algorithms for convolutional neural
// networks, 2016, derive them from points of interpolation.
//
// F(2×2, 3×3) takes the points 0, 1, -1, ∞:
//
//	     ⎡1  0 -1  0⎤       ⎡  1    0    0 ⎤
//	Bᵀ = ⎢0  1  1  0⎥   G = ⎢ 1/2  1/2  1/2⎥   Aᵀ = ⎡1 1  1  0⎤
//	     ⎢0 -1  1  0⎥       ⎢ 1/2 -1/2  1/2⎥        ⎣0 1 -1 -1⎦
//	     ⎣0  1  0 -1⎦       ⎣  0    0    1 ⎦
//
// F(4×4, 3×3) takes 0, ±a, ±b, ∞ with a = 5/8 and b = 3/2:
//
//	     ⎡a²b²   0   -a²-b²   0    1  0⎤       ⎡1/a²b²   0    0  ⎤
//	     ⎢ 0   -ab²   -b²     a    1  0⎥       ⎢ 1/p    a/p  a²/p⎥        ⎡1 1   1  1   1  0⎤
//	Bᵀ = ⎢ 0    ab²   -b²    -a    1  0⎥   G = ⎢ 1/p   -a/p  a²/p⎥   Aᵀ = ⎢0 a  -a  b  -b  0⎥
//	     ⎢ 0   -a²b   -a²     b    1  0⎥       ⎢ 1/q    b/q  b²/q⎥        ⎢0 a²  a² b²  b² 0⎥
//	     ⎢ 0    a²b   -a²    -b    1  0⎥       ⎢ 1/q   -b/q  b²/q⎥        ⎣0 a³ -a³ b³ -b³ 1⎦
//	     ⎣ 0   a²b²    0   -a²-b²  0  1⎦       ⎣  0      0    1  ⎦
//
// with p = 2a²(a²-b²) and q = 2b²(b²-a²). Bᵀ and Aᵀ are exact in float32. The usual
// points, ±1 and ±2, save only two of twelve multiplications of the output's transform
// and double the error (README.md has the figures).
const (
	winoA  = 5. / 8
	winoB  = 3. / 2
	winoA2 = winoA * winoA
	winoB2 = winoB * winoB
	winoA3 = winoA2 * winoA
	winoB3 = winoB2 * winoB
	winoP  = winoA2 * winoB2
	winoS  = winoA2 + winoB2

	winoG0 = 1 / winoP // the rows of G: the constants, rounded once
	winoGA = 1 / (2 * winoA2 * (winoA2 - winoB2))
	winoGB = 1 / (2 * winoB2 * (winoB2 - winoA2))

	winoGA1, winoGA2 = winoGA * winoA, winoGA * winoA2
	winoGB1, winoGB2 = winoGB * winoB, winoGB * winoB2
)

// winoMax is the number of planes of the larger transform.
const winoMax = 36

// winogradZeros is the source that assembly reads for a negative offset. Its length
// bounds the channels of one call.
var winogradZeros [1024]float32

// winoIn2 is Bᵀ of F(2×2).
func winoIn2(d0, d1, d2, d3 float32) (v0, v1, v2, v3 float32) {
	return d0 - d2, d1 + d2, d2 - d1, d1 - d3
}

// winoOut2 is Aᵀ of F(2×2).
func winoOut2(m0, m1, m2, m3 float32) (y0, y1 float32) {
	return (m0 + m1) + m2, (m1 - m2) - m3
}

// winoFilter2 is G of F(2×2).
func winoFilter2(g0, g1, g2 float32) (u0, u1, u2, u3 float32) {
	e := float32(0.5 * (g0 + g2))
	return g0, FMA32(0.5, g1, e), FMA32(-0.5, g1, e), g2
}

// winoIn4 is Bᵀ of F(4×4): the rows of ±a and of ±b share their even and odd parts.
func winoIn4(d0, d1, d2, d3, d4, d5 float32) (v0, v1, v2, v3, v4, v5 float32) {
	v0 = FMA32(winoP, d0, FMA32(-winoS, d2, d4))
	v5 = FMA32(winoP, d1, FMA32(-winoS, d3, d5))
	e, o := FMA32(-winoB2, d2, d4), FMA32(-winoB2, d1, d3)
	v1, v2 = FMA32(winoA, o, e), FMA32(-winoA, o, e)
	e, o = FMA32(-winoA2, d2, d4), FMA32(-winoA2, d1, d3)
	v3, v4 = FMA32(winoB, o, e), FMA32(-winoB, o, e)
	return
}

// winoOut4 is Aᵀ of F(4×4).
func winoOut4(m0, m1, m2, m3, m4, m5 float32) (y0, y1, y2, y3 float32) {
	sa, da, sb, db := m1+m2, m1-m2, m3+m4, m3-m4
	y0 = (m0 + sa) + sb
	y1 = FMA32(winoB, db, float32(winoA*da))
	y2 = FMA32(winoB2, sb, float32(winoA2*sa))
	y3 = FMA32(winoB3, db, FMA32(winoA3, da, m5))
	return
}

// winoFilter4 is G of F(4×4).
func winoFilter4(g0, g1, g2 float32) (u0, u1, u2, u3, u4, u5 float32) {
	e := FMA32(winoGA2, g2, float32(winoGA*g0))
	u1, u2 = FMA32(winoGA1, g1, e), FMA32(-winoGA1, g1, e)
	e = FMA32(winoGB2, g2, float32(winoGB*g0))
	u3, u4 = FMA32(winoGB1, g1, e), FMA32(-winoGB1, g1, e)
	return float32(winoG0 * g0), u1, u2, u3, u4, g2
}

// winogradInput2Go transforms one 4×4 patch of n <= 1024 channels:
//
//	dst[(4i+j)*plane+c] = (Bᵀ·d·B)[i, j],   d[i, j] = src[off[4i+j]+c], and +0 where off < 0
//
// first down the columns, then along the rows, as in all transforms here.
func winogradInput2Go(dst []float32, plane int, src []float32, off []int32, n int) {
	for c := range n {
		var t [4][4]float32
		for j := range 4 {
			t[0][j], t[1][j], t[2][j], t[3][j] = winoIn2(
				winoAt(src, off[j], c), winoAt(src, off[4+j], c), winoAt(src, off[8+j], c), winoAt(src, off[12+j], c))
		}
		at := c
		for i := range t {
			r := &t[i]
			dst[at], dst[at+plane], dst[at+2*plane], dst[at+3*plane] = winoIn2(r[0], r[1], r[2], r[3])
			at += 4 * plane
		}
	}
}

// winogradInput4Go is winogradInput2Go for a 6×6 patch.
func winogradInput4Go(dst []float32, plane int, src []float32, off []int32, n int) {
	for c := range n {
		var t [6][6]float32
		for j := range 6 {
			t[0][j], t[1][j], t[2][j], t[3][j], t[4][j], t[5][j] = winoIn4(
				winoAt(src, off[j], c), winoAt(src, off[6+j], c), winoAt(src, off[12+j], c),
				winoAt(src, off[18+j], c), winoAt(src, off[24+j], c), winoAt(src, off[30+j], c))
		}
		at := c
		for i := range t {
			r := &t[i]
			dst[at], dst[at+plane], dst[at+2*plane], dst[at+3*plane], dst[at+4*plane], dst[at+5*plane] =
				winoIn4(r[0], r[1], r[2], r[3], r[4], r[5])
			at += 6 * plane
		}
	}
}

func winoAt(src []float32, off int32, c int) float32 {
	if off < 0 {
		return 0
	}
	return src[int(off)+c]
}

// winogradFilter2Go transforms rows × n filters g[i, j] = src[(3i+j)*tap+r*lds+c]:
//
//	dst[(4i+j)*plane+r*ldd+c] = (G·g·Gᵀ)[i, j]
func winogradFilter2Go(dst []float32, plane, ldd int, src []float32, tap, lds, rows, n int) {
	for r := range rows {
		for c := range n {
			var t [4][3]float32
			from := r*lds + c
			for j := range 3 {
				t[0][j], t[1][j], t[2][j], t[3][j] = winoFilter2(src[from+j*tap], src[from+(3+j)*tap], src[from+(6+j)*tap])
			}
			at := r*ldd + c
			for i := range t {
				dst[at], dst[at+plane], dst[at+2*plane], dst[at+3*plane] = winoFilter2(t[i][0], t[i][1], t[i][2])
				at += 4 * plane
			}
		}
	}
}

// winogradFilter4Go is winogradFilter2Go for F(4×4): planes 6i+j.
func winogradFilter4Go(dst []float32, plane, ldd int, src []float32, tap, lds, rows, n int) {
	for r := range rows {
		for c := range n {
			var t [6][3]float32
			from := r*lds + c
			for j := range 3 {
				t[0][j], t[1][j], t[2][j], t[3][j], t[4][j], t[5][j] = winoFilter4(src[from+j*tap], src[from+(3+j)*tap], src[from+(6+j)*tap])
			}
			at := r*ldd + c
			for i := range t {
				dst[at], dst[at+plane], dst[at+2*plane], dst[at+3*plane], dst[at+4*plane], dst[at+5*plane] =
					winoFilter4(t[i][0], t[i][1], t[i][2])
				at += 6 * plane
			}
		}
	}
}

// winogradOutput is one call of an output transform, of n channels of one tile:
//
//	v = (Aᵀ·m·A)[i, j],   m[i, j] = src[(α·i+j)*plane+c] with α = 4 or 6
//	v = dst[i*row+j*col+c] + v                     where load is not 0
//	v = fma(v, scale[c], shift[c])                 where scale is set
//	v = v + shift[c]                               where shift alone is
//	v = v + residual[i*resRow+j*resCol+c]          where residual is set
//	dst[i*row+j*col+c] = relu != 0 && 0 > v ? 0 : v
//
// for i < rows and j < cols, both at least 1. The assembly reads the fields by
// their offsets.
type winogradOutput struct {
	src            []float32
	plane          int
	dst            []float32
	row, col       int
	rows, cols     int
	n              int
	load           int
	scale, shift   []float32
	residual       []float32
	resRow, resCol int
	relu           int
}

func winogradOutput2Go(o *winogradOutput) {
	for c := range o.n {
		var m [16]float32
		for k := range m {
			m[k] = o.src[k*o.plane+c]
		}
		var t [2][4]float32
		for j := range 4 {
			t[0][j], t[1][j] = winoOut2(m[j], m[4+j], m[8+j], m[12+j])
		}
		for i := range o.rows {
			var v [2]float32
			v[0], v[1] = winoOut2(t[i][0], t[i][1], t[i][2], t[i][3])
			o.finish(v[:o.cols], i, c)
		}
	}
}

func winogradOutput4Go(o *winogradOutput) {
	for c := range o.n {
		var m [36]float32
		for k := range m {
			m[k] = o.src[k*o.plane+c]
		}
		var t [4][6]float32
		for j := range 6 {
			t[0][j], t[1][j], t[2][j], t[3][j] = winoOut4(m[j], m[6+j], m[12+j], m[18+j], m[24+j], m[30+j])
		}
		for i := range o.rows {
			var v [4]float32
			v[0], v[1], v[2], v[3] = winoOut4(t[i][0], t[i][1], t[i][2], t[i][3], t[i][4], t[i][5])
			o.finish(v[:o.cols], i, c)
		}
	}
}

// finish applies the steps after the transform to row i of a tile and stores it.
func (o *winogradOutput) finish(row []float32, i, c int) {
	for j, v := range row {
		at := i*o.row + j*o.col + c
		if o.load != 0 {
			v = o.dst[at] + v
		}
		if o.scale != nil {
			v = FMA32(v, o.scale[c], o.shift[c])
		} else if o.shift != nil {
			v += o.shift[c]
		}
		if o.residual != nil {
			v += o.residual[i*o.resRow+j*o.resCol+c]
		}
		if o.relu != 0 && 0 > v {
			v = 0
		}
		o.dst[at] = v
	}
}
