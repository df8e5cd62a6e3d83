package train

import (
	"context"
	"errors"
	"math"
	"slices"

	"anomem"
	"anomem/autograd"
	"anomem/dataset"
	"anomem/simd/pool"
	"anomem/train/augment"
)

// A model keeps up to replayMost squares, or as many cells as these have, of each role, and
// fewer where that would be more than about replayBytes; of known anomalies up to knownMost.
// Held-out images are whole, or not there: up to heldBytes of them.
const (
	replayMost  = 1024
	knownMost   = 4096
	replayBytes = 32 << 20
)

var heldBytes = 64 << 20 // but in a test

// replayOf is what a model keeps of its cells: some of each role, evenly chosen, but of the
// known anomalies all bags, and of the others the first squares of each image, and of the
// held-out images all squares of the first ones. h is that of the heads: those for turned
// copies are not trained again.
func replayOf(h anomem.HeadConfig, cells, held *Cells) *anomem.Replay {
	r := &anomem.Replay{Scales: make([][]float32, len(cells.Scales))}
	each := 0
	for s := range cells.Scales {
		each += 4 * len(cells.row(s, 0))
	}
	most := max(1, min(replayMost*h.Distances(), replayBytes/(4*each)))
	put := func(c *Cells, k int, role anomem.Role) {
		for s := range c.Scales {
			r.Scales[s] = append(r.Scales[s], c.row(s, k)...)
		}
		r.Role, r.Image, r.Turn = append(r.Role, role), append(r.Image, int32(c.Image[k])), append(r.Turn, uint8(c.Turn[k]))
	}
	var of [2][]int // normal, self
	var known []int
	for k := range cells.Len() {
		switch {
		case cells.Normal[k]:
			of[0] = append(of[0], k)
		case cells.Self[k]:
			if !h.Paired() {
				of[1] = append(of[1], k)
			}
		case cells.Bag[k] > 0:
			put(cells, k, anomem.RoleBag)
		default:
			known = append(known, k)
		}
	}
	for _, k := range firstOfEach(cells.Image, known, max(most, knownMost)) {
		put(cells, k, anomem.RoleKnown)
	}
	for i, role := range []anomem.Role{anomem.RoleNormal, anomem.RoleSelf} {
		n := min(len(of[i]), most)
		for j := range n {
			put(cells, of[i][j*len(of[i])/n], role)
		}
	}
	if held != nil {
		for k := range held.Len() {
			if k > 0 && k*each >= heldBytes && held.Image[k] != held.Image[k-1] {
				break
			}
			put(held, k, anomem.RoleHeld)
		}
	}
	return r
}

// firstOfEach lists, of squares, the first n: all images' first one, then all their second
// ones, and so on.
func firstOfEach(image, squares []int, n int) []int {
	seen := map[int]int{} // squares of an image
	var rounds [][]int
	for _, k := range squares {
		at := seen[image[k]]
		seen[image[k]]++
		if at == len(rounds) {
			rounds = append(rounds, nil)
		}
		rounds[at] = append(rounds[at], k)
	}
	all := slices.Concat(rounds...)
	return all[:min(n, len(all))]
}

// cellsOfReplay is its inverse: what trains heads, and what is held out.
func cellsOfReplay(r *anomem.Replay) (cells, held *Cells) {
	all := &Cells{Scales: r.Scales}
	for k, role := range r.Role {
		all.Image, all.Turn = append(all.Image, int(r.Image[k])), append(all.Turn, int(r.Turn[k]))
		all.Normal = append(all.Normal, role == anomem.RoleNormal || role == anomem.RoleHeld)
		all.Self = append(all.Self, role == anomem.RoleSelf)
		bag := 0
		if role == anomem.RoleBag {
			bag = int(r.Image[k]) + 1
		}
		all.Bag = append(all.Bag, bag)
	}
	isHeld := func(k int) bool { return r.Role[k] == anomem.RoleHeld }
	return all.Select(func(k int) bool { return !isHeld(k) }), all.Select(isHeld)
}

// Refit returns a model with the encoder and memories of m and new heads, trained on the
// anomalies of defects beside what m keeps of its training images, and calibrated anew. Of
// o the seed, the heads' options and the augmentation count. Heads that know turned copies
// alone stay as they are, and others beside them learn the known anomalies. It fails for a
// model that keeps nothing. note is told of what is found.
func Refit(ctx context.Context, m *anomem.Model, defects dataset.Source, o Options, note func(string), p *pool.Pool) (*anomem.Model, error) {
	if m.Replay() == nil {
		return nil, errors.New("train: refit: the model keeps nothing of its training images: train it with heads")
	}
	if err := o.Validate(); err != nil { // it may come from a file
		return nil, err
	}
	c, old := m.Config(), m.Parts()
	parts := &anomem.Parts[float32]{Encoder: old.Encoder, Memories: old.Memories, Turned: old.Turned}
	cells, held := cellsOfReplay(m.Replay())
	switch {
	case !c.Score.Turns:
	case c.Head.Local: // see Options.Turns
		c.Score.Turns = false
		held = held.Select(func(k int) bool { return held.Turn[k] == 0 })
	default:
		if !inFourTurns(held) {
			return nil, errors.New("train: refit: the held-out images that the model keeps are not in four turns each")
		}
		if c.Head.Turned = turnedWeight(m.Provenance().Known + known(defects)); parts.Turned == nil {
			parts.Turned = old.Heads // no anomaly was known
		}
	}
	plain, err := PlainCells(ctx, m, defects, c.Score.Turns)
	if err != nil {
		return nil, err
	}
	if plain.Len() == 0 {
		return nil, errors.New("train: refit: there is no image to learn from")
	}
	fresh := plain.Select(func(k int) bool { return plain.Turn[k] == 0 })
	if !c.Head.Local && c.Input.Tile == 0 { // there are no bags
		o.Shift = augment.None
		if fresh, err = CellsOf(ctx, m, defects, o, p); err != nil {
			return nil, err
		}
	}
	most := 0 // numbers that no other image has
	for _, i := range cells.Image {
		most = max(most, i+1)
	}
	plain.renumber(most)
	fresh.renumber(most)
	cells.append(fresh)
	c.Score.Kind = anomem.ScoreHeads
	r := &Run{Config: c, Options: o, OnNote: note}
	images := knownOf(plain)
	r.note("refit on %d more known anomalies, seed %d", len(images), o.Seed)
	if len(images) < FewDefects {
		if err := r.crossValidate(ctx, c, parts.Turned, cells, plain, held, p); err != nil {
			return nil, err
		}
	}
	if err := TrainHeads(ctx, c, o.Heads, o.Seed, parts, cells, p); err != nil {
		return nil, err
	}
	next, err := anomem.NewModel(c, parts, p)
	if err != nil {
		return nil, err
	}
	if err := next.SetReplay(replayOf(c.Head, cells, held)); err != nil {
		return nil, err
	}
	_, alpha := m.Threshold()
	if held.Len() > 0 {
		if err := next.Calibrate(headScores(c, parts, held, p), alpha); err != nil {
			return nil, err
		}
	}
	from := m.Provenance()
	from.Images, from.Known = from.Images+len(images), from.Known+len(images)
	from.Notes = append(slices.Clone(from.Notes), r.notes...)
	next.SetProvenance(from)
	return next, nil
}

// inFourTurns tells whether each image of c is there as it is and turned by one, two and
// three quarters, in this order.
func inFourTurns(c *Cells) bool {
	last, turn := -1, 3
	for k, i := range c.Image {
		switch {
		case i == last && c.Turn[k] == turn:
		case i == last && c.Turn[k] == turn+1, i != last && turn == 3 && c.Turn[k] == 0:
			last, turn = i, c.Turn[k]
		default:
			return false
		}
	}
	return turn == 3
}

// renumber adds to the numbers of images.
func (c *Cells) renumber(by int) {
	for k := range c.Len() {
		c.Image[k] += by
		if c.Bag[k] > 0 {
			c.Bag[k] = c.Image[k] + 1
		}
	}
}

// append adds the squares of d.
func (c *Cells) append(d *Cells) {
	for s := range d.Scales {
		c.Scales[s] = append(c.Scales[s], d.Scales[s]...)
	}
	c.Image, c.Normal = append(c.Image, d.Image...), append(c.Normal, d.Normal...)
	c.Self, c.Bag = append(c.Self, d.Self...), append(c.Bag, d.Bag...)
	c.Turn = append(c.Turn, d.Turn...)
}

// known is how many images of d are anomalies.
func known(d dataset.Source) int {
	n := 0
	for i := range d.Len() {
		if !d.Normal(i) {
			n++
		}
	}
	return n
}

// knownOf lists the images with known anomalies, in the order of their squares.
func knownOf(cells *Cells) []int {
	var images []int
	seen := map[int]bool{}
	for k, i := range cells.Image {
		if !cells.Normal[k] && !cells.Self[k] && !seen[i] {
			seen[i] = true
			images = append(images, i)
		}
	}
	return images
}

// headScores returns the merged score (eqs. 10 and 13) of each image of cells, in the order
// of their squares: of each scale the worst square's, against those of its turned copies
// if c says so.
func headScores(c anomem.Config, parts *anomem.Parts[float32], cells *Cells, p *pool.Pool) []float64 {
	c.Score.Kind = anomem.ScoreHeads
	scoring := c.Scoring()
	heads, own := parts.Heads, [][]float64(nil)
	if c.Head.Paired() {
		heads, own = parts.Turned, headDistances(c, parts.Heads, cells, p)
	}
	copies := headDistances(c, heads, cells, p)
	n := scoring.Copies()
	scores := make([]float64, len(copies[0])/n)
	for i := range scores {
		scales := make([]float64, len(copies))
		for s := range scales {
			ownScore := 0.0
			if own != nil {
				ownScore = own[s][i*n]
			}
			scales[s] = scoring.AtScale(copies[s][i*n:(i+1)*n], ownScore)
		}
		scores[i] = scoring.Merge(scales)
	}
	return scores
}

// headDistances returns, for each scale, the distance of the worst square of each copy of
// an image of cells.
func headDistances(c anomem.Config, heads []*anomem.Head[float32], cells *Cells, p *pool.Pool) [][]float64 {
	g := autograd.NewGraph[float32](p)
	worst := make([][]float64, len(heads)) // of each scale, a copy of an image each
	for s, h := range heads {
		last := [2]int{-1, -1}
		for lo := 0; lo < cells.Len(); lo += cellRows {
			hi := min(lo+cellRows, cells.Len())
			x := g.NewTensor(hi-lo, c.Head.Side(), c.Head.Side(), c.Channels()[s])
			for k := lo; k < hi; k++ {
				row := cells.row(s, k)
				copy(x.Data()[(k-lo)*len(row):], row)
			}
			var d *autograd.Tensor[float32]
			g.NoGrad(func() { d = h.Cells(g, x) })
			for i, v := range d.Data() {
				if copied := [2]int{cells.Image[lo+i], cells.Turn[lo+i]}; copied != last {
					worst[s], last = append(worst[s], math.Inf(-1)), copied
				}
				w := &worst[s][len(worst[s])-1]
				*w = max(*w, float64(v))
			}
			g.Reset()
		}
	}
	return worst
}

// crossValidate tells, for each of the known anomalies whose squares are plain, the score
// that heads give it which were trained on all cells but those of its image, and its
// p-value among the held-out images. turned are the heads for turned copies, if there are
// some: they know no known anomaly.
func (r *Run) crossValidate(ctx context.Context, c anomem.Config, turned []*anomem.Head[float32], cells, plain, held *Cells, p *pool.Pool) error {
	images := knownOf(plain)
	found, calibrated := 0, held != nil && held.Len() > 0
	rate := 0.05
	for n, image := range images {
		// All of the image: shifted copies of it, too, and tiles beside the defect.
		rest := cells.Select(func(k int) bool { return cells.Image[k] != image })
		if len(knownOf(rest)) == 0 && (c.Head.Paired() || !slices.Contains(rest.Self, true)) {
			r.note("one known anomaly alone cannot be cross-validated")
			return nil
		}
		parts := &anomem.Parts[float32]{Turned: turned}
		if err := TrainHeads(ctx, c, r.Options.Heads, r.Options.Seed, parts, rest, p); err != nil {
			return err
		}
		score := headScores(c, parts, plain.Select(func(k int) bool { return plain.Image[k] == image }), p)[0]
		if !calibrated {
			r.note("known anomaly %d of %d, unseen: score %.4f", n+1, len(images), score)
			continue
		}
		calibration, err := anomem.NewCalibration(headScores(c, parts, held, p))
		if err != nil {
			return err
		}
		rate = max(rate, anomem.SmallestAlpha(len(calibration.Scores))) // below which no p-value is
		pvalue := calibration.PValue(score)
		if pvalue <= rate {
			found++
		}
		r.note("known anomaly %d of %d, unseen: score %.4f, p-value %.4f", n+1, len(images), score, pvalue)
	}
	if calibrated {
		r.note("of %d known anomalies, heads that had not seen them give %d a p-value of %.2g or less", len(images), found, rate)
	}
	return nil
}

// heldCells returns the cells of the held-out images; none if there are none.
func (r *Run) heldCells(ctx context.Context, m *anomem.Model, turns bool) (*Cells, error) {
	if r.Held == nil {
		return &Cells{}, nil
	}
	return PlainCells(ctx, m, r.Held, turns)
}
