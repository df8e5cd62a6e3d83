package train

import (
	"fmt"
	"math"

	"anomem/autograd"
	"anomem/hopfield"
	"anomem/simd"
)

// Diagnostics measure a collapse of the features or the memory at one scale.
type Diagnostics struct {
	// EffectivePatterns is the effective number of patterns: the exponential of the entropy
	// of the mean weight that normal rows give each pattern.
	EffectivePatterns float64
	// PeakWeight is the mean over rows of the largest weight.
	PeakWeight float64
	// FeatureSpread is the root mean square over channels of the standard deviation of the
	// features' directions, times √C: 1 if they point everywhere, 0 if all are the same.
	FeatureSpread float64

	Rows int // number of rows measured
}

// collapsed returns an error if the features of a scale have collapsed to one point.
func collapsed(all []Diagnostics, step int) error {
	for i, s := range all {
		if s.Rows < diagnosedLeast {
			continue
		}
		if math.IsNaN(s.FeatureSpread) || step > 0 && s.FeatureSpread < 0.01 {
			return fmt.Errorf("train: step %d: the features of scale %d have collapsed to one point (spread %.2g): lower the learning rate, or raise the weight of the variance loss", step, i+1, s.FeatureSpread)
		}
	}
	return nil
}

// Diagnostics use at most diagnosedRows rows of a scale. Fewer than diagnosedLeast tell
// nothing.
const diagnosedRows, diagnosedLeast = 1024, 4

// diagnose measures the embeddings of the normal rows of the stepper's last batch.
func diagnose(st *Stepper[float32], b *Batch[float32]) []Diagnostics {
	g := st.graph
	defer g.Reset()
	var all []Diagnostics
	g.NoGrad(func() {
		for sc, m := range st.Parts.Memories {
			z := st.emb[0][sc]
			per := z.Dim(2)
			var rows []int32
			for k, normal := range b.Normal {
				for p := 0; p < per && normal && len(rows) < diagnosedRows; p++ {
					rows = append(rows, int32(k*per+p))
				}
			}
			if len(rows) == 0 { // a batch of anomalies alone
				all = append(all, Diagnostics{})
				continue
			}
			c := z.Dim(3)
			q := hopfield.Normalize(g, g.GatherRows(g.Reshape(z, z.Len()/c, c), rows), hopfield.Unit)
			w := hopfield.Weights(g, q, m.Patterns, m.Config)
			all = append(all, Diagnostics{
				EffectivePatterns: effective(w), PeakWeight: sharpness(w), FeatureSpread: spreadOf(q), Rows: len(rows),
			})
		}
	})
	return all
}

// effective returns the exponential of the entropy of the mean row of w [R N].
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

// sharpness returns the mean over the rows of w [R N] of their largest value.
func sharpness(w *autograd.Tensor[float32]) float64 {
	r, n := w.Dim(0), w.Dim(1)
	var sum float64
	for i := range r {
		sum += float64(simd.Max(w.Data()[i*n : (i+1)*n]))
	}
	return sum / float64(r)
}

// spreadOf returns √(C·v) of unit rows q [R C], where v is the mean over channels of the
// variance over rows.
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
