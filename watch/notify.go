package watch

import (
	"maps"
	"slices"
	"sync"
)

// notifier tells of changes in folders.
type notifier interface {
	// add watches a folder, by its path below the root; once is enough.
	add(name string) error
	close()
}

// changes are the paths below the root that may have changed, "." for everything. Senders
// never wait.
type changes struct {
	mu   sync.Mutex
	set  map[string]bool
	come chan struct{} // holds a token while the set is not empty
}

func newChanges() *changes { return &changes{set: map[string]bool{}, come: make(chan struct{}, 1)} }

// mostChanges is how many paths are kept apart.
const mostChanges = 1 << 14

// send adds a path.
func (c *changes) send(name string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if len(c.set) >= mostChanges && !c.set[name] {
		name = "."
	}
	if name == "." {
		clear(c.set)
	}
	if !c.set["."] {
		c.set[name] = true
	}
	select {
	case c.come <- struct{}{}:
	default:
	}
}

// take returns all paths so far, in order.
func (c *changes) take() []string {
	c.mu.Lock()
	defer c.mu.Unlock()
	all := slices.Sorted(maps.Keys(c.set))
	clear(c.set)
	return all
}
