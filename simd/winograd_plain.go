package simd

import "anomem/simd/pool"

// plainWinograd is the task of the direct sum, for float64; chunk i is row i of the
// output, over all images.
type plainWinograd[T Float] struct {
	y, x   []T
	filter WinogradFilter[T]
	s      WinogradShape
	ep     Epilogue[T]
}

func winogradPlain[T Float](p *pool.Pool, y, x []T, f WinogradFilter[T], s WinogradShape, ep Epilogue[T]) {
	oh, ow := s.Out()
	l := listOf[plainWinograd[T]](&plainWinograds32, &plainWinograds64)
	j := l.get()
	*j = plainWinograd[T]{y, x, f, s, ep}
	p.Run(j, s.N*oh)
	j.ep.moments(p, y, s.Cout, s.N*oh*ow, s.Cout)
	*j = plainWinograd[T]{}
	l.put(j)
}

// The direct sums in progress.
var (
	plainWinograds32 freeList[plainWinograd[float32]]
	plainWinograds64 freeList[plainWinograd[float64]]
)

func (j *plainWinograd[T]) Chunk(chunk int) {
	s := &j.s
	oh, ow := s.Out()
	n, p := chunk/oh, chunk%oh
	for q := range ow {
		position := chunk*ow + q
		row := j.y[position*s.Cout : (position+1)*s.Cout]
		if !j.ep.Accumulate {
			clear(row)
		}
		for tap := range 9 {
			h, w := p+tap/3-s.Pad, q+tap%3-s.Pad
			if uint(h) >= uint(s.H) || uint(w) >= uint(s.W) {
				continue
			}
			weights := j.tap(tap)
			for c, v := range j.x[((n*s.H+h)*s.W+w)*s.Cin:][:s.Cin] {
				stepK(row, v, weights, c)
			}
		}
		j.ep.apply(row, position)
	}
}

// tap returns the weights of tap i, Cin × Cout.
func (j *plainWinograd[T]) tap(i int) Operand[T] {
	size := j.s.Cin * j.s.Cout
	if j.filter.Turned {
		return Operand[T]{Data: j.filter.Data[(8-i)*size : (9-i)*size], Stride: j.s.Cin, Trans: true}
	}
	return Operand[T]{Data: j.filter.Data[i*size : (i+1)*size], Stride: j.s.Cout}
}
