package train

import (
	"anomem/hopfield"
	"anomem/nn/rng"
)

// Patterns names what the patterns of the memories start as.
type Patterns string

const (
	PatternsFeatures Patterns = ""       // normal features of the first batches, drawn at random
	PatternsKMeans   Patterns = "kmeans" // the k-means centres of these features
	PatternsRandom   Patterns = "random" // normal random numbers
)

// Valid reports whether p is one of the constants.
func (p Patterns) Valid() bool {
	return p == PatternsFeatures || p == PatternsKMeans || p == PatternsRandom
}

// kmeansRounds bounds the rounds of PatternsKMeans.
const kmeansRounds = 20

// memory returns a memory of n patterns made from features [R channels] as p says.
func (p Patterns) memory(features []float32, channels, n int, r rng.Stream, c hopfield.Config) (*hopfield.Memory[float32], error) {
	switch p {
	case PatternsKMeans:
		return hopfield.KMeans(features, channels, n, kmeansRounds, r, c)
	case PatternsRandom:
		return hopfield.Random[float32](n, channels, r, c), nil
	}
	return hopfield.FromFeatures(features, channels, n, r, c)
}
