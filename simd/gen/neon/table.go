package main

import "math"

func elementwiseKernels(f *file) {
	one := func(vs ...constant) []constant { return vs }
	s := constant{name: "s", param: true}
	zero := constant{name: "zero"}
	for _, k := range []elementwise{
		{
			name: "addNEON", params: "dst, a, b []float32", in: "a b", out: "dst", width: 4,
			doc:  "addNEON sets dst[i] = a[i] + b[i].",
			body: func(f *file, r regs) { f.fadd(r.slice["dst"], r.slice["a"], r.slice["b"]) },
		}, {
			name: "subNEON", params: "dst, a, b []float32", in: "a b", out: "dst", width: 4,
			doc:  "subNEON sets dst[i] = a[i] - b[i].",
			body: func(f *file, r regs) { f.fsub(r.slice["dst"], r.slice["a"], r.slice["b"]) },
		}, {
			name: "mulNEON", params: "dst, a, b []float32", in: "a b", out: "dst", width: 4,
			doc:  "mulNEON sets dst[i] = a[i] * b[i].",
			body: func(f *file, r regs) { f.fmul(r.slice["dst"], r.slice["a"], r.slice["b"]) },
		}, {
			name: "divNEON", params: "dst, a, b []float32", in: "a b", out: "dst", width: 4,
			doc:  "divNEON sets dst[i] = a[i] / b[i].",
			body: func(f *file, r regs) { f.fdiv(r.slice["dst"], r.slice["a"], r.slice["b"]) },
		}, {
			name: "largerNEON", params: "dst, a, b []float32", in: "a b", out: "dst", width: 4,
			doc: "largerNEON sets dst[i] = a[i] if a[i] > b[i] or a[i] is a NaN, and b[i] otherwise.",
			body: func(f *file, r regs) {
				d, a, b, t := r.slice["dst"], r.slice["a"], r.slice["b"], r.tmp[0]
				f.fcmeq(t, a, a)
				f.fcmgt(d, a, b)
				f.bsl(d, a, b)
				f.bif(d, a, t)
			},
		}, {
			name: "addScalarNEON", params: "dst, a []float32, s float32", in: "a", out: "dst", width: 4,
			doc:       "addScalarNEON sets dst[i] = a[i] + s.",
			constants: one(s),
			body:      func(f *file, r regs) { f.fadd(r.slice["dst"], r.slice["a"], r.constant["s"]) },
		}, {
			name: "scaleNEON", params: "dst, a []float32, s float32", in: "a", out: "dst", width: 4,
			doc:       "scaleNEON sets dst[i] = a[i] * s.",
			constants: one(s),
			body:      func(f *file, r regs) { f.fmul(r.slice["dst"], r.slice["a"], r.constant["s"]) },
		}, {
			name: "maxScalarNEON", params: "dst, a []float32, s float32", in: "a", out: "dst", width: 4,
			doc:       "maxScalarNEON sets dst[i] = s if s > a[i], and a[i] otherwise.",
			constants: one(s),
			body: func(f *file, r regs) {
				d := r.slice["dst"]
				f.fcmgt(d, r.constant["s"], r.slice["a"])
				f.bsl(d, r.constant["s"], r.slice["a"])
			},
		}, {
			name: "minScalarNEON", params: "dst, a []float32, s float32", in: "a", out: "dst", width: 4,
			doc:       "minScalarNEON sets dst[i] = s if s < a[i], and a[i] otherwise.",
			constants: one(s),
			body: func(f *file, r regs) {
				d := r.slice["dst"]
				f.fcmgt(d, r.slice["a"], r.constant["s"])
				f.bsl(d, r.constant["s"], r.slice["a"])
			},
		}, {
			name: "axpyNEON", params: "dst []float32, s float32, x []float32", in: "dst x", out: "dst", width: 4,
			doc:       "axpyNEON sets dst[i] = fma(s, x[i], dst[i]).",
			constants: one(s),
			body:      func(f *file, r regs) { f.fmla(r.slice["dst"], r.slice["x"], r.constant["s"]) },
		}, {
			name: "mulAddNEON", params: "dst, a, b []float32", in: "dst a b", out: "dst", width: 4,
			doc:  "mulAddNEON sets dst[i] = fma(a[i], b[i], dst[i]).",
			body: func(f *file, r regs) { f.fmla(r.slice["dst"], r.slice["a"], r.slice["b"]) },
		}, {
			name: "sqrtNEON", params: "dst, a []float32", in: "a", out: "dst", width: 4,
			doc:  "sqrtNEON sets dst[i] to the square root of a[i].",
			body: func(f *file, r regs) { f.fsqrt(r.slice["dst"], r.slice["a"]) },
		}, {
			name: "absNEON", params: "dst, a []float32", in: "a", out: "dst", width: 4,
			doc:  "absNEON sets dst[i] = a[i] with its sign bit cleared.",
			body: func(f *file, r regs) { f.fabs(r.slice["dst"], r.slice["a"]) },
		}, {
			name: "expNEON", params: "dst, a []float32", in: "a", out: "dst", width: 2,
			doc:       "expNEON sets dst[i] = Exp32(a[i]).",
			constants: expConstants,
			body:      func(f *file, r regs) { exp(f, r, r.slice["dst"], r.slice["a"]) },
		}, {
			name: "logNEON", params: "dst, a []float32", in: "a", out: "dst", width: 1,
			doc:       "logNEON sets dst[i] = Log32(a[i]).",
			constants: logConstants,
			body:      func(f *file, r regs) { log(f, r, r.slice["dst"], r.slice["a"]) },
		}, {
			name: "reluNEON", params: "dst, x []float32", in: "x", out: "dst", width: 4,
			doc:       "reluNEON sets dst[i] = 0 if 0 > x[i], and x[i] otherwise.",
			constants: one(zero),
			body: func(f *file, r regs) {
				d := r.slice["dst"]
				f.fcmgt(d, r.constant["zero"], r.slice["x"])
				f.bsl(d, r.constant["zero"], r.slice["x"])
			},
		}, {
			name: "reluBackwardNEON", params: "dx, dy, x []float32", in: "dx dy x", out: "dx", width: 4,
			doc:       "reluBackwardNEON sets dx[i] += x[i] > 0 ? dy[i] : +0.",
			constants: one(zero),
			body: func(f *file, r regs) {
				x := r.slice["x"]
				f.fcmgt(x, x, r.constant["zero"])
				f.and(x, x, r.slice["dy"])
				f.fadd(r.slice["dx"], r.slice["dx"], x)
			},
		}, {
			name: "keepPositiveNEON", params: "dst, src, y []float32", in: "src y", out: "dst", width: 4,
			doc:       "keepPositiveNEON sets dst[i] = y[i] > 0 ? src[i] : +0.",
			constants: one(zero),
			body: func(f *file, r regs) {
				d := r.slice["dst"]
				f.fcmgt(d, r.slice["y"], r.constant["zero"])
				f.and(d, d, r.slice["src"])
			},
		}, {
			name: "scaleShiftNEON", params: "dst, a, scale, shift []float32", in: "a scale shift", out: "dst", width: 4,
			doc: "scaleShiftNEON sets dst[i] = fma(a[i], scale[i], shift[i]).",
			body: func(f *file, r regs) {
				d := r.slice["dst"]
				f.mov(d, r.slice["shift"])
				f.fmla(d, r.slice["a"], r.slice["scale"])
			},
		}, {
			name: "sgdNesterovNEON", params: "w, g, v []float32, lr, momentum, weightDecay float32", in: "w v g", out: "w v", width: 4,
			doc: `sgdNesterovNEON takes a step of SGD, each line by fma:

	d = g[i] + weightDecay*w[i]
	v[i] = d + momentum*v[i]
	w[i] -= lr * (d + momentum*v[i])`,
			constants: one(
				constant{name: "lr", param: true},
				constant{name: "momentum", param: true},
				constant{name: "weightDecay", param: true}),
			body: func(f *file, r regs) {
				w, v, d, u := r.slice["w"], r.slice["v"], r.slice["g"], r.tmp[0]
				f.fmla(d, w, r.constant["weightDecay"])
				f.mov(u, d)
				f.fmla(u, v, r.constant["momentum"])
				f.mov(v, u)
				f.fmla(d, u, r.constant["momentum"])
				f.fmls(w, d, r.constant["lr"])
			},
		},
	} {
		k.write(f)
	}
}

// float is the constant with a float32's bits.
func float(name string, x float32) constant {
	return constant{name: name, bits: math.Float32bits(x)}
}

// The constants of Exp32, in simd/exp.go.
var expConstants = []constant{
	float("expLo", -104),
	float("expHi", 89),
	float("log2E", 1.44269504),
	float("roundN", 3<<22),
	float("-ln2Hi", -0.693359375),
	float("-ln2Lo", 2.12194440e-4),
	float("exp6", 0.00138145988),
	float("exp5", 0.00836871658),
	float("exp4", 0.041668389),
	float("exp3", 0.166665211),
	float("exp2", 0.49999994),
	float("1", 1),
	{name: "127", bits: 127},
}

// exp emits d = Exp32(x), step by step as simd/exp.go has it. x may be d.
func exp(f *file, r regs, d, x vec) {
	c := r.constant
	y, t, n, p := r.tmp[0], r.tmp[1], r.tmp[2], r.tmp[3]
	// x is clamped.
	f.fcmgt(t, c["expLo"], x)
	f.mov(y, x)
	f.bit(y, c["expLo"], t)
	f.fcmgt(t, y, c["expHi"])
	f.bit(y, c["expHi"], t)
	// t = fma(x, log2E, roundN); n = t - roundN
	f.mov(t, c["roundN"])
	f.fmla(t, y, c["log2E"])
	f.fsub(n, t, c["roundN"])
	// r = fma(n, -ln2Hi, x); r = fma(n, -ln2Lo, r)
	f.fmla(y, n, c["-ln2Hi"])
	f.fmla(y, n, c["-ln2Lo"])
	// p = ((((exp6·r + exp5)·r + exp4)·r + exp3)·r + exp2)·r + 1)·r + 1
	f.mov(p, c["exp5"])
	f.fmla(p, y, c["exp6"])
	for _, name := range []string{"exp4", "exp3", "exp2", "1", "1"} {
		f.mov(n, c[name])
		f.fmla(n, p, y)
		p, n = n, p
	}
	// 2^k in two factors.
	f.sub(t, t, c["roundN"])
	f.sshr(n, t, 1)
	f.sub(t, t, n)
	f.add(n, n, c["127"])
	f.add(t, t, c["127"])
	f.shl(n, n, 23)
	f.shl(t, t, 23)
	f.fmul(p, p, n)
	f.fmul(d, p, t)
}

// The constants of Log32, in simd/log.go.
var logConstants = []constant{
	float("minNormal", 0x1p-126),
	float("2^23", 1<<23),
	float("-23", -23),
	{name: "sqrtHalf", bits: 0x3f3504f3},
	{name: "mantissa", bits: 1<<23 - 1},
	float("1", 1),
	float("log10", -0.0763449371),
	float("log9", 0.12761575),
	float("log8", -0.131601825),
	float("log7", 0.142017588),
	float("log6", -0.166233569),
	float("log5", 0.200012267),
	float("log4", -0.250008196),
	float("log3", 0.333333313),
	float("ln2Lo", -2.12194440e-4),
	float("-0.5", -0.5),
	float("ln2Hi", 0.693359375),
	float("-Inf", float32(math.Inf(-1))),
	{name: "NaN", bits: 0x7fc00000},
	float("+Inf", float32(math.Inf(1))),
	{name: "zero"},
}

// log emits d = Log32(x), step by step as simd/log.go has it. x must not be d.
func log(f *file, r regs, d, x vec) {
	c := r.constant
	m, v, e, b, z, p, q := r.tmp[0], r.tmp[1], r.tmp[2], r.tmp[3], r.tmp[4], r.tmp[5], r.tmp[6]
	// v = x, e = 0; if x < minNormal: v = x·2^23, e = -23
	f.fcmgt(m, c["minNormal"], x)
	f.fmul(v, x, c["2^23"])
	f.bif(v, x, m)
	f.and(e, c["-23"], m)
	// b = bits(v) - sqrtHalf; e += b >> 23; f = from bits (b & mantissa + sqrtHalf) - 1
	f.sub(b, v, c["sqrtHalf"])
	f.sshr(v, b, 23)
	f.scvtf(v, v)
	f.fadd(e, e, v)
	f.and(b, b, c["mantissa"])
	f.add(b, b, c["sqrtHalf"])
	f.fsub(b, b, c["1"])
	f.fmul(z, b, b)
	f.mov(p, c["log9"])
	f.fmla(p, b, c["log10"])
	for _, name := range []string{"log8", "log7", "log6", "log5", "log4", "log3"} {
		f.mov(q, c[name])
		f.fmla(q, p, b)
		p, q = q, p
	}
	// y = p·f·z, + e·ln2Lo, - z/2; then e·ln2Hi + (f + y)
	f.fmul(p, p, b)
	f.fmul(p, p, z)
	f.fmla(p, e, c["ln2Lo"])
	f.fmla(p, z, c["-0.5"])
	f.fadd(d, b, p)
	f.fmla(d, e, c["ln2Hi"])
	// -Inf at zeros, NaN below, x itself unless x < +Inf.
	f.fcmeq(m, x, c["zero"])
	f.bit(d, c["-Inf"], m)
	f.fcmgt(m, c["zero"], x)
	f.bit(d, c["NaN"], m)
	f.fcmgt(m, c["+Inf"], x)
	f.bif(d, x, m)
}
