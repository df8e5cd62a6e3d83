package sadclr

import (
	"anomem/baseline/internal/learn"
	"anomem/imageio"
	"anomem/nn/rng"
)

// batch is the images of a step: normal ones, known anomalies, and normal ones that are turned.
// The last two kinds are the anomalies that the few known ones are enriched to.
type batch struct {
	rows   []*imageio.Image
	normal []bool
	moves  []learn.Move

	images       *learn.Images
	seed         uint64
	known        int // rows of known anomalies
	turned       int // rows of turned images
	order, other *learn.Order
	picks        []int
}

// newBatch returns the batch of a training on images.
func (d *Detector) newBatch(images *learn.Images, seed uint64) *batch {
	n := max(d.Batch, 2)
	b := &batch{
		rows: make([]*imageio.Image, n), normal: make([]bool, n), moves: make([]learn.Move, n),
		images: images, seed: seed, turned: int(d.Turned * float64(n)),
		order: learn.NewOrder(seed, "normal", len(images.Normal)),
	}
	if len(images.Anomalous) > 0 {
		b.known = int(d.Known * float64(n))
		b.other = learn.NewOrder(seed, "anomalous", len(images.Anomalous))
	}
	for i := range b.normal {
		b.normal[i] = i < n-b.known-b.turned
	}
	b.picks = make([]int, n)
	return b
}

// draw sets the rows of a step.
func (b *batch) draw(step int) {
	n := len(b.rows)
	fresh := b.picks[:n-b.known]
	b.order.Batch(fresh, step)
	r := rng.New(b.seed, rng.Name("sadclr: turns"), uint64(step))
	for i, k := range fresh {
		at := i
		if at >= n-b.known-b.turned {
			at += b.known // behind the known anomalies
			b.moves[at].Quarters = 1 + r.IntN(3)
		}
		b.rows[at] = b.images.Normal[k]
	}
	if b.known == 0 {
		return
	}
	some := b.picks[:b.known]
	b.other.Batch(some, step)
	for i, k := range some {
		b.rows[n-b.known-b.turned+i] = b.images.Anomalous[k]
	}
}
