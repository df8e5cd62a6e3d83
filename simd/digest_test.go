package simd

import (
	"hash/fnv"
	"math"
	"testing"
)

// Every kernel gives the same bits at every level of every architecture. Levels of one
// machine can be compared with each other; comparing digests of results with the ones
// written here shows that machines agree. They change only with a specification.
var digests = map[string]uint64{
	"Gemm":          0xb8add835b0a959f9,
	"Winograd2":     0x3db2911fc44f86b2,
	"Winograd4":     0xd16c58d9dbe5073b,
	"FilterGrad2":   0x59a3ec8e7061aade,
	"FilterGrad4":   0x58387c99f83c1cbd,
	"GatherGemm":    0x14da7d2d37913083,
	"Abs":           0x07242f198cffee1e,
	"Add":           0x33d728ff2f0994b2,
	"AddRow":        0x0557e35bf1981127,
	"AddScalar":     0x5093d451ac97db25,
	"Axpy":          0x4eddebc670d5c528,
	"ColumnDots":    0x5460355285c62dc6,
	"ColumnMoments": 0x9bcff645acb09bd5,
	"ColumnSums":    0xf83018d079bd81f5,
	"Div":           0x67d8cd0045a00694,
	"Dot":           0x45381f2017e83473,
	"Exp":           0xc30569d620a51db6,
	"L2Norm":        0x3cf618158d376030,
	"Log":           0xdbe9694c049c7abb,
	"KeepPositive":  0x6a337b2d7a6c2616,
	"LogSoftmax":    0x9ed87c141515d0e7,
	"LogSumExp":     0x1e4cae72641dacb2,
	"Max":           0xaacfea608f00bd59,
	"MaxScalar":     0x1718a8bd3b634e66,
	"MinScalar":     0xc651b6cadfd2883e,
	"Mul":           0xc4e9c1834a26b0d1,
	"MulAdd":        0x528c5d08e929cdaa,
	"NormGrad":      0xff28b166dcf4adc2,
	"NormGradSums":  0x9c7e0550c0e6a76a,
	"NormalizeRows": 0xf4b94605d733965d,
	"ReLU":          0xf702c7cd6f187aa0,
	"Larger":        0xa69b4bcd16379e56,
	"ReLUBackward":  0x332dec5b70685ef2,
	"SGDNesterov":   0x6b5faa6fe77f1d1c,
	"Scale":         0x242c081039cce4a8,
	"ScaleShiftRow": 0x2ef12cb194679def,
	"Softmax":       0xda64da60c5904f0b,
	"Sqrt":          0x4fea1c2a3b1e2413,
	"Sub":           0xf08193f835706034,
	"Sum":           0xec46ac5e41b8f9d2,
	"SumSq":         0xfd068c8b391f803f,
}

func TestDigests(t *testing.T) {
	defer Use(Level())
	for _, info := range Levels() {
		if len(info.Missing) > 0 {
			t.Logf("SKIP: level %s: this CPU lacks %v", info.Name, info.Missing)
			continue
		}
		if err := Use(info.Name); err != nil {
			t.Fatal(err)
		}
		got := map[string]uint64{}
		for name, run := range digestCases {
			h := fnv.New64a()
			for _, n := range []int{0, 1, 2, 3, 5, 15, 16, 17, 31, 33, 64, 75, 130} {
				for _, kind := range []int{ordinary, wide, extreme} {
					d := &digest{n: n, kind: kind, state: uint64(n)}
					run(d)
					h.Write(d.bits)
				}
			}
			got[name] = h.Sum64()
		}
		for name, sum := range got {
			if sum != digests[name] {
				t.Errorf("%s: %q: %#x, want %#x", info.Name, name, sum, digests[name])
			}
		}
	}
}

// A digest is one run of a kernel: it makes inputs and collects outputs.
type digest struct {
	n, kind int
	state   uint64
	bits    []byte
}

const (
	ordinary = iota // [-8, 8)
	wide            // [-128, 128), which exp maps to 0, subnormals, and Inf
	extreme         // any bits, and many zeros, infinities and NaN
)

// x makes n elements from integers alone (SplitMix64), alike on every machine.
func (d *digest) x(n int) []float32 {
	x := make([]float32, n)
	for i := range x {
		d.state += 0x9e3779b97f4a7c15
		z := d.state
		z = (z ^ z>>30) * 0xbf58476d1ce4e5b9
		z = (z ^ z>>27) * 0x94d049bb133111eb
		z ^= z >> 31
		switch {
		case d.kind == ordinary:
			x[i] = float32(int32(z)) / (1 << 28)
		case d.kind == wide:
			x[i] = float32(int32(z)) / (1 << 24)
		case z>>61 == 0:
			x[i] = float32(math.Inf(1 - 2*int(z&1)))
		case z>>61 == 1:
			x[i] = float32(math.Copysign(0, float64(int32(z))))
		case z>>56 == 0xff:
			x[i] = float32(math.NaN())
		default:
			x[i] = math.Float32frombits(uint32(z))
		}
	}
	return x
}

// add collects results; a NaN's bits are not part of the promise.
func (d *digest) add(x ...float32) {
	for _, v := range x {
		b := math.Float32bits(v)
		if v != v {
			b = 0x7fc00000
		}
		d.bits = append(d.bits, byte(b), byte(b>>8), byte(b>>16), byte(b>>24))
	}
}

func (d *digest) add64(x []float64) {
	for _, v := range x {
		b := math.Float64bits(v)
		if v != v {
			b = 0x7ff8000000000000
		}
		for s := 0; s < 64; s += 8 {
			d.bits = append(d.bits, byte(b>>s))
		}
	}
}

var digestCases = map[string]func(*digest){
	"Add":           binary(Add[float32]),
	"Sub":           binary(Sub[float32]),
	"Mul":           binary(Mul[float32]),
	"Div":           binary(Div[float32]),
	"Larger":        binary(Larger[float32]),
	"MulAdd":        binary(MulAdd[float32]),
	"ReLUBackward":  binary(ReLUBackward[float32]),
	"KeepPositive":  binary(KeepPositive[float32]),
	"AddScalar":     scalar(AddScalar[float32]),
	"Scale":         scalar(Scale[float32]),
	"MaxScalar":     scalar(MaxScalar[float32]),
	"MinScalar":     scalar(MinScalar[float32]),
	"Axpy":          scalar(func(dst, x []float32, s float32) { Axpy(dst, s, x) }),
	"Sqrt":          unary(Sqrt[float32]),
	"Abs":           unary(Abs[float32]),
	"Exp":           unary(Exp[float32]),
	"Log":           unary(Log[float32]),
	"ReLU":          unary(ReLU[float32]),
	"Sum":           reduction(Sum[float32]),
	"SumSq":         reduction(SumSq[float32]),
	"Max":           reduction(Max[float32]),
	"Dot":           func(d *digest) { d.add(Dot(d.x(d.n), d.x(d.n))) },
	"LogSumExp":     rows(func(dst, x []float32, rows, cols int) { LogSumExp(dst[:rows], x, rows, cols) }),
	"Softmax":       rows(Softmax[float32]),
	"LogSoftmax":    rows(LogSoftmax[float32]),
	"L2Norm":        rows(func(dst, x []float32, rows, cols int) { L2Norm(dst[:rows], x, rows, cols) }),
	"AddRow":        rows(func(dst, x []float32, rows, cols int) { AddRow(dst, x, x[:cols], rows, cols) }),
	"ScaleShiftRow": rows(func(dst, x []float32, rows, cols int) { ScaleShiftRow(dst, x, x[cols:2*cols], x[:cols], rows, cols) }),
	"ColumnSums": columns(func(a, _ []float64, x, _ []float32, rows, cols int) {
		ColumnSums(a, x, rows, cols)
	}),
	"ColumnMoments": columns(func(a, b []float64, x, _ []float32, rows, cols int) {
		ColumnMoments(a, b, x, rows, cols)
	}),
	"ColumnDots": columns(func(a, _ []float64, x, y []float32, rows, cols int) {
		ColumnDots(a, x, y, rows, cols)
	}),
	"NormalizeRows": rows(func(dst, x []float32, rows, cols int) {
		NormalizeRows(dst, x, nil, x[cols:2*cols], x[:cols], rows, cols, false)
		NormalizeRows(dst, dst, x, x[cols:2*cols], x[:cols], rows, cols, true)
	}),
	"NormGrad": rows(func(dst, x []float32, rows, cols int) {
		NormGrad(dst, dst, x, x[2*cols:3*cols], x[cols:2*cols], x[:cols], rows, cols)
	}),
	"NormGradSums": columns(func(a, b []float64, x, y []float32, rows, cols int) {
		NormGradSums(a, b, x, y, nil, rows, cols)
		NormGradSums(b, a, x, y, y, rows, cols)
	}),
	"Winograd2":   convolved(2),
	"Winograd4":   convolved(4),
	"FilterGrad2": filterGradient(2),
	"FilterGrad4": filterGradient(4),
	"Gemm":        multiplied,
	"GatherGemm":  gathered,
	"SGDNesterov": func(d *digest) {
		w, g, v, s := d.x(d.n), d.x(d.n), d.x(d.n), d.x(3)
		SGDNesterov(w, g, v, s[0], s[1], s[2])
		d.add(w...)
		d.add(v...)
	},
}

// multiplied is m×n with k terms, n = d.n and m, k beside it, from factors stored
// either way, with every epilogue.
func multiplied(d *digest) {
	n, m, k := d.n, 1+d.n%6+d.n%2*12, d.n/2+d.n%3
	for trans := range 4 {
		a := Operand[float32]{Data: d.x(m * k), Stride: k}
		b := Operand[float32]{Data: d.x(k * n), Stride: n}
		if trans&1 != 0 {
			a.Stride, a.Trans = m, true
		}
		if trans&2 != 0 {
			b.Stride, b.Trans = k, true
		}
		c := d.x(m * n)
		Gemm(nil, c, n, a, b, m, n, k, Epilogue[float32]{Accumulate: trans&1 != 0, Bias: d.x(n), ReLU: trans == 3})
		d.add(c...)
	}
}

// gathered is a product of taps gathered from all over, some of them padding.
func gathered(d *digest) {
	const taps = 3
	n, m, k := d.n, 1+d.n%6, d.n/3
	a := d.x(m*taps + k)
	rows := RowTable{Off: make([]int32, m*taps), Taps: taps}
	for i := range rows.Off {
		rows.Off[i] = int32(i*5%(m*taps)) - 2
	}
	c := d.x(m * n)
	GatherGemm(nil, c, n, a, rows, Operand[float32]{Data: d.x(taps * k * n), Stride: n}, m, n, k,
		Epilogue[float32]{Scale: d.x(n), Shift: d.x(n), Residual: d.x(m * n), ResidualStride: n, ReLU: true})
	d.add(c...)
}

// convolved is a convolution with n input or output channels, of every padding.
func convolved(tile int) func(*digest) {
	return func(d *digest) {
		s := WinogradShape{N: 2, H: 3 + d.n%4, W: 7, Cin: d.n, Cout: 1 + d.n%7, Pad: d.n % 3, Tile: tile}
		if d.n%2 == 0 {
			s.Cin, s.Cout = s.Cout, s.Cin
		}
		oh, ow := s.Out()
		f := WinogradFilter[float32]{Data: d.x(9 * s.Cin * s.Cout), Turned: d.n%3 == 0}
		y := d.x(s.N * oh * ow * s.Cout)
		Winograd(nil, y, d.x(s.N*s.H*s.W*s.Cin), f, s, Epilogue[float32]{Accumulate: d.n%2 == 0,
			Scale: d.x(s.Cout), Shift: d.x(s.Cout), Residual: d.x(len(y)), ResidualStride: s.Cout, ReLU: true})
		d.add(y...)
	}
}

func unary(f func(dst, x []float32)) func(*digest) {
	return func(d *digest) {
		dst := d.x(d.n)
		f(dst, d.x(d.n))
		d.add(dst...)
	}
}

func binary(f func(dst, a, b []float32)) func(*digest) {
	return func(d *digest) {
		dst := d.x(d.n)
		f(dst, d.x(d.n), d.x(d.n))
		d.add(dst...)
	}
}

func scalar(f func(dst, a []float32, s float32)) func(*digest) {
	return func(d *digest) {
		dst := d.x(d.n)
		f(dst, d.x(d.n), d.x(1)[0])
		d.add(dst...)
	}
}

func reduction(f func(x []float32) float32) func(*digest) {
	return func(d *digest) { d.add(f(d.x(d.n))) }
}

func rows(f func(dst, x []float32, rows, cols int)) func(*digest) {
	return func(d *digest) {
		dst := d.x(3 * d.n)
		if d.n == 0 {
			dst = make([]float32, 3)
		}
		f(dst[:3*d.n:len(dst)], d.x(3*d.n), 3, d.n)
		d.add(dst...)
	}
}

func columns(f func(a, b []float64, x, y []float32, rows, cols int)) func(*digest) {
	return func(d *digest) {
		const rows = ColumnChunk + 7
		a, b := make([]float64, d.n), make([]float64, d.n)
		f(a, b, d.x(rows*d.n), d.x(rows*d.n), rows, d.n)
		d.add64(a)
		d.add64(b)
	}
}

// filterGradient is that of such a convolution.
func filterGradient(tile int) func(d *digest) {
	return func(d *digest) {
		s := WinogradShape{N: 2, H: 3 + d.n%4, W: 7, Cin: d.n, Cout: 1 + d.n%7, Pad: d.n % 3, Tile: tile}
		if d.n%2 == 0 {
			s.Cin, s.Cout = s.Cout, s.Cin
		}
		oh, ow := s.Out()
		dw := d.x(9 * s.Cin * s.Cout)
		WinogradWeights(nil, dw, d.x(s.N*s.H*s.W*s.Cin), d.x(s.N*oh*ow*s.Cout), s, d.n%2 == 0)
		d.add(dw...)
	}
}
