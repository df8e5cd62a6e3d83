package watch

import (
	"container/heap"
	"time"
)

// arrival is a file that is not done: it is read when it has not changed for a while.
type arrival struct {
	path  string // below the folder, with slashes
	part  string
	seen  Record        // its version when it was last looked at
	since time.Time     // when it was first seen as that version
	wait  time.Duration // from one look to the next
	next  time.Time     // when to look
	order int           // of arrival
	at    int           // in the heap
}

// pending are the arrivals, in the order in which they are to be looked at.
type pending struct {
	settle time.Duration
	all    arrivals
	byPath map[string]*arrival
	parts  map[string]int // how many arrivals are shots of each part
	n      int            // that have arrived so far
}

func newPending(settle time.Duration) *pending {
	return &pending{settle: settle, byPath: map[string]*arrival{}, parts: map[string]int{}}
}

// add takes a file. One that is there already begins to settle again if it has changed.
func (p *pending) add(r Record, now time.Time) {
	if a := p.byPath[r.Path]; a != nil {
		if r.id() != a.seen.id() {
			p.changed(a, r, now)
		}
		return
	}
	a := &arrival{path: r.Path, part: r.Part, seen: r, order: p.n}
	p.n++
	p.byPath[a.path] = a
	p.parts[a.part]++
	a.begin(r, now, p.settle)
	heap.Push(&p.all, a)
}

// begin starts the wait for a version to settle.
func (a *arrival) begin(r Record, now time.Time, settle time.Duration) {
	a.seen, a.since, a.wait, a.next = r, now, settle, now.Add(settle)
}

// changed starts the wait again.
func (p *pending) changed(a *arrival, r Record, now time.Time) {
	a.begin(r, now, p.settle)
	heap.Fix(&p.all, a.at)
}

// again puts a file off that could not be read, until an interval twice as long has passed,
// but not beyond giveUp after its last change. It reports false if that is over.
func (p *pending) again(a *arrival, now time.Time, giveUp time.Duration) bool {
	end := a.since.Add(giveUp)
	if !now.Before(end) {
		return false
	}
	a.wait = 2 * max(a.wait, time.Millisecond)
	a.next = now.Add(a.wait)
	if a.next.After(end) {
		a.next = end
	}
	heap.Fix(&p.all, a.at)
	return true
}

// remove takes a file out.
func (p *pending) remove(a *arrival) {
	heap.Remove(&p.all, a.at)
	delete(p.byPath, a.path)
	if p.parts[a.part]--; p.parts[a.part] == 0 {
		delete(p.parts, a.part)
	}
}

// due returns the first file that is to be looked at, nil for none yet.
func (p *pending) due(now time.Time) *arrival {
	if len(p.all) == 0 || p.all[0].next.After(now) {
		return nil
	}
	return p.all[0]
}

// arrivals is a heap: the least time to look first, then the first arrival.
type arrivals []*arrival

func (h arrivals) Len() int { return len(h) }

func (h arrivals) Less(i, j int) bool {
	if c := h[i].next.Compare(h[j].next); c != 0 {
		return c < 0
	}
	return h[i].order < h[j].order
}

func (h arrivals) Swap(i, j int) {
	h[i], h[j] = h[j], h[i]
	h[i].at, h[j].at = i, j
}

// Push implements heap.Interface.
func (h *arrivals) Push(x any) {
	a := x.(*arrival)
	a.at = len(*h)
	*h = append(*h, a)
}

// Pop implements heap.Interface.
func (h *arrivals) Pop() any {
	last := (*h)[len(*h)-1]
	(*h)[len(*h)-1] = nil
	*h = (*h)[:len(*h)-1]
	return last
}
