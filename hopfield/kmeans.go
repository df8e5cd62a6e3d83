package hopfield

import (
	"math"

	"anomem/autograd"
	"anomem/nn/rng"
)

// KMeans returns a memory whose n patterns are the centres that Lloyd's algorithm finds
// in features [R C] in at most rounds rounds. It starts from rows drawn as in
// FromFeatures, with the same errors. Under Unit rows and centres are on the unit sphere
// (spherical k-means).
//
// A row joins its nearest centre, the first of several. A centre without rows or, under
// Unit, without direction moves to the row that is farthest from its own centre. All sums are
// in float64, in the order of the rows, so the result is the same on every architecture.
func KMeans[T autograd.Float](features []T, c, n, rounds int, r rng.Stream, cfg Config) (*Memory[T], error) {
	rows, err := usable(features, c, n)
	if err != nil {
		return nil, err
	}
	k := kmeans{c: c, sphere: cfg.Similarity == Unit, home: make([]int, len(rows)), gap: make([]float64, len(rows))}
	for _, row := range rows {
		x := make([]float64, c)
		for i, v := range features[row*c : (row+1)*c] {
			x[i] = float64(v)
		}
		k.onSphere(x)
		k.x = append(k.x, x)
	}
	start := make([]int, len(rows))
	for i := range start {
		start[i] = i
	}
	draw(start, n, &r)
	for _, i := range start[:n] {
		k.centres = append(k.centres, append([]float64(nil), k.x[i]...))
	}
	for round := 0; k.assign(round == 0) && round < rounds; round++ {
		k.move()
	}
	m := empty[T](n, c, cfg)
	for i, centre := range k.centres {
		for j, v := range centre {
			m.Patterns.Data()[i*c+j] = T(v)
		}
	}
	return m, nil
}

type kmeans struct {
	c          int
	sphere     bool
	x, centres [][]float64
	home       []int     // the centre of each row
	gap        []float64 // the squared distance of each row from it
}

// assign finds each row's nearest centre. It returns changed, or true if any row has
// another centre than before.
func (k *kmeans) assign(changed bool) bool {
	for i, x := range k.x {
		best, gap := 0, math.Inf(1)
		for j, centre := range k.centres {
			if d := squaredDistance(x, centre); d < gap {
				best, gap = j, d
			}
		}
		changed = changed || best != k.home[i]
		k.home[i], k.gap[i] = best, gap
	}
	return changed
}

// move moves each centre to the mean of its rows.
func (k *kmeans) move() {
	count := make([]float64, len(k.centres))
	for _, centre := range k.centres {
		clear(centre)
	}
	for i, x := range k.x {
		count[k.home[i]]++
		for j, v := range x {
			k.centres[k.home[i]][j] += v
		}
	}
	for j, centre := range k.centres {
		for i := range centre {
			centre[i] /= max(count[j], 1)
		}
		if count[j] == 0 || !k.onSphere(centre) {
			far := 0
			for i, gap := range k.gap {
				if gap > k.gap[far] {
					far = i
				}
			}
			copy(centre, k.x[far])
			k.gap[far] = 0 // the next such centre moves to another row
		}
	}
}

// onSphere scales x to unit length under Unit. It reports false if x has no direction.
func (k *kmeans) onSphere(x []float64) bool {
	if !k.sphere {
		return true
	}
	var sq float64
	for _, v := range x {
		sq += float64(v * v)
	}
	if sq <= shortest*shortest {
		return false
	}
	length := math.Sqrt(sq)
	for i := range x {
		x[i] /= length
	}
	return true
}

func squaredDistance(x, y []float64) float64 {
	var sq float64
	for i, v := range x {
		d := v - y[i]
		sq += float64(d * d)
	}
	return sq
}
