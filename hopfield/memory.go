package hopfield

import (
	"fmt"
	"math"

	"anomem/autograd"
	"anomem/nn"
	"anomem/nn/rng"
)

// Memory is the memory layer: learned patterns and the settings of retrieval.
type Memory[T autograd.Float] struct {
	Patterns *autograd.Tensor[T] // X, [N C]
	Config   Config
}

// Retrieve is eq. 1 for query [... C].
func (m *Memory[T]) Retrieve(g *autograd.Graph[T], query *autograd.Tensor[T]) *autograd.Tensor[T] {
	return Retrieve(g, query, m.Patterns, m.Config)
}

// Visit visits "patterns". They are exempt from weight decay: under Unit their norm has no
// effect, and under Raw decay would pull the prototypes to the origin.
func (m *Memory[T]) Visit(v nn.Visitor[T], prefix string) {
	v.Entry(nn.Entry[T]{Name: nn.Join(prefix, "patterns"), Tensor: m.Patterns, First: nn.Normal(1)})
}

// Scale implements Retriever.
func (m *Memory[T]) Scale() Similarity { return m.Config.Similarity }

// Random returns a memory of n patterns of c channels from the standard normal
// distribution.
func Random[T autograd.Float](n, c int, r rng.Stream, cfg Config) *Memory[T] {
	m := empty[T](n, c, cfg)
	for i := range m.Patterns.Data() {
		m.Patterns.Data()[i] = T(r.Norm())
	}
	return m
}

// FromFeatures returns a memory whose n patterns are rows drawn without replacement from
// features [R C], which lie row after row. Rows that have no direction or are not finite
// are not drawn. It is an error if fewer than n others are left.
func FromFeatures[T autograd.Float](features []T, c, n int, r rng.Stream, cfg Config) (*Memory[T], error) {
	rows, err := usable(features, c, n)
	if err != nil {
		return nil, err
	}
	m := empty[T](n, c, cfg)
	draw(rows, n, &r)
	for i, k := range rows[:n] {
		copy(m.Patterns.Data()[i*c:(i+1)*c], features[k*c:(k+1)*c])
	}
	return m, nil
}

// empty returns a memory of n zero patterns.
func empty[T autograd.Float](n, c int, cfg Config) *Memory[T] {
	return &Memory[T]{Patterns: autograd.New[T](n, c).RequireGrad(), Config: cfg}
}

// draw moves n elements of rows, drawn without replacement, to its front.
func draw(rows []int, n int, r *rng.Stream) {
	for i := range n {
		j := i + r.IntN(len(rows)-i)
		rows[i], rows[j] = rows[j], rows[i]
	}
}

// usable returns the indices of the rows that are finite and have a direction. It is an
// error if they are fewer than n.
func usable[T autograd.Float](features []T, c, n int) ([]int, error) {
	if c < 1 || n < 1 || len(features)%c != 0 {
		return nil, fmt.Errorf("hopfield: %d feature values for %d patterns of %d channels", len(features), n, c)
	}
	var rows []int
	for k := range len(features) / c {
		var sq float64
		for _, v := range features[k*c : (k+1)*c] {
			sq += float64(float64(v) * float64(v))
		}
		if sq > shortest*shortest && !math.IsInf(sq, 0) {
			rows = append(rows, k)
		}
	}
	if len(rows) < n {
		return nil, fmt.Errorf("hopfield: %d usable feature rows for %d patterns", len(rows), n)
	}
	return rows, nil
}
