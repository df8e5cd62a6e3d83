package rng

import "math"

// Norm returns a number from the standard normal distribution: the inverse of its
// distribution function at a multiple of 2⁻⁵³ strictly between 0 and 1, so that it
// lies within ±8.21.
func (s *Stream) Norm() float64 {
	return quantile(float64(s.Uint64()>>12<<1|1) * 0x1p-53)
}

// quantile returns the x at which the standard normal distribution function is p,
// 0 < p < 1, to about 16 digits: algorithm AS 241, PPND16 (Wichura, The percentage
// points of the normal distribution, Applied Statistics 37, 1988).
func quantile(p float64) float64 {
	q := p - 0.5
	if math.Abs(q) <= 0.425 {
		r := 0.180625 - float64(q*q)
		return q * horner(r, &centre)
	}
	tail := p
	if q > 0 {
		tail = 1 - p
	}
	r := math.Sqrt(-log(tail))
	var x float64
	if r <= 5 {
		x = horner(r-1.6, &shoulder)
	} else {
		x = horner(r-5, &far)
	}
	if q < 0 {
		return -x
	}
	return x
}

// A rational is a quotient of polynomials, constant terms first.
type rational struct{ over, under [8]float64 }

// horner evaluates f at r. math.FMA rounds once on every architecture, in software
// where it must.
func horner(r float64, f *rational) float64 {
	a, b := f.over[7], f.under[7]
	for i := 6; i >= 0; i-- {
		a = math.FMA(a, r, f.over[i])
		b = math.FMA(b, r, f.under[i])
	}
	return a / b
}

var centre = rational{
	[8]float64{3.3871328727963666080e0, 1.3314166789178437745e+2, 1.9715909503065514427e+3, 1.3731693765509461125e+4,
		4.5921953931549871457e+4, 6.7265770927008700853e+4, 3.3430575583588128105e+4, 2.5090809287301226727e+3},
	[8]float64{1, 4.2313330701600911252e+1, 6.8718700749205790830e+2, 5.3941960214247511077e+3,
		2.1213794301586595867e+4, 3.9307895800092710610e+4, 2.8729085735721942674e+4, 5.2264952788528545610e+3},
}

var shoulder = rational{
	[8]float64{1.42343711074968357734e0, 4.63033784615654529590e0, 5.76949722146069140550e0, 3.64784832476320460504e0,
		1.27045825245236838258e0, 2.41780725177450611770e-1, 2.27238449892691845833e-2, 7.74545014278341407640e-4},
	[8]float64{1, 2.05319162663775882187e0, 1.67638483018380384940e0, 6.89767334985100004550e-1,
		1.48103976427480074590e-1, 1.51986665636164571966e-2, 5.47593808499534494600e-4, 1.05075007164441684324e-9},
}

var far = rational{
	[8]float64{6.65790464350110377720e0, 5.46378491116411436990e0, 1.78482653991729133580e0, 2.96560571828504891230e-1,
		2.65321895265761230930e-2, 1.24266094738807843860e-3, 2.71155556874348757815e-5, 2.01033439929228813265e-7},
	[8]float64{1, 5.99832206555887937690e-1, 1.36929880922735805310e-1, 1.48753612908506148525e-2,
		7.86869131145613259100e-4, 1.84631831751005468180e-5, 1.42151175831644588870e-7, 2.04426310338993978564e-15},
}

// log returns the natural logarithm of a normal x > 0, to within 1 ulp: the method
// of FreeBSD's e_log.c, each rounding pinned. With x = 2ᵏ(1+f), √½ < 1+f < √2, and
// s = f/(2+f),
//
//	log(1+f) = f - f²/2 + s(f²/2 + R),    R ≈ 2s²/3 + 2s⁴/5 + ...
func log(x float64) float64 {
	const (
		ln2Hi = 6.93147180369123816490e-01 // upper bits: k·ln2Hi is exact
		ln2Lo = 1.90821492927058770002e-10
	)
	b := math.Float64bits(x)
	k := int(b>>52) - 1022
	m := math.Float64frombits(b&(1<<52-1) | 1022<<52) // [½, 1)
	if m < math.Sqrt2/2 {
		m *= 2
		k--
	}
	f := m - 1
	s := f / (2 + f)
	z := float64(s * s)
	r := 1.479819860511658591e-01
	for _, c := range [...]float64{1.531383769920937332e-01, 1.818357216161805012e-01, 2.222219843214978396e-01,
		2.857142874366239149e-01, 3.999999999940941908e-01, 6.666666666666735130e-01} {
		r = math.FMA(r, z, c)
	}
	r = float64(r * z)
	half := float64(0.5 * f * f)
	low := math.FMA(float64(k), ln2Lo, float64(s*(half+r)))
	return float64(float64(k)*ln2Hi) - ((half - low) - f)
}
