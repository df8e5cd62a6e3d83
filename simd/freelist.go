package simd

import "sync"

// freeList keeps values for reuse. Unlike a sync.Pool it never drops one, so that a
// steady step of training allocates nothing; it holds as many as were ever in use at
// once.
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

// listOf returns the list of V: of32 and of64 are the lists of a generic type for
// float32 and for float64.
func listOf[V any](of32, of64 any) *freeList[V] {
	if l, ok := of32.(*freeList[V]); ok {
		return l
	}
	return of64.(*freeList[V])
}
