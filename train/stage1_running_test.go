package train

import (
	"math"
	"slices"
	"testing"

	"anomem"
	"anomem/autograd"
	"anomem/nn"
)

// statistics returns a copy of the running statistics of m.
func statistics[T nn.Float](m nn.Params[T]) [][]T {
	var all [][]T
	for _, e := range nn.Entries(m, "") {
		if e.Buffer {
			all = append(all, slices.Clone(e.Tensor.Data()))
		}
	}
	return all
}

// scramble sets the running statistics to values other than the initial ones.
func scramble[T nn.Float](m nn.Params[T]) {
	for _, e := range nn.Entries(m, "") {
		if e.Buffer {
			for i := range e.Tensor.Data() {
				e.Tensor.Data()[i] += T(i%7) / 4
			}
		}
	}
}

// TestRunningStatistics checks that a step makes one update, to the mean over the chunks of
// both views of the statistics that a norm alone takes of each, with the same bits where
// chunks are encoded once and twice.
func TestRunningStatistics(t *testing.T) {
	c, o := smallConfig(), smallOptions()
	const rows, chunk = 11, 4
	b := smallBatch[float32](c, rows)
	parts := func() *anomem.Parts[float32] {
		p, err := anomem.NewParts[float32](c, 3)
		if err != nil {
			t.Fatal(err)
		}
		scramble[float32](p)
		return p
	}
	// Record what each chunk alone does to norms that start from the same values.
	alone := parts()
	old := statistics[float32](alone)
	s := NewStepper(alone, c, o.Loss, chunk, 0, nil)
	n := chunks(rows, chunk)
	mean := make([][]float64, len(old))
	for i := range mean {
		mean[i] = make([]float64, len(old[i]))
	}
	for k := range 2 * n {
		i := 0
		for _, e := range nn.Entries(alone, "") {
			if e.Buffer {
				copy(e.Tensor.Data(), old[i])
				i++
			}
		}
		s.graph.NoGrad(func() { s.encode(s.graph, b, k/n, n, k%n) })
		s.graph.Reset()
		for i, v := range statistics[float32](alone) {
			for j, x := range v {
				mean[i][j] += float64(x) / float64(2*n)
			}
		}
	}
	var once [][]float32
	for _, memory := range []int64{0, 1 << 40} {
		p := parts()
		s := NewStepper(p, c, o.Loss, chunk, memory, nil)
		if memory > 0 {
			s.rowBytes = 1 // known, so that all goes on one tape from the start
		}
		if _, err := s.Step(b); err != nil {
			t.Fatal(err)
		}
		got := statistics[float32](p)
		for i := range got {
			for j, x := range got[i] {
				// Products, sums and the quotient make 2n+4 roundings.
				if bound := float64(2*n+4) * 0x1p-24 * (math.Abs(mean[i][j]) + math.Abs(float64(old[i][j]))); math.Abs(float64(x)-mean[i][j]) > bound {
					t.Fatalf("memory %d: statistic %d of norm %d is %v, want the mean %v of the chunks' updates of %v", memory, j, i, x, mean[i][j], old[i][j])
				}
			}
		}
		if once == nil {
			once = got
		}
		for i := range got {
			if !slices.Equal(got[i], once[i]) {
				t.Errorf("norm %d: other statistics where chunks are encoded once", i)
			}
		}
		if slices.Equal(got[0], old[0]) {
			t.Error("the statistics have not moved")
		}
		// Functions that only look at a batch leave the statistics as they are.
		s.features(b)
		for i, v := range statistics[float32](p) {
			if !slices.Equal(v, got[i]) {
				t.Errorf("features has changed norm %d", i)
			}
		}
		s.running.begin()
		s.running.restore()
	}
}

// One chunk is one batch of a plain norm, up to the rounding of m·s, (1-m)·r and their sum.
func TestRunningStatisticsOfOneChunk(t *testing.T) {
	x := autograd.FromSlice([]float32{1, 2, 3, -4, 5, 0.5, 7, 8}, 4, 2)
	plain, stepped := nn.NewBatchNorm2D[float32](2), nn.NewBatchNorm2D[float32](2)
	scramble[float32](plain)
	scramble[float32](stepped)
	g := autograd.NewGraph[float32](nil)
	plain.Forward(g, x)
	r := newRunning[float32](stepped)
	r.begin()
	r.before()
	stepped.Forward(g, x)
	r.after()
	r.end()
	for i, want := range statistics[float32](plain) {
		for j, w := range want {
			if got := statistics[float32](stepped)[i][j]; math.Abs(float64(got-w)) > 3*0x1p-24*max(4, math.Abs(float64(w))) {
				t.Errorf("statistic %d, %d: %v, want %v", i, j, got, w)
			}
		}
	}
	// After replace, they are those of the chunks alone.
	r.begin()
	for range 3 {
		r.before()
		stepped.Forward(g, x)
		r.after()
	}
	r.replace()
	for c := range 2 {
		var mean, variance float64
		for i := range 4 {
			mean += float64(x.Data()[2*i+c]) / 4
		}
		for i := range 4 {
			variance += math.Pow(float64(x.Data()[2*i+c])-mean, 2) / 3
		}
		if got := float64(stepped.RunningMean.Data()[c]); math.Abs(got-mean) > 1e-6*math.Abs(mean) {
			t.Errorf("mean %v, want %v", got, mean)
		}
		if got := float64(stepped.RunningVar.Data()[c]); math.Abs(got-variance) > 1e-6*variance {
			t.Errorf("variance %v, want %v", got, variance)
		}
	}
}

// Chunks are contiguous, as even as possible, no larger than asked for, and have at least
// two rows.
func TestChunks(t *testing.T) {
	for size := 3; size < 20; size++ {
		for rows := 2; rows < 200; rows++ {
			n := chunks(rows, size)
			next, least, most := 0, rows, 0
			for i := range n {
				lo, hi := chunkOf(rows, n, i)
				if lo != next {
					t.Fatalf("%d rows in chunks of %d: one begins at %d, and the last ended at %d", rows, size, lo, next)
				}
				next, least, most = hi, min(least, hi-lo), max(most, hi-lo)
			}
			if next != rows || most > size || least < 2 || most-least > 1 || n > 1 && (n-1)*size >= rows {
				t.Fatalf("%d rows in chunks of %d: %d chunks of %d to %d rows, %d in all", rows, size, n, least, most, next)
			}
		}
	}
}
