// Package rng makes random numbers that are the same on every machine, in every
// order of work, and after a resume.
//
// A seed and a path of numbers, such as (epoch, image, view, purpose), determine a
// [Stream]. Streams are independent, so that work may be split over goroutines,
// repeated, or begun in the middle.
//
//	r := rng.New(seed, rng.Name("crop"), epoch, image, view)
//	x := r.Float64()
//
// The generator is Philox4x32-10 (Salmon, Moraes, Dror, Shaw: Parallel random
// numbers: as easy as 1, 2, 3; SC 2011). Everything else uses integers and correctly
// rounded operations, since math.Log and similar functions give other bits on other
// architectures. The package's numbers must never change: checkpoints and trained
// models depend on them.
package rng

import "math/bits"

// Stream is a sequence of random numbers, made by New. A copy continues from where the
// original was. One goroutine at a time may use it.
type Stream struct {
	key   [2]uint32
	place [2]uint32 // upper half of the counter: with key, which stream this is
	block uint64    // lower half of the counter: the next block of the stream
	out   [4]uint32
	left  int // numbers of out not used yet
}

// New returns the stream of a seed and a path.
//
// One Philox block for each element of the path folds seed and path into the 128 bits
// of key and place, and maps different elements to different states.
func New(seed uint64, path ...uint64) Stream {
	s := Stream{key: [2]uint32{uint32(seed), uint32(seed >> 32)}}
	for _, p := range path {
		o := philox([4]uint32{uint32(p), uint32(p >> 32), s.place[0], s.place[1]}, s.key)
		s.key, s.place = [2]uint32{o[0], o[1]}, [2]uint32{o[2], o[3]}
	}
	return s
}

// Name turns a word into an element of a path: the 64-bit FNV-1a hash of s.
func Name(s string) uint64 {
	h := uint64(14695981039346656037)
	for i := range len(s) {
		h = (h ^ uint64(s[i])) * 1099511628211
	}
	return h
}

// Uint32 returns 32 random bits.
func (s *Stream) Uint32() uint32 {
	if s.left == 0 {
		s.out = philox([4]uint32{uint32(s.block), uint32(s.block >> 32), s.place[0], s.place[1]}, s.key)
		s.block++
		s.left = len(s.out)
	}
	s.left--
	return s.out[len(s.out)-1-s.left]
}

// Uint64 returns 64 random bits: two Uint32, the first in the lower half.
func (s *Stream) Uint64() uint64 {
	low := uint64(s.Uint32())
	return uint64(s.Uint32())<<32 | low
}

// Float64 returns a number from [0, 1), a multiple of 2⁻⁵³.
func (s *Stream) Float64() float64 { return float64(s.Uint64()>>11) * 0x1p-53 }

// IntN returns a uniformly distributed number from 0 to n-1. It panics unless n > 0.
func (s *Stream) IntN(n int) int {
	if n <= 0 {
		panic("rng: IntN: n must be positive")
	}
	// Lemire, Fast random integer generation in an interval, 2019: products that would
	// make some results likelier are rejected.
	hi, lo := bits.Mul64(s.Uint64(), uint64(n))
	if lo < uint64(n) {
		for refused := -uint64(n) % uint64(n); lo < refused; {
			hi, lo = bits.Mul64(s.Uint64(), uint64(n))
		}
	}
	return int(hi)
}

// Shuffle puts n elements into a uniformly distributed order by calling swap (Fisher
// and Yates, from the end).
func (s *Stream) Shuffle(n int, swap func(i, j int)) {
	for i := n - 1; i > 0; i-- {
		swap(i, s.IntN(i+1))
	}
}

// Perm returns the numbers 0 to n-1 in random order.
func (s *Stream) Perm(n int) []int {
	p := make([]int, n)
	for i := range p {
		p[i] = i
	}
	s.Shuffle(n, func(i, j int) { p[i], p[j] = p[j], p[i] })
	return p
}
