package train

import (
	"slices"

	"anomem"
)

// A model keeps up to replayMost squares of each role, or as many cells as these have, and
// fewer where they would exceed about replayBytes. It keeps up to knownMost of known
// anomalies.
//
// It keeps all squares of a held-out image or none, up to heldBytes. Some squares would not
// do: heads that are yet to be trained may find any of them the worst. A score without it is
// too low, the threshold by such scores too, and false alarms would be more than promised.
const (
	replayMost  = 1024
	knownMost   = 4096
	replayBytes = 32 << 20
)

var heldBytes = 64 << 20 // less in a test

// replayOf returns what a model with heads h and so many levels beside the first keeps of its
// cells. It keeps all bags, the first squares of each other known anomaly, evenly spaced normal
// and self-labelled squares, and all squares of the first held-out images. With paired heads it
// keeps no self-labelled squares, because heads for rotated copies are not trained again.
func replayOf(h anomem.HeadConfig, levels int, cells, held *Cells) *anomem.Replay {
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
		r.Role, r.Image = append(r.Role, role), append(r.Image, int32(c.Image[k]))
		r.Quarters = append(r.Quarters, uint8(c.Quarters[k]))
		if levels > 0 {
			r.Level = append(r.Level, uint8(c.Level[k]))
		}
		switch {
		case c.Terms != nil:
			r.Terms = append(r.Terms, c.Terms[k]...)
		case held != nil && held.Terms != nil: // only those of held-out images count
			r.Terms = append(r.Terms, make([]float64, len(c.Scales))...)
		}
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

// KeptHeld returns the number of held-out images that Refit calibrates new heads of m by:
// those of which the model file holds all that heads see. Of large images that may be few.
func KeptHeld(m *anomem.Model) int {
	if m.Replay() == nil {
		return 0
	}
	kept := map[int32]bool{}
	for k, role := range m.Replay().Role {
		if role == anomem.RoleHeld {
			kept[m.Replay().Image[k]] = true
		}
	}
	return len(kept)
}

// firstOfEach returns n of the given squares: first the first square of each image, then
// the second squares, and so on. image holds the image of every square.
func firstOfEach(image, squares []int, n int) []int {
	seen := map[int]int{} // of each image, the squares seen
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

// cellsOfReplay is the inverse of replayOf. It returns the cells that train heads and those
// of held-out images.
func cellsOfReplay(r *anomem.Replay) (cells, held *Cells) {
	all := &Cells{Scales: r.Scales}
	for k, role := range r.Role {
		all.Image, all.Quarters, all.Level = append(all.Image, int(r.Image[k])), append(all.Quarters, int(r.Quarters[k])), append(all.Level, int(r.LevelOf(k)))
		all.Normal = append(all.Normal, role == anomem.RoleNormal || role == anomem.RoleHeld)
		all.Self = append(all.Self, role == anomem.RoleSelf)
		bag := 0
		if role == anomem.RoleBag {
			bag = int(r.Image[k]) + 1
		}
		all.Bag = append(all.Bag, bag)
		if n := len(r.Scales); len(r.Terms) > 0 {
			all.Terms = append(all.Terms, r.Terms[k*n:(k+1)*n])
		}
	}
	isHeld := func(k int) bool { return r.Role[k] == anomem.RoleHeld }
	cells, held = all.Select(func(k int) bool { return !isHeld(k) }), all.Select(isHeld)
	cells.Terms = nil // only those of held-out images count
	return cells, held
}

// inFourTurns reports whether c holds each image rotated by 0, 1, 2 and 3 quarter turns, in
// this order.
func inFourTurns(c *Cells) bool {
	last, turn := -1, 3
	for k, i := range c.Image {
		switch {
		case i == last && c.Quarters[k] == turn:
		case i == last && c.Quarters[k] == turn+1, i != last && turn == 3 && c.Quarters[k] == 0:
			last, turn = i, c.Quarters[k]
		default:
			return false
		}
	}
	return turn == 3
}
