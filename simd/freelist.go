package simd

import "sync"

// freeList keeps values between uses. Unlike a sync.Pool it never drops one, so
// that a steady step of training allocates nothing; it holds as many as were ever
// in use at once.
type freeList[V any] struct {
	mu   sync.Mutex
	free []*V
}

func (l *freeList[V]) get() *V {
	l.mu.Lock()
	defer l.mu.Unlock()
	if n := len(l.free); n > 0 {
		v := l.free[n-1]
		l.free = l.free[:n-1]
		return v
	}
	return new(V)
}

func (l *freeList[V]) put(v *V) {
	l.mu.Lock()
	l.free = append(l.free, v)
	l.mu.Unlock()
}

// The products in progress.
var (
	plain32  freeList[plainProduct[float32]]
	plain64  freeList[plainProduct[float64]]
	products freeList[product]
	tilings  freeList[tiling]
)

func plainProducts[T Float]() *freeList[plainProduct[T]] {
	if l, ok := any(&plain32).(*freeList[plainProduct[T]]); ok {
		return l
	}
	return any(&plain64).(*freeList[plainProduct[T]])
}
