package simd

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"

	"anomem/simd/pool"
)

// rectangle is m·x·mᵀ, m of any shape; with abs, of absolute values.
func rectangle(m, x [][]float64, abs bool) [][]float64 {
	y := make([][]float64, len(m))
	for i := range y {
		y[i] = make([]float64, len(m))
		for j := range y[i] {
			for k := range x {
				for l := range x[k] {
					v := m[i][k] * x[k][l] * m[j][l]
					if abs {
						v = math.Abs(v)
					}
					y[i][j] += v
				}
			}
		}
	}
	return y
}

func transposed(m [][]float64) [][]float64 {
	t := make([][]float64, len(m[0]))
	for i := range t {
		for j := range m {
			t[i] = append(t[i], m[j][i])
		}
	}
	return t
}

// winogradWeightsOf evaluates the algorithm, or with abs the sum in its error bound,
// in float64.
func winogradWeightsOf(x, dy []float32, s WinogradShape, abs bool) []float64 {
	m, alpha := winogradMatrices[s.Tile], s.Tile+2
	gt, a := transposed(m.g), transposed(m.at)
	oh, ow := s.Out()
	sums := make([][][]float64, s.Cin*s.Cout)
	for i := range sums {
		sums[i] = square(alpha)
	}
	for n := range s.N {
		for top := 0; top < oh; top += s.Tile {
			for left := 0; left < ow; left += s.Tile {
				var u [][][]float64
				for o := range s.Cout {
					d := square(s.Tile)
					for i := range d {
						for j := range d[i] {
							if p, q := top+i, left+j; p < oh && q < ow {
								d[i][j] = float64(dy[((n*oh+p)*ow+q)*s.Cout+o])
							}
						}
					}
					u = append(u, rectangle(a, d, abs))
				}
				for c := range s.Cin {
					d := square(alpha)
					for i := range d {
						for j := range d[i] {
							if h, w := top+i-s.Pad, left+j-s.Pad; h >= 0 && h < s.H && w >= 0 && w < s.W {
								d[i][j] = float64(x[((n*s.H+h)*s.W+w)*s.Cin+c])
							}
						}
					}
					v := rectangle(m.bt, d, abs)
					for o := range s.Cout {
						for i := range alpha {
							for j := range alpha {
								sums[c*s.Cout+o][i][j] += v[i][j] * u[o][i][j]
							}
						}
					}
				}
			}
		}
	}
	dw := make([]float64, 9*len(sums))
	for i, sum := range sums {
		for tap := range 9 {
			dw[tap*len(sums)+i] = rectangle(gt, sum, abs)[tap/3][tap%3]
		}
	}
	return dw
}

// TestWinogradWeightsDirect holds float64 to the definition, adding and not, and
// the matrices to float64, without rounding errors to speak of.
func TestWinogradWeightsDirect(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 1))
	for _, tile := range []int{2, 4} {
		for pad := range 3 {
			s := WinogradShape{N: 2, H: 7, W: 6, Cin: 3, Cout: 2, Pad: pad, Tile: tile}
			oh, ow := s.Out()
			x, dy := normal(r, s.N*s.H*s.W*s.Cin), normal(r, s.N*oh*ow*s.Cout)
			was := normal(r, 9*s.Cin*s.Cout)
			want := make([]float64, len(was))
			for i := range want {
				tap, c, o := i/(s.Cin*s.Cout), i/s.Cout%s.Cin, i%s.Cout
				for k := range s.N * oh * ow {
					n, p, q := k/(oh*ow), k/ow%oh, k%ow
					if h, w := p+tap/3-pad, q+tap%3-pad; h >= 0 && h < s.H && w >= 0 && w < s.W {
						want[i] += float64(x[((n*s.H+h)*s.W+w)*s.Cin+c]) * float64(dy[k*s.Cout+o])
					}
				}
			}
			plain, added := widened(was), widened(was)
			WinogradWeights(nil, plain, widened(x), widened(dy), s, false)
			WinogradWeights(nil, added, widened(x), widened(dy), s, true)
			single := append([]float32(nil), was...)
			WinogradWeights(nil, single, x, dy, s, true)
			for i, v := range winogradWeightsOf(x, dy, s, false) {
				for what, got := range map[string]float64{"matrices": v, "stored": plain[i], "added": added[i] - float64(was[i])} {
					if math.Abs(got-want[i]) > 1e-12 {
						t.Errorf("%+v, %s: element %d is %v, want %v", s, what, i, got, want[i])
					}
				}
				if math.Abs(float64(single[i])-added[i]) > 1e-4 {
					t.Errorf("%+v, float32: element %d is %v, want %v", s, i, single[i], added[i])
				}
			}
		}
	}
}

// TestWinogradWeightsError holds float32 results to the bound that WinogradWeights
// states, evaluated for every element, and states the error for normal random
// values beside that of the direct sum.
func TestWinogradWeightsError(t *testing.T) {
	roundings := map[int]int{2: 8, 4: 16}
	for _, tile := range []int{2, 4} {
		for _, c := range []struct{ n, size int }{{1, 1}, {1, 3}, {1, 9}, {2, 32}, {9, 32}, {40, 14}} {
			for _, uneven := range []bool{false, true} {
				s := WinogradShape{N: c.n, H: c.size, W: c.size, Cin: 3, Cout: 5, Pad: 1, Tile: tile}
				r := rand.New(rand.NewPCG(uint64(c.size), 2))
				x, dy := normal(r, s.N*s.H*s.W*s.Cin), normal(r, s.N*s.H*s.W*s.Cout)
				if uneven { // magnitudes far apart, all of one sign
					for _, x := range [][]float32{x, dy} {
						for i, v := range x {
							x[i] = float32(math.Abs(float64(v)) * math.Exp(3*r.NormFloat64()))
						}
					}
				}
				was := normal(r, 9*s.Cin*s.Cout)
				dw, want := append([]float32(nil), was...), widened(was)
				WinogradWeights(nil, dw, x, dy, s, true)
				WinogradWeights(nil, want, widened(x), widened(dy), s, true)
				segment := s.weightSegment()
				squares := ceilDiv(c.size, tile) * ceilDiv(c.size, tile)
				ne := float64(min(s.N, segment)*squares+ceilDiv(s.N, segment)+roundings[tile]) * 0x1p-24
				var e2, y2, share float64
				for i, bound := range winogradWeightsOf(x, dy, s, true) {
					e := math.Abs(float64(dw[i]) - want[i])
					bound = (bound + math.Abs(float64(was[i]))) * ne / (1 - ne)
					if e > bound {
						t.Errorf("%+v: element %d is %v, exactly %v: an error of %g, more than %g", s, i, dw[i], want[i], e, bound)
					}
					e2, y2 = e2+e*e, y2+want[i]*want[i]
					share = max(share, e/bound)
				}
				t.Logf("F(%d×%d), %d × %2d², uneven %5t: RMS error %.2g, direct %.2g; at most %.2g of the bound",
					tile, tile, c.n, c.size, uneven, math.Sqrt(e2/y2), directWeightsError(s, x, dy, was, want), share)
			}
		}
	}
}

// directWeightsError is the root mean square error of the direct sum in segments of
// 4096 positions, over that of the result.
func directWeightsError(s WinogradShape, x, dy, was []float32, want []float64) float64 {
	oh, ow := s.Out()
	var e2, y2 float64
	for i, dw := range was {
		tap, c, o := i/(s.Cin*s.Cout), i/s.Cout%s.Cin, i%s.Cout
		images := ceilDiv(4096, oh*ow)
		var sum float32
		for n := range s.N {
			for k := range oh * ow {
				h, w := k/ow+tap/3-s.Pad, k%ow+tap%3-s.Pad
				if h >= 0 && h < s.H && w >= 0 && w < s.W {
					sum = FMA32(x[((n*s.H+h)*s.W+w)*s.Cin+c], dy[(n*oh*ow+k)*s.Cout+o], sum)
				}
			}
			if (n+1)%images == 0 || n+1 == s.N {
				dw, sum = dw+sum, 0
			}
		}
		e := float64(dw) - want[i]
		e2, y2 = e2+e*e, y2+want[i]*want[i]
	}
	return math.Sqrt(e2 / y2)
}

// TestWinogradWeightsCuts: neither the way, nor the sizes of bands and blocks, nor
// threads change a bit, and segments are added in order.
func TestWinogradWeightsCuts(t *testing.T) {
	defer func() { weightsBudget.band = 0 }()
	r := rand.New(rand.NewPCG(4, 4))
	for _, s := range []WinogradShape{
		{N: 11, H: 19, W: 21, Cin: 5, Cout: 70, Pad: 1, Tile: 4},
		{N: 3, H: 6, W: 9, Cin: 40, Cout: 33, Pad: 0, Tile: 2},
		{N: 150, H: 5, W: 5, Cin: 7, Cout: 3, Pad: 1, Tile: 4},
	} {
		oh, ow := s.Out()
		x, dy := normal(r, s.N*s.H*s.W*s.Cin), normal(r, s.N*oh*ow*s.Cout)
		was := normal(r, 9*s.Cin*s.Cout)
		for _, accumulate := range []bool{false, true} {
			var want []float32
			eachLevel(t, func(t *testing.T) {
				same := func(what string, got []float32) {
					t.Helper()
					for i, v := range want {
						if math.Float32bits(got[i]) != math.Float32bits(v) {
							t.Fatalf("%+v, %s: element %d is %v, want %v", s, what, i, got[i], v)
						}
					}
				}
				if want == nil { // segment by segment
					want = append([]float32(nil), was...)
					for n := 0; n < s.N; n += s.weightSegment() {
						one, sum := s, make([]float32, len(want))
						one.N = min(s.weightSegment(), s.N-n)
						WinogradWeights(nil, sum, x[n*s.H*s.W*s.Cin:], dy[n*oh*ow*s.Cout:], one, false)
						for i, v := range sum {
							if n > 0 || accumulate {
								v = want[i] + v
							}
							want[i] = v
						}
					}
				}
				got := make([]float32, len(want))
				for _, threads := range []int{1, 2, 4} {
					p := pool.New(threads)
					for _, cut := range [][3]int{{0, 0, 0}, {1, 3, 1}, {7, 64, 4}, {1000, 8, 2}} {
						for _, segments := range []bool{false, true} {
							weightsBudget.band, weightsBudget.rows, weightsBudget.panels = cut[0], cut[1], cut[2]
							weightsBudget.bySegments = segments
							copy(got, was)
							WinogradWeights(p, got, x, dy, s, accumulate)
							same(fmt.Sprintf("%d threads, cut %v, by segments %t", threads, cut, segments), got)
						}
					}
					p.Close()
				}
			})
		}
	}
}

// TestWinogradWeightsAllocations counts those of a gradient that has been taken
// before.
func TestWinogradWeightsAllocations(t *testing.T) {
	defer func() { weightsBudget.band = 0 }()
	r := rand.New(rand.NewPCG(5, 5))
	s := WinogradShape{N: 2, H: 13, W: 13, Cin: 20, Cout: 40, Pad: 1, Tile: 4}
	x, dy := normal(r, s.N*s.H*s.W*s.Cin), normal(r, s.N*s.H*s.W*s.Cout)
	dw := make([]float32, 9*s.Cin*s.Cout)
	for _, segments := range []bool{false, true} {
		weightsBudget.band, weightsBudget.rows, weightsBudget.panels, weightsBudget.bySegments = 12, 8, 1, segments
		if n := testing.AllocsPerRun(10, func() { WinogradWeights(nil, dw, x, dy, s, true) }); n != 0 {
			t.Errorf("by segments %t: %v allocations", segments, n)
		}
	}
	dw64, x64, dy64 := widened(dw), widened(x), widened(dy)
	if n := testing.AllocsPerRun(2, func() { WinogradWeights(nil, dw64, x64, dy64, s, true) }); n != 0 {
		t.Errorf("float64: %v allocations", n)
	}
}

// TestWinogradWeightsPanics lists wrong calls, which must fail before memory is
// touched, and empty ones.
func TestWinogradWeightsPanics(t *testing.T) {
	good := WinogradShape{N: 1, H: 3, W: 3, Cin: 2, Cout: 2, Pad: 1, Tile: 4}
	for name, change := range map[string]func(s *WinogradShape){
		"tile":     func(s *WinogradShape) { s.Tile = 3 },
		"input":    func(s *WinogradShape) { s.H, s.W, s.Cout = 4, 4, 1 },
		"gradient": func(s *WinogradShape) { s.Pad = 2 },
		"filter":   func(s *WinogradShape) { s.H, s.W, s.Cin, s.Cout = 1, 1, 3, 3 },
		"count":    func(s *WinogradShape) { s.N = -1 },
	} {
		s := good
		change(&s)
		func() {
			defer func() {
				if recover() == nil {
					t.Errorf("wrong %s: no panic", name)
				}
			}()
			WinogradWeights(nil, make([]float32, 36), make([]float32, 18), make([]float32, 18), s, false)
		}()
	}
	for _, accumulate := range []bool{false, true} {
		s := good
		s.N = 0
		dw := []float32{35: 1}
		WinogradWeights(nil, dw, nil, nil, s, accumulate)
		if (dw[35] == 1) != accumulate {
			t.Errorf("no images, accumulate %t: %v", accumulate, dw[35])
		}
	}
}
