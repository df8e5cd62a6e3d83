package train

import (
	"math"

	"anomem/autograd"
	"anomem/hopfield"
	"anomem/simd"
)

// features returns the sampled normal rows of the first view, scale by scale, as the
// encoder makes them in training, and leaves the running statistics as they are.
func (s *Stepper[T]) features(b *Batch[T]) [][]T {
	n := chunks(len(b.Normal), s.Chunk)
	s.running.begin()
	all := make([][]T, len(s.Config.Scales))
	for i := range n {
		var out []*autograd.Tensor[T]
		s.graph.NoGrad(func() { out = s.encode(s.graph, b, 0, n, i) })
		lo, hi := chunkOf(len(b.Normal), n, i)
		for sc, o := range out {
			size := o.Len() / (hi - lo)
			for k := lo; k < hi; k++ {
				if b.Normal[k] {
					all[sc] = append(all[sc], o.Data()[(k-lo)*size:(k-lo+1)*size]...)
				}
			}
		}
		s.graph.Reset()
	}
	s.running.restore()
	return all
}

// measure adds the statistics of a batch's chunks to the running ones that are being
// gathered.
func (s *Stepper[T]) measure(b *Batch[T]) {
	n := chunks(len(b.Normal), s.Chunk)
	for k := range 2 * n {
		s.running.before()
		s.graph.NoGrad(func() { s.encode(s.graph, b, k/n, n, k%n) })
		s.running.after()
		s.graph.Reset()
	}
}

// Of a scale watchRows rows are looked at, and fewer than watchLeast tell nothing.
const watchRows, watchLeast = 1024, 4

// watch looks at the embeddings of the step before, at its normal rows.
func (s *Stage1) watch() []Watch {
	st, g := s.stepper, s.stepper.graph
	defer g.Reset()
	var all []Watch
	g.NoGrad(func() {
		for sc, m := range s.Parts.Memories {
			z := st.emb[0][sc]
			per := z.Dim(2)
			var rows []int32
			for k, normal := range s.batch.Normal {
				for p := 0; p < per && normal && len(rows) < watchRows; p++ {
					rows = append(rows, int32(k*per+p))
				}
			}
			if len(rows) == 0 { // a batch of anomalies alone
				all = append(all, Watch{})
				continue
			}
			c := z.Dim(3)
			q := hopfield.Normalize(g, g.GatherRows(g.Reshape(z, z.Len()/c, c), rows), hopfield.Unit)
			w := hopfield.Weights(g, q, m.Patterns, m.Config)
			all = append(all, Watch{Used: effective(w), Sharp: sharpness(w), Spread: spreadOf(q), Rows: len(rows)})
		}
	})
	return all
}

// effective is exp of the entropy of the mean row of w [R N].
func effective(w *autograd.Tensor[float32]) float64 {
	r, n := w.Dim(0), w.Dim(1)
	mean := make([]float64, n)
	for i, v := range w.Data() {
		mean[i%n] += float64(v) / float64(r)
	}
	var entropy float64
	for _, p := range mean {
		if p > 0 {
			entropy -= float64(p * math.Log(p))
		}
	}
	return math.Exp(entropy)
}

func sharpness(w *autograd.Tensor[float32]) float64 {
	r, n := w.Dim(0), w.Dim(1)
	var sum float64
	for i := range r {
		sum += float64(simd.Max(w.Data()[i*n : (i+1)*n]))
	}
	return sum / float64(r)
}

// spreadOf is √(C·mean over channels of the variance over rows) of unit rows q [R C].
func spreadOf(q *autograd.Tensor[float32]) float64 {
	r, c := q.Dim(0), q.Dim(1)
	mean, square := make([]float64, c), make([]float64, c)
	for i, v := range q.Data() {
		mean[i%c] += float64(v) / float64(r)
		square[i%c] += float64(float64(v)*float64(v)) / float64(r)
	}
	var sum float64
	for i := range mean {
		sum += square[i] - float64(mean[i]*mean[i])
	}
	return math.Sqrt(max(0, sum))
}
