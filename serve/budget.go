package serve

import (
	"context"
	"slices"
	"sync"
)

// A budget is bytes that requests share.
type budget struct {
	mu      sync.Mutex
	left    int64
	waiting []*claim // in the order in which they came
}

// A claim waits for bytes.
type claim struct {
	n     int64
	given chan struct{}
}

// try takes n bytes, or reports that there are not as many.
func (b *budget) try(n int64) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	if len(b.waiting) > 0 || n > b.left {
		return false
	}
	b.left -= n
	return true
}

// wait takes n bytes as soon as there are as many, after all who came before. It gives up
// when ctx ends.
func (b *budget) wait(ctx context.Context, n int64) error {
	if b.try(n) {
		return nil
	}
	c := &claim{n, make(chan struct{})}
	b.mu.Lock()
	b.waiting = append(b.waiting, c)
	b.serve()
	b.mu.Unlock()
	select {
	case <-c.given:
		return nil
	case <-ctx.Done():
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	if at := slices.Index(b.waiting, c); at >= 0 {
		b.waiting = slices.Delete(b.waiting, at, at+1)
	} else {
		b.left += n // it was given meanwhile
	}
	b.serve()
	return ctx.Err()
}

// put gives n bytes back.
func (b *budget) put(n int64) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.left += n
	b.serve()
}

// serve gives bytes to those who wait, in turn. The caller holds the lock.
func (b *budget) serve() {
	for len(b.waiting) > 0 && b.waiting[0].n <= b.left {
		c := b.waiting[0]
		b.left -= c.n
		b.waiting = b.waiting[1:]
		close(c.given)
	}
}
