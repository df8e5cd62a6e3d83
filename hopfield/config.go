package hopfield

import (
	"fmt"
	"math"

	"anomem/autograd"
)

// Similarity is the scale on which queries and patterns are compared and mixed.
type Similarity int

const (
	// Unit puts queries and patterns on the unit sphere. The meaning of β then does not
	// depend on the norm of the features, nor any answer on the norms of the patterns,
	// which no loss determines.
	Unit Similarity = iota
	// Raw compares queries and patterns unchanged, as eq. 1 is printed.
	Raw
	// LayerNorm gives each query and pattern zero mean and unit variance along its
	// channels, without learned scale and shift. The rows then have length √C.
	LayerNorm
)

var similarityNames = [...]string{Unit: "unit", Raw: "none", LayerNorm: "layernorm"}

// String returns the name in configurations: "unit", "none" or "layernorm".
func (s Similarity) String() string {
	if s < 0 || int(s) >= len(similarityNames) {
		return fmt.Sprintf("Similarity(%d)", int(s))
	}
	return similarityNames[s]
}

// ParseSimilarity returns the similarity that String gives the name. It is an error if
// there is none.
func ParseSimilarity(name string) (Similarity, error) {
	for s, n := range similarityNames {
		if n == name {
			return Similarity(s), nil
		}
	}
	return 0, fmt.Errorf("hopfield: similarity %q is none of unit, none, layernorm", name)
}

// Config holds the settings of retrieval.
type Config struct {
	Beta       float64 // inverse temperature β, > 0
	Updates    int     // updates of a query; 0: until its change is at most Eps
	Eps        float64 // with Updates 0: the L2 norm of a change that ends a row's updates
	Similarity Similarity
}

// DefaultConfig is β = 2, one update, on the unit sphere.
func DefaultConfig() Config { return Config{Beta: 2, Updates: 1} }

// shortest is the length below which a row has no direction. On the sphere such a row
// becomes zero and passes no gradient.
const shortest = 1e-12

// Normalize returns x [... C] on the scale of s: x itself under Raw, rows of unit length
// under Unit, and rows of zero mean and unit variance under LayerNorm. A row without
// direction (zero or, under LayerNorm, constant) becomes zero and passes no gradient.
// Normalize panics on an unknown similarity.
func Normalize[T autograd.Float](g *autograd.Graph[T], x *autograd.Tensor[T], s Similarity) *autograd.Tensor[T] {
	switch s {
	case Raw:
		return x
	case Unit:
		return g.L2Normalize(x, shortest)
	case LayerNorm:
		centred := g.Sub(x, g.Mean(x, true, -1))
		return g.Scale(g.L2Normalize(centred, shortest), T(math.Sqrt(float64(x.Dim(-1)))))
	}
	panic(fmt.Sprintf("hopfield: unknown similarity %d", int(s)))
}

// sharpness returns the factor of ⟨query, pattern⟩ in the logits: β·√C for unit rows and
// β/√C for rows of length √C. Both make the logits β·√C·cosine.
func (c Config) sharpness(channels int) float64 {
	switch root := math.Sqrt(float64(channels)); c.Similarity {
	case Unit:
		return c.Beta * root
	case LayerNorm:
		return c.Beta / root
	default:
		return c.Beta
	}
}

// reshape is g.Reshape for a Shape.
func reshape[T autograd.Float](g *autograd.Graph[T], x *autograd.Tensor[T], s autograd.Shape) *autograd.Tensor[T] {
	var dims [autograd.MaxRank]int
	for i := range s.Rank() {
		dims[i] = s.Dim(i)
	}
	return g.Reshape(x, dims[:s.Rank()]...)
}
