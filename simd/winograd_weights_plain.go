package simd

import "anomem/simd/pool"

// plainWinogradWeights is the task of the direct sum, for float64; chunk i is one input
// channel of one tap.
type plainWinogradWeights[T Float] struct {
	dw, x, dy  []T
	s          WinogradShape
	accumulate bool
}

func winogradWeightsPlain[T Float](p *pool.Pool, dw, x, dy []T, s WinogradShape, accumulate bool) {
	l := listOf[plainWinogradWeights[T]](&plainWeights32, &plainWeights64)
	j := l.get()
	*j = plainWinogradWeights[T]{dw, x, dy, s, accumulate}
	p.Run(j, 9*s.Cin)
	*j = plainWinogradWeights[T]{}
	l.put(j)
}

// The direct sums in progress.
var (
	plainWeights32 freeList[plainWinogradWeights[float32]]
	plainWeights64 freeList[plainWinogradWeights[float64]]
)

func (j *plainWinogradWeights[T]) Chunk(chunk int) {
	s := &j.s
	oh, ow := s.Out()
	tap, c := chunk/s.Cin, chunk%s.Cin
	row := j.dw[chunk*s.Cout : (chunk+1)*s.Cout]
	if !j.accumulate {
		clear(row)
	}
	for n := range s.N {
		for p := range oh {
			for q := range ow {
				h, w := p+tap/3-s.Pad, q+tap%3-s.Pad
				if uint(h) >= uint(s.H) || uint(w) >= uint(s.W) {
					continue
				}
				v := j.x[((n*s.H+h)*s.W+w)*s.Cin+c]
				for o, d := range j.dy[((n*oh+p)*ow+q)*s.Cout:][:s.Cout] {
					row[o] += T(v * d)
				}
			}
		}
	}
}
