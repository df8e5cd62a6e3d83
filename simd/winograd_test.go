package simd

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"anomem/simd/pool"
)

// eachLevel runs f once at each level that this CPU can run.
func eachLevel(t *testing.T, f func(t *testing.T)) {
	defer Use(Level())
	for _, l := range Levels() {
		if len(l.Missing) > 0 {
			t.Logf("SKIP: level %s: this CPU lacks %v", l.Name, l.Missing)
			continue
		}
		if err := Use(l.Name); err != nil {
			t.Fatal(err)
		}
		t.Run(l.Name, f)
	}
}

func normal(r *rand.Rand, n int) []float32 {
	x := make([]float32, n)
	for i := range x {
		x[i] = float32(r.NormFloat64())
	}
	return x
}

func widened(x []float32) []float64 {
	y := make([]float64, len(x))
	for i, v := range x {
		y[i] = float64(v)
	}
	return y
}

// The matrices of winograd_transforms.go, by tile.
var winogradMatrices = map[int]struct{ bt, g, at [][]float64 }{
	2: {
		bt: [][]float64{{1, 0, -1, 0}, {0, 1, 1, 0}, {0, -1, 1, 0}, {0, 1, 0, -1}},
		g:  [][]float64{{1, 0, 0}, {.5, .5, .5}, {.5, -.5, .5}, {0, 0, 1}},
		at: [][]float64{{1, 1, 1, 0}, {0, 1, -1, -1}},
	},
	4: func() (m struct{ bt, g, at [][]float64 }) {
		const a, b = 0.625, 1.5
		const p, q = 2 * a * a * (a*a - b*b), 2 * b * b * (b*b - a*a)
		m.bt = [][]float64{{a * a * b * b, 0, -a*a - b*b, 0, 1, 0},
			{0, -a * b * b, -b * b, a, 1, 0}, {0, a * b * b, -b * b, -a, 1, 0},
			{0, -a * a * b, -a * a, b, 1, 0}, {0, a * a * b, -a * a, -b, 1, 0},
			{0, a * a * b * b, 0, -a*a - b*b, 0, 1}}
		m.g = [][]float64{{1 / (a * a * b * b), 0, 0}, {1 / p, a / p, a * a / p}, {1 / p, -a / p, a * a / p},
			{1 / q, b / q, b * b / q}, {1 / q, -b / q, b * b / q}, {0, 0, 1}}
		m.at = [][]float64{{1, 1, 1, 1, 1, 0}, {0, a, -a, b, -b, 0}, {0, a * a, a * a, b * b, b * b, 0}, {0, a * a * a, -a * a * a, b * b * b, -b * b * b, 1}}
		return m
	}(),
}

// sandwich is m·x·mᵀ; with abs, of absolute values.
func sandwich(m, x [][]float64, abs bool) [][]float64 {
	f := func(v float64) float64 {
		if abs {
			return math.Abs(v)
		}
		return v
	}
	y := make([][]float64, len(m))
	for i := range y {
		y[i] = make([]float64, len(m))
		for j := range y[i] {
			for k := range x {
				for l := range x[k] {
					y[i][j] += f(m[i][k]) * f(x[k][l]) * f(m[j][l])
				}
			}
		}
	}
	return y
}

func square(n int) [][]float64 {
	x := make([][]float64, n)
	for i := range x {
		x[i] = make([]float64, n)
	}
	return x
}

// winogradOf evaluates the algorithm, or with abs the sum in its error bound, in
// float64.
func winogradOf(x, w []float32, s WinogradShape, abs bool) []float64 {
	m, alpha := winogradMatrices[s.Tile], s.Tile+2
	oh, ow := s.Out()
	y := make([]float64, s.N*oh*ow*s.Cout)
	var u [][][]float64 // by c*Cout+o
	for i := range s.Cin * s.Cout {
		g := square(3)
		for tap := range 9 {
			g[tap/3][tap%3] = float64(w[tap*s.Cin*s.Cout+i])
		}
		u = append(u, sandwich(m.g, g, abs))
	}
	for n := range s.N {
		for top := 0; top < oh; top += s.Tile {
			for left := 0; left < ow; left += s.Tile {
				var v [][][]float64
				for c := range s.Cin {
					d := square(alpha)
					for i := range d {
						for j := range d[i] {
							if h, w := top+i-s.Pad, left+j-s.Pad; h >= 0 && h < s.H && w >= 0 && w < s.W {
								d[i][j] = float64(x[((n*s.H+h)*s.W+w)*s.Cin+c])
							}
						}
					}
					v = append(v, sandwich(m.bt, d, abs))
				}
				for o := range s.Cout {
					sum := square(alpha)
					for i := range sum {
						for j := range sum {
							for c := range s.Cin {
								sum[i][j] += u[c*s.Cout+o][i][j] * v[c][i][j]
							}
						}
					}
					for i, row := range sandwich(m.at, sum, abs) {
						for j, v := range row {
							if top+i < oh && left+j < ow {
								y[((n*oh+top+i)*ow+left+j)*s.Cout+o] = v
							}
						}
					}
				}
			}
		}
	}
	return y
}

// TestWinogradMatrices holds the matrices to the direct sum, without rounding
// errors to speak of.
func TestWinogradMatrices(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 1))
	for _, tile := range []int{2, 4} {
		s := WinogradShape{N: 1, H: 7, W: 6, Cin: 3, Cout: 2, Pad: 1, Tile: tile}
		x, w := normal(r, s.H*s.W*s.Cin), normal(r, 9*s.Cin*s.Cout)
		want := make([]float64, s.H*s.W*s.Cout)
		Winograd(nil, want, widened(x), WinogradFilter[float64]{Data: widened(w)}, s, Epilogue[float64]{})
		for i, v := range winogradOf(x, w, s, false) {
			if math.Abs(v-want[i]) > 1e-12 {
				t.Errorf("tile %d: element %d is %v, want %v", tile, i, v, want[i])
			}
		}
	}
}

// TestWinogradError holds float32 results to the bound that Winograd states,
// evaluated for every element, and states the error for normal random values.
func TestWinogradError(t *testing.T) {
	roundings := map[int]float64{2: 10, 4: 18}
	for _, tile := range []int{2, 4} {
		for _, k := range []int{1, 3, 16, 64, 256} {
			s := WinogradShape{N: 1, H: 9, W: 10, Cin: k, Cout: 4, Pad: 1, Tile: tile}
			for _, uneven := range []bool{false, true} {
				r := rand.New(rand.NewPCG(uint64(k), 2))
				x, w := normal(r, s.H*s.W*s.Cin), normal(r, 9*s.Cin*s.Cout)
				if uneven { // magnitudes far apart, all of one sign
					for _, x := range [][]float32{x, w} {
						for i, v := range x {
							x[i] = float32(math.Abs(float64(v)) * math.Exp(5*r.NormFloat64()))
						}
					}
				}
				y, want := make([]float32, s.H*s.W*s.Cout), make([]float64, s.H*s.W*s.Cout)
				Winograd(nil, y, x, WinogradFilter[float32]{Data: w}, s, Epilogue[float32]{})
				Winograd(nil, want, widened(x), WinogradFilter[float64]{Data: widened(w)}, s, Epilogue[float64]{})
				ne := (float64(k) + roundings[tile]) * 0x1p-24
				var e2, y2, worst, share float64
				for i, bound := range winogradOf(x, w, s, true) {
					e := math.Abs(float64(y[i]) - want[i])
					bound *= ne / (1 - ne)
					if e > bound {
						t.Errorf("tile %d, K = %d: element %d is %v, exactly %v: an error of %g, more than %g", tile, k, i, y[i], want[i], e, bound)
					}
					e2, y2 = e2+e*e, y2+want[i]*want[i]
					worst, share = max(worst, e), max(share, e/bound)
				}
				rms := math.Sqrt(y2 / float64(len(y)))
				t.Logf("F(%d×%d), K = %3d, uneven %5t: RMS error %.2g, largest %.2g of the RMS value; at most %.2g of the bound",
					tile, tile, k, uneven, math.Sqrt(e2/float64(len(y)))/rms, worst/rms, share)
			}
		}
	}
}

// TestWinogradBackward holds the turned filter to the gradient of the direct sum.
func TestWinogradBackward(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 3))
	for pad := range 3 {
		s := WinogradShape{N: 2, H: 6, W: 5, Cin: 3, Cout: 4, Pad: pad, Tile: 4}
		oh, ow := s.Out()
		dy, w := normal(r, s.N*oh*ow*s.Cout), normal(r, 9*s.Cin*s.Cout)
		dx := normal(r, s.N*s.H*s.W*s.Cin)
		want := widened(dx)
		for n := range s.N {
			for p := range oh {
				for q := range ow {
					for tap := range 9 {
						i, j := p+tap/3-pad, q+tap%3-pad
						if i < 0 || i >= s.H || j < 0 || j >= s.W {
							continue
						}
						for c := range s.Cin {
							for o := range s.Cout {
								want[((n*s.H+i)*s.W+j)*s.Cin+c] += float64(dy[((n*oh+p)*ow+q)*s.Cout+o]) * float64(w[(tap*s.Cin+c)*s.Cout+o])
							}
						}
					}
				}
			}
		}
		exact := widened(dx)
		Winograd(nil, dx, dy, WinogradFilter[float32]{Data: w, Turned: true}, s.Backward(), Epilogue[float32]{Accumulate: true})
		Winograd(nil, exact, widened(dy), WinogradFilter[float64]{Data: widened(w), Turned: true}, s.Backward(), Epilogue[float64]{Accumulate: true})
		for i, v := range want {
			if math.Abs(v-float64(dx[i])) > 1e-4 || math.Abs(v-exact[i]) > 1e-12 {
				t.Errorf("padding %d: element %d is %v in float32 and %v in float64, want %v", pad, i, dx[i], exact[i], v)
			}
		}
	}
}

// TestWinogradCuts: neither the sizes of bands and groups, nor threads, nor the
// other images of a batch change a bit.
func TestWinogradCuts(t *testing.T) {
	defer func() { winogradBudget.band = 0 }()
	r := rand.New(rand.NewPCG(4, 4))
	eachLevel(t, func(t *testing.T) {
		for _, s := range []WinogradShape{
			{N: 5, H: 9, W: 7, Cin: 5, Cout: 70, Pad: 1, Tile: 4},
			{N: 3, H: 6, W: 9, Cin: 40, Cout: 33, Pad: 1, Tile: 2},
		} {
			winogradBudget.band = 0
			oh, ow := s.Out()
			x, f := normal(r, s.N*s.H*s.W*s.Cin), WinogradFilter[float32]{Data: normal(r, 9*s.Cin*s.Cout)}
			ep := Epilogue[float32]{Bias: normal(r, s.Cout), Residual: normal(r, s.N*oh*ow*s.Cout), ResidualStride: s.Cout, ReLU: true}
			want := make([]float32, s.N*oh*ow*s.Cout)
			Winograd(nil, want, x, f, s, ep)
			sums, squares := chunkMoments(want, s.Cout)
			same := func(what string, got, want []float32) {
				t.Helper()
				for i, v := range want {
					if math.Float32bits(got[i]) != math.Float32bits(v) {
						t.Fatalf("%+v, %s: element %d is %v, want %v", s, what, i, got[i], v)
					}
				}
			}
			got := make([]float32, len(want))
			one := s
			one.N = 1
			for n := range s.N {
				size := oh * ow * s.Cout
				e := ep
				e.Residual = ep.Residual[n*size:]
				Winograd(nil, got[n*size:(n+1)*size], x[n*s.H*s.W*s.Cin:], f, one, e)
			}
			same("image by image", got, want)
			for _, threads := range []int{1, 2, 4} {
				p := pool.New(threads)
				for _, cut := range [][3]int{{0, 0, 0}, {1, 0, 0}, {7, 0, 0}, {1000, 0, 0}, {5, 1, 11}, {3, 2, 1000}, {1000, 1, 1}} {
					for _, prepacked := range []bool{false, true} {
						winogradBudget.band, winogradBudget.groups, winogradBudget.count = cut[0], cut[1], cut[2]
						f := f
						if prepacked {
							f = PrepackWinograd(f, s)
						}
						clear(got)
						ep := ep
						ep.Sums, ep.Squares = make([]float64, len(sums)), make([]float64, len(sums))
						Winograd(p, got, x, f, s, ep)
						same(fmt.Sprintf("%d threads, cut %v, prepacked %t", threads, cut, prepacked), got, want)
						if !slices.Equal(ep.Sums, sums) || !slices.Equal(ep.Squares, squares) {
							t.Fatalf("%+v, %d threads, cut %v: moments %v, %v, want %v, %v", s, threads, cut, ep.Sums, ep.Squares, sums, squares)
						}
					}
				}
				p.Close()
			}
		}
	})
}

// chunkMoments are the sums and squares that an epilogue takes of x.
func chunkMoments(x []float32, cols int) (sums, squares []float64) {
	for rows := len(x) / cols; rows > 0; rows -= ColumnChunk {
		n := min(rows, ColumnChunk)
		sum, sumsq := make([]float64, cols), make([]float64, cols)
		ColumnMoments(sum, sumsq, x[:n*cols], n, cols)
		sums, squares, x = append(sums, sum...), append(squares, sumsq...), x[n*cols:]
	}
	return sums, squares
}

// TestWinogradPrepacked: a filter that is packed for one level, or another shape,
// serves any.
func TestWinogradPrepacked(t *testing.T) {
	r := rand.New(rand.NewPCG(6, 6))
	s := WinogradShape{N: 1, H: 5, W: 6, Cin: 9, Cout: 21, Pad: 1, Tile: 4}
	x, plain := normal(r, s.H*s.W*s.Cin), WinogradFilter[float32]{Data: normal(r, 9*s.Cin*s.Cout)}
	other := s
	other.Tile = 2
	want := make([]float32, s.H*s.W*s.Cout)
	Winograd(nil, want, x, plain, s, Epilogue[float32]{})
	filters := []WinogradFilter[float32]{PrepackWinograd(plain, other)}
	eachLevel(t, func(*testing.T) { filters = append(filters, PrepackWinograd(plain, s)) })
	eachLevel(t, func(t *testing.T) {
		for i, f := range filters {
			got := make([]float32, len(want))
			Winograd(nil, got, x, f, s, Epilogue[float32]{})
			for k, v := range want {
				if got[k] != v {
					t.Fatalf("filter %d: element %d is %v, want %v", i, k, got[k], v)
				}
			}
		}
	})
}

// TestWinogradTogether runs several convolutions at once, and counts allocations
// of one that has run before.
func TestWinogradTogether(t *testing.T) {
	p := pool.New(2)
	defer p.Close()
	r := rand.New(rand.NewPCG(5, 5))
	s := WinogradShape{N: 2, H: 13, W: 13, Cin: 20, Cout: 40, Pad: 1, Tile: 4}
	x, f := normal(r, s.N*s.H*s.W*s.Cin), WinogradFilter[float32]{Data: normal(r, 9*s.Cin*s.Cout)}
	want := make([]float32, s.N*s.H*s.W*s.Cout)
	Winograd(nil, want, x, f, s, Epilogue[float32]{})
	errs := make(chan error)
	for range 4 {
		go func() {
			got := make([]float32, len(want))
			for range 20 {
				clear(got)
				Winograd(p, got, x, f, s, Epilogue[float32]{})
				for i, v := range want {
					if got[i] != v {
						errs <- fmt.Errorf("element %d is %v, want %v", i, got[i], v)
						return
					}
				}
			}
			errs <- nil
		}()
	}
	for range 4 {
		if err := <-errs; err != nil {
			t.Error(err)
		}
	}
	defer func() { winogradBudget.band = 0 }()
	for _, groups := range []int{0, 1} {
		winogradBudget.band, winogradBudget.groups, winogradBudget.count = 12, groups, 1000
		ep := Epilogue[float32]{Sums: make([]float64, 3*s.Cout), Squares: make([]float64, 3*s.Cout)}
		if n := testing.AllocsPerRun(10, func() { Winograd(nil, want, x, f, s, ep) }); n != 0 {
			t.Errorf("groups %d: %v allocations", groups, n)
		}
	}
	y64, x64, f64 := make([]float64, len(want)), widened(x), WinogradFilter[float64]{Data: widened(f.Data)}
	if n := testing.AllocsPerRun(2, func() { Winograd(nil, y64, x64, f64, s, Epilogue[float64]{}) }); n != 0 {
		t.Errorf("float64: %v allocations", n)
	}
}

// TestWinogradPanics lists wrong calls, which must fail before memory is touched.
func TestWinogradPanics(t *testing.T) {
	good := WinogradShape{N: 1, H: 3, W: 3, Cin: 2, Cout: 2, Pad: 1, Tile: 4}
	for name, change := range map[string]func(s *WinogradShape){
		"tile":    func(s *WinogradShape) { s.Tile = 3 },
		"padding": func(s *WinogradShape) { s.Pad = 3 },
		"map":     func(s *WinogradShape) { s.H, s.Pad = 2, 0 },
		"input":   func(s *WinogradShape) { s.H = 4 },
		"filter":  func(s *WinogradShape) { s.Cout = 3 },
		"batch":   func(s *WinogradShape) { s.N = 2 },
		"count":   func(s *WinogradShape) { s.N = -1 },
	} {
		s := good
		change(&s)
		func() {
			defer func() {
				if recover() == nil {
					t.Errorf("wrong %s: no panic", name)
				}
			}()
			Winograd(nil, make([]float32, 18), make([]float32, 18), WinogradFilter[float32]{Data: make([]float32, 36)}, s, Epilogue[float32]{})
		}()
	}
}
