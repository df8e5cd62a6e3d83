package loss

import (
	"fmt"
	"math"

	"anomem/autograd"
	"anomem/hopfield"
)

// Position is a location of a feature map.
type Position struct{ Y, X int }

// Scale is one scale of eq. 7.
type Scale[T autograd.Float] struct {
	Z, Zp     *autograd.Tensor[T] // the maps of the two views, [B H W C]
	Memory    hopfield.Retriever[T]
	Positions []Position // Ω, without repetition
	Weight    float64    // λ
}

// Config holds the settings of eq. 7 that all scales share.
type Config struct {
	Contrast Contrast
	Spread   Spread
	LambdaV  float64 // λ_V, the weight of the variance loss
	// Pooled takes the negatives of eq. 5 from all sampled locations of the batch, not
	// from the pair's own location alone. The loss still sums over locations.
	Pooled bool
}

// DefaultConfig returns NT-Xent at τ = 0.1 with negatives from a location's own batch, and the
// hinged variance loss with weight 0.05.
func DefaultConfig() Config {
	return Config{Contrast: DefaultContrast(), Spread: DefaultSpread(), LambdaV: 0.05}
}

// MultiScale is eq. 7, the contrasted memory loss (eq. 4) and the variance loss (eq. 6)
// at each sampled location of each scale, weighted by the scale, over the number of
// locations:
//
//	1/Σ_s |Ω_s| · Σ_s λ_s·Σ_{(i,j)∈Ω_s} [ L_COM(z_ij, z'_ij, y) + λ_V·L_V(z_ij, y) ]
//
// normal holds the labels of the B images. Each scale's memory is queried once, with all
// normal rows. The result is a scalar, 0 without any location. MultiScale panics where
// Contrasted or Variance does, on maps of other shapes or another number of images, and
// on positions that lie outside the maps or occur twice.
func MultiScale[T autograd.Float](g *autograd.Graph[T], scales []Scale[T], normal []bool, c Config) *autograd.Tensor[T] {
	total := zero(g)
	for groups := newGroups(g, scales, len(normal), 0); groups.next(); {
		total = g.Add(total, groups.loss(g, normal, c))
	}
	return total
}

// loss is the mean over the scale's positions of L_COM + λ_V·L_V.
func (s *Scale[T]) loss(g *autograd.Graph[T], normal []bool, c Config) *autograd.Tensor[T] {
	p := len(s.Positions)
	z, zp := s.sample(g, s.Z), s.sample(g, s.Zp) // [P·B C], position after position
	mem, answers := hopfield.Recall(g, z, p, normal, s.Memory)
	var lv *autograd.Tensor[T]
	if answers != nil {
		lv = spread(g, answers, p, s.Memory.Scale(), c.Spread)
	}
	batches := p
	if c.Pooled {
		batches = 1
	}
	com := contrast(g, mem, zp, batches, c.Contrast)
	if lv == nil {
		return com
	}
	return g.Add(com, g.Scale(lv, T(c.LambdaV)))
}

// sample returns the rows of x [B H W C] at the scale's positions, [P·B C].
func (s *Scale[T]) sample(g *autograd.Graph[T], x *autograd.Tensor[T]) *autograd.Tensor[T] {
	b, h, w, c := x.Dim(0), x.Dim(1), x.Dim(2), x.Dim(3)
	rows := g.Ints(len(s.Positions) * b)
	for p, at := range s.Positions {
		for k := range b {
			rows[p*b+k] = int32((k*h+at.Y)*w + at.X)
		}
	}
	return g.GatherRows(g.Reshape(x, b*h*w, c), rows)
}

// check panics unless the maps fit a batch and the positions fit the maps.
func (s *Scale[T]) check(g *autograd.Graph[T], batch int) {
	if s.Z.Rank() != 4 || s.Z.Shape() != s.Zp.Shape() || s.Z.Dim(0) != batch || batch == 0 {
		panic(fmt.Sprintf("loss: MultiScale: maps %v and %v for %d labels: want two of [B H W C]", s.Z.Shape(), s.Zp.Shape(), batch))
	}
	h, w := s.Z.Dim(1), s.Z.Dim(2)
	if s.Z.Dim(0)*h*w > math.MaxInt32 {
		panic(fmt.Sprintf("loss: MultiScale: maps %v have too many rows", s.Z.Shape()))
	}
	seen := g.Ints(h * w)
	clear(seen)
	for _, p := range s.Positions {
		if p.Y < 0 || p.Y >= h || p.X < 0 || p.X >= w {
			panic(fmt.Sprintf("loss: MultiScale: position (%d, %d) is outside the maps %v", p.Y, p.X, s.Z.Shape()))
		}
		if seen[p.Y*w+p.X]++; seen[p.Y*w+p.X] > 1 {
			panic(fmt.Sprintf("loss: MultiScale: position (%d, %d) is sampled twice", p.Y, p.X))
		}
	}
}
