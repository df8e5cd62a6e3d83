package train

import (
	"slices"

	"anomem"
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
		r.Role, r.Image, r.Quarters = append(r.Role, role), append(r.Image, int32(c.Image[k])), append(r.Quarters, uint8(c.Quarters[k]))
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
		all.Image, all.Quarters = append(all.Image, int(r.Image[k])), append(all.Quarters, int(r.Quarters[k]))
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

// inFourTurns tells whether each image of c is there as it is and turned by one, two and
// three quarters, in this order.
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
