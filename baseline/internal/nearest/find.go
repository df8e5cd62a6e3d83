package nearest

import (
	"slices"

	"anomem/simd/pool"
)

// Neighbour is a row and its distance from a query.
type Neighbour struct {
	Row      int
	Distance float64
}

// atOnce is the number of queries whose distances are held together. It changes no bit.
const atOnce = 256

// Find returns the k rows nearest to each of queries [m d], nearest first and of equal ones the
// first, query by query: m·min(k, n) of them. They are found by their Squares; their distances
// are those of the differences. It panics unless queries are whole and k is at least 1.
func (r *Rows) Find(p *pool.Pool, queries []float32, k int) []Neighbour {
	return r.find(p, r.centred(queries), min(k, r.n))
}

// find is Find of vectors less the mean, for k of at most n.
func (r *Rows) find(p *pool.Pool, q []float32, k int) []Neighbour {
	m := len(q) / r.d
	found := make([]Neighbour, 0, m*k)
	scratch := make([]float32, r.d)
	for lo := 0; lo < m; lo += atOnce {
		hi := min(m, lo+atOnce)
		part := q[lo*r.d : hi*r.d]
		squares := r.between(p, part, squaredLengths(part, r.d))
		for i := range hi - lo {
			found = append(found, least(squares[i*r.n:(i+1)*r.n], k)...)
			of := found[len(found)-k:]
			for j := range of {
				of[j].Distance = r.distance(part[i*r.d:(i+1)*r.d], of[j].Row, scratch)
			}
			slices.SortStableFunc(of, Neighbour.compare)
		}
	}
	return found
}

// Around returns the k rows nearest to row i, itself among them unless k rows before it are the
// same, nearest first. It panics unless k is 1 to Len.
func (r *Rows) Around(i, k int) []int {
	own := r.data[i*r.d : (i+1)*r.d]
	rows := make([]int, k)
	for j, n := range r.find(nil, own, k) {
		rows[j] = n.Row
	}
	return rows
}

// Distances returns the distances of a query [d] from some rows.
func (r *Rows) Distances(query []float32, rows []int) []float64 {
	q, scratch := r.centred(query), make([]float32, r.d)
	d := make([]float64, len(rows))
	for j, i := range rows {
		d[j] = r.distance(q, i, scratch)
	}
	return d
}

// compare orders neighbours by distance, then by row.
func (a Neighbour) compare(b Neighbour) int {
	switch {
	case a.Distance < b.Distance:
		return -1
	case a.Distance > b.Distance:
		return 1
	}
	return a.Row - b.Row
}

// least returns the k least of values, those of equal ones that come first.
func least(values []float32, k int) []Neighbour {
	heap := make([]Neighbour, 0, k) // the largest first, each at least as large as those at 2i+1 and 2i+2
	for i, v := range values {
		if len(heap) == k {
			if float64(v) >= heap[0].Distance {
				continue
			}
			heap[0] = Neighbour{i, float64(v)}
			sink(heap)
			continue
		}
		heap = append(heap, Neighbour{i, float64(v)})
		rise(heap)
	}
	return heap
}

// sink moves the first of a heap to its place.
func sink(heap []Neighbour) {
	for at := 0; ; {
		larger := 2*at + 1
		if larger >= len(heap) {
			return
		}
		if larger+1 < len(heap) && heap[larger+1].compare(heap[larger]) > 0 {
			larger++
		}
		if heap[at].compare(heap[larger]) >= 0 {
			return
		}
		heap[at], heap[larger] = heap[larger], heap[at]
		at = larger
	}
}

// rise moves the last of a heap to its place.
func rise(heap []Neighbour) {
	for at := len(heap) - 1; at > 0; {
		above := (at - 1) / 2
		if heap[above].compare(heap[at]) >= 0 {
			return
		}
		heap[at], heap[above] = heap[above], heap[at]
		at = above
	}
}
