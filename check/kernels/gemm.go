package kernels

import "anomem/simd"

// The product's checks, one for each way to the tile kernel. The names begin with the
// kernel's field, "gemm".
var products = []kernel{
	{"gemm/sizes", productSizes},
	{"gemm/layouts", productLayouts},
	{"gemm/epilogues", productEpilogues},
	{"gemm/heights", productHeights},
	{"gemm/blocks", productBlocks},
	{"gemm/special", productSpecials},
	{"gemm/gathered", productGathered},
	{"gemm/turned", productTurned},
	{"gemm/runs", productRuns},
	{"gemm/prepacked", productPrepacked},
	{"gemm/threads", productThreads},
	{"gemm/moments", productMoments},
}

// The largest register tile of any level.
const tileRows, tileCols = 8, 32

// productSizes tries all sizes from 0 to twice the tile plus one.
func productSizes(try func(trial) error) error {
	for m := range 2*tileRows + 2 {
		for n := range 2*tileCols + 2 {
			k := (m*7 + n) % 11 // every remainder of the unrolled loop with every m and n
			if err := tryAll(try, product{m: m, n: n, k: k, accumulate: (m+n)%2 == 0}); err != nil {
				return err
			}
		}
	}
	return nil
}

// productLayouts tries the four transpositions, with leading dimensions that are not
// the number of columns.
func productLayouts(try func(trial) error) error {
	for _, s := range [][3]int{{1, 1, 1}, {1, 40, 9}, {5, 16, 3}, {13, 37, 20}, {29, 33, 70}, {40, 65, 300}} {
		for i := range 4 {
			for _, pad := range []int{0, 1, 3, 256 - s[2]%256} {
				p := product{m: s[0], n: s[1], k: s[2], transA: i&1 != 0, transB: i&2 != 0, pad: pad}
				if err := tryAll(try, p); err != nil {
					return err
				}
			}
		}
	}
	return nil
}

// productEpilogues tries all epilogues, with every height of a tile and a width for
// every number of vectors in a tile, whole and partial.
func productEpilogues(try func(trial) error) error {
	shapes := [][3]int{{0, 3, 2}, {3, 5, 0}, {17, 67, 5}, {9, 16, 300}}
	for m := 1; m <= tileRows; m++ {
		for _, n := range []int{1, 8, 13, 16, 20, 29, tileCols, tileCols + 11} {
			shapes = append(shapes, [3]int{m, n, 3})
		}
	}
	for _, s := range shapes {
		for i := range 3 * 8 {
			p := product{m: s[0], n: s[1], k: s[2], pad: i % 2, bias: i%3 == 1, scale: i%3 == 2,
				residual: i/3&1 != 0, relu: i/3&2 != 0, accumulate: i/3&4 != 0}
			if err := tryAll(try, p); err != nil {
				return err
			}
		}
	}
	return nil
}

// productHeights tries all epilogues on tiles of every height, in whole and partial
// panels, and zeros of either sign before the ReLU.
func productHeights(try func(trial) error) error {
	widths := [2]int{tileCols + 7, 13} // 13: those of a narrow tile
	for m := range tileRows + 1 {
		var ps []product
		for i := range 3 * 8 {
			ps = append(ps, product{m: m, n: widths[i%2], k: 1 + i%5, bias: i%3 == 1, scale: i%3 == 2,
				residual: i/3&1 != 0, relu: i/3&2 != 0, accumulate: i/3&4 != 0})
		}
		for range 8 {
			ps = append(ps, product{m: m, n: tileCols + 7, k: 1, relu: true, accumulate: true, values: source.zeros})
		}
		if err := tryAll(try, ps...); err != nil {
			return err
		}
	}
	return nil
}

// productBlocks tries products larger than a block of k, of rows, and of panels.
func productBlocks(try func(trial) error) error {
	return tryAll(try,
		product{m: 7, n: 33, k: 1100, relu: true, bias: true},
		product{m: 203, n: 20, k: 19, residual: true},
		product{m: 203, n: 20, k: 19, transA: true, accumulate: true},
		product{m: 9, n: 700, k: 40, scale: true},
		product{m: 50, n: 100, k: 600, transB: true, pad: 5},
	)
}

// productSpecials tries NaN, infinities, zeros of both signs and subnormal numbers.
func productSpecials(try func(trial) error) error {
	for _, values := range []func(source, int) []float32{source.special, source.zeros, source.tiny, source.oneOdd, source.anything} {
		for i := range 12 {
			p := product{m: 3 + i, n: 17 + 3*i, k: 1 + i%5, accumulate: i%2 == 0, values: values,
				relu: i%3 == 0, residual: i%3 == 1, bias: i%4 == 1, scale: i%4 == 2}
			if err := tryAll(try, p); err != nil {
				return err
			}
		}
	}
	return nil
}

// productGathered tries gathered rows, some of them padding.
func productGathered(try func(trial) error) error {
	for taps := 1; taps <= 10; taps++ {
		for _, s := range [][3]int{{0, 4, 4}, {1, 1, 1}, {8, 32, 3}, {19, 40, 5}, {100, 18, 64}, {13, 5, 300}} {
			p := product{m: s[0], n: s[1], k: s[2], taps: taps, transB: taps%2 == 0, accumulate: taps%3 == 0, bias: taps%4 == 0}
			if err := tryAll(try, p); err != nil {
				return err
			}
		}
	}
	for _, k := range []int{1, 2, 9} { // nothing but padding
		p := product{m: 5, n: 7, k: k, taps: 3, padding: true}
		if err := tryAll(try, p); err != nil {
			return err
		}
	}
	special := product{m: 21, n: 35, k: 6, taps: 4, values: source.special} // 0·∞ at a row of zeros
	return tryAll(try, special)
}

// productTurned tries products whose gathered factor is transposed.
func productTurned(try func(trial) error) error {
	for taps := 1; taps <= 9; taps++ {
		for w := 0; w <= 2*tileRows+1; w += 1 + taps/4 {
			p := product{m: taps * w, n: 9 + 3*w, k: 3 * taps, taps: taps, turned: true, pad: w % 2, accumulate: w%2 == 0, bias: w%3 == 0}
			narrow := product{m: taps * w, n: 13, k: 3 * taps, taps: taps, turned: true, accumulate: w%2 != 0}
			if err := tryAll(try, p, narrow); err != nil {
				return err
			}
		}
	}
	return tryAll(try,
		product{m: 0, n: 4, k: 2, taps: 1, turned: true},
		product{m: 12, n: 4, k: 0, taps: 3, turned: true, residual: true},
		product{m: 6 * 40, n: 40, k: 1100, taps: 6, turned: true, threads: 2},
		product{m: 2 * 300, n: 20, k: 9, taps: 2, turned: true, relu: true, threads: 4},
		product{m: 3 * 11, n: 35, k: 21, taps: 3, turned: true, values: source.special},
		product{m: 3 * 11, n: 35, k: 21, taps: 3, turned: true, padding: true},
	)
}

// productRuns tries rows of C that come in runs.
func productRuns(try func(trial) error) error {
	for run := 1; run <= 2*tileRows+1; run++ {
		for _, m := range []int{0, 1, run, 2*run + 1, 130} {
			p := product{m: m, n: 18 + run, k: 5, taps: 1 + run%3, run: run, pad: run % 2, accumulate: run%2 == 0, relu: run%3 == 0, threads: 1 + run%2}
			if err := tryAll(try, p); err != nil {
				return err
			}
		}
	}
	return tryAll(try, product{m: 300, n: 40, k: 300, taps: 2, run: 120, accumulate: true})
}

// productPrepacked tries products of a prepacked factor.
func productPrepacked(try func(trial) error) error {
	for _, s := range [][3]int{{1, 1, 1}, {5, 32, 9}, {21, 45, 7}, {50, 19, 700}, {13, 300, 33}} {
		for i := range 6 {
			p := product{m: s[0], n: s[1], k: s[2], transB: i&1 != 0, taps: i / 2 * 2, pad: i, prepacked: true, threads: 1 + i%2}
			if err := tryAll(try, p); err != nil {
				return err
			}
		}
	}
	return nil
}

// productThreads tries products of several chunks, on several threads.
func productThreads(try func(trial) error) error {
	for _, threads := range []int{1, 2, 4} {
		err := tryAll(try,
			product{m: 310, n: 70, k: 30, threads: threads, bias: true},
			product{m: 20, n: 900, k: 90, threads: threads, transB: true},
			product{m: 120, n: 40, k: 10, taps: 9, threads: threads, relu: true},
		)
		if err != nil {
			return err
		}
	}
	return nil
}

// productMoments tries the moments of C: of chunks of rows that are empty, whole and
// partial, of every width up to a panel, and after every epilogue; in blocks of k, of
// rows and of panels, on several threads.
func productMoments(try func(trial) error) error {
	for n := range tileCols + 2 {
		for _, m := range []int{1, 7, simd.ColumnChunk + n%3 - 1} {
			if err := tryAll(try, product{m: m, n: n, k: 3, pad: n % 2, moments: true}); err != nil {
				return err
			}
		}
	}
	for i := range 3 * 8 {
		p := product{m: 2*simd.ColumnChunk + i, n: tileCols + 5, k: i % 7, moments: true, pad: i % 4, bias: i%3 == 1, scale: i%3 == 2,
			residual: i/3&1 != 0, relu: i/3&2 != 0, accumulate: i/3&4 != 0, transA: i%5 == 0, transB: i%2 == 0, threads: 1 + i%4, prepacked: i%3 == 0}
		gathered := p
		gathered.taps, gathered.transA = 1+i%4, false
		turned := gathered
		turned.turned, turned.taps, turned.m, turned.prepacked = true, 3, 3*(40+i), false
		if err := tryAll(try, p, gathered, turned); err != nil {
			return err
		}
	}
	return tryAll(try,
		product{m: 0, n: 5, k: 3, moments: true},
		product{m: 300, n: 0, k: 3, moments: true},
		product{m: 140, n: 40, k: 900, moments: true},
		product{m: 30, n: 40, k: 1100, moments: true},
		product{m: 385, n: 100, k: 60, moments: true, threads: 2},
		product{m: 150, n: 300, k: 20, moments: true, threads: 4},
		product{m: 140, n: 40, k: 70, taps: 9, moments: true, threads: 2},
		product{m: 260, n: 35, k: 4, moments: true, values: source.oneOdd},
		product{m: 260, n: 35, k: 1, moments: true, values: source.zeros},
	)
}
