package loss

import (
	"fmt"
	"math"

	"anomem/autograd"
	"anomem/hopfield"
)

// Position is a place of a map.
type Position struct{ Y, X int }

// Scale is one scale of eq. 7.
type Scale[T autograd.Float] struct {
	Z, Zp     *autograd.Tensor[T] // the maps of the two views, [B H W C]
	Memory    hopfield.Retriever[T]
	Positions []Position   // Ω, each at most once
	Weight    float64      // λ
	Project   Projector[T] // between memory and contrast; nil: none
}

// Projector maps rows [R C] to rows [R D] before they are contrasted.
type Projector[T autograd.Float] interface {
	Forward(g *autograd.Graph[T], x *autograd.Tensor[T]) *autograd.Tensor[T]
}

// Config is the rest of eq. 7.
type Config struct {
	Contrast Contrast
	Spread   Spread
	LambdaV  float64 // weight of the variance loss
	// Pooled lets the negatives of eq. 5 be all sampled locations of the batch,
	// not only those at the pair's own location. The sum over locations stays.
	Pooled bool
}

// DefaultConfig is NT-Xent at τ = 0.1 with a location's own negatives, and the
// hinged variance loss at 0.05.
func DefaultConfig() Config {
	return Config{Contrast: DefaultContrast(), Spread: DefaultSpread(), LambdaV: 0.05}
}

// MultiScale is eq. 7: the contrasted memory loss (eq. 4) and the variance loss
// (eq. 6) at each sampled location of each scale, weighted by the scale, over the
// number of locations,
//
//	1/Σ_s |Ω_s| · Σ_s λ_s·Σ_{(i,j)∈Ω_s} [ L_COM(z_ij, z'_ij, y) + λ_V·L_V(z_ij, y) ]
//
// normal holds the labels of the B images. The memory is asked once a scale, about
// all normal rows together. The result is a scalar. Without any location it is 0.
// MultiScale panics where Contrasted or Variance does, on maps of other shapes or
// another number of images, and on positions outside the maps or sampled twice.
func MultiScale[T autograd.Float](g *autograd.Graph[T], scales []Scale[T], normal []bool, c Config) *autograd.Tensor[T] {
	count := 0
	for i := range scales {
		scales[i].check(g, len(normal))
		count += len(scales[i].Positions)
	}
	total := zero(g)
	for i := range scales {
		s := &scales[i]
		if p := len(s.Positions); p > 0 {
			weight := s.Weight * float64(p) / float64(count)
			total = g.Add(total, g.Scale(s.loss(g, normal, c), T(weight)))
		}
	}
	return total
}

// loss is the mean over locations of L_COM + λ_V·L_V.
func (s *Scale[T]) loss(g *autograd.Graph[T], normal []bool, c Config) *autograd.Tensor[T] {
	p, b, channels := len(s.Positions), len(normal), s.Z.Dim(3)
	z, zp := s.sample(g, s.Z), s.sample(g, s.Zp) // [P·B C], position after position
	mem := z
	var lv *autograd.Tensor[T]
	if rows := s.normalRows(g, normal); len(rows) > 0 {
		found := s.Memory.Retrieve(g, g.GatherRows(z, rows))
		mem = hopfield.ScatterRows(g, z, rows, found)
		lv = spread(g, g.Reshape(found, p, len(rows)/p, channels), s.Memory.Scale(), c.Spread)
	}
	if s.Project != nil {
		mem, zp = s.Project.Forward(g, mem), s.Project.Forward(g, zp)
	}
	com := locations(g, mem, zp, p, b, c)
	if lv == nil {
		return com
	}
	return g.Add(com, g.Scale(lv, T(c.LambdaV)))
}

// locations is the mean over p locations of the pair loss of z and zp [p·b D].
func locations[T autograd.Float](g *autograd.Graph[T], z, zp *autograd.Tensor[T], p, b int, c Config) *autograd.Tensor[T] {
	if c.Pooled || p == 1 {
		return contrast(g, z, zp, c.Contrast)
	}
	if c.Contrast.Pair == PairNTXent {
		d := z.Dim(1)
		return g.Mean(NTXent(g, g.Reshape(z, p, b, d), g.Reshape(zp, p, b, d), c.Contrast.Tau), false)
	}
	var total *autograd.Tensor[T]
	for i := range p {
		total = plus(g, total, contrast(g, g.Slice(z, 0, i*b, (i+1)*b), g.Slice(zp, 0, i*b, (i+1)*b), c.Contrast))
	}
	return g.Scale(total, T(1/float64(p)))
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

// normalRows returns which rows of sample's result are normal.
func (s *Scale[T]) normalRows(g *autograd.Graph[T], normal []bool) []int32 {
	rows := g.Ints(len(s.Positions) * len(normal))[:0]
	for p := range s.Positions {
		for k, y := range normal {
			if y {
				rows = append(rows, int32(p*len(normal)+k))
			}
		}
	}
	return rows
}

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
