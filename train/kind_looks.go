package train

import (
	"math"
	"slices"

	"anomem/imageio"
	"anomem/nn/rng"
)

// lookSide is the side of the small pictures by which kinds are told, in pixels. lookEdge is
// how many of them at each edge are left out where contrasts count, since resizing blurs
// there differently. The rest has lookCells cells of lookCell pixels a side.
const (
	lookSide, lookEdge  = 32, 2
	lookCells, lookCell = 4, (lookSide - 2*lookEdge) / lookCells
	lookPixels          = lookSide * lookSide
)

// kindLooks collects what small pictures of images show.
type kindLooks struct {
	rest   [][]float64 // of each, [row][column][channel], what a lamp does not explain
	within [][]float64 // the same of the part away from the edges
	detail [][]float64 // of each, what differs from the neighbourhood there
	uneven []float64   // of each, the mean square of its cells' relative contrasts
	odd    [][]float64 // of each, of what a lamp hardly changes, as oddPart returns it
}

// add looks at an image.
func (l *kindLooks) add(img *imageio.Image) {
	small := img.Resize(lookSide, lookSide)
	l.rest = append(l.rest, withoutLamp(small.Pix, lookSide))
	l.within = append(l.within, withoutLamp(small.Crop(withinEdge, withinEdge, withinSide, withinSide).Pix, withinSide))
	l.detail = append(l.detail, detailWithin(small.Pix))
	cells := cellsOfLook(small.Pix)
	l.uneven = append(l.uneven, unevenness(&cells))
	l.odd = append(l.odd, oddPart(lampless(&cells)))
}

// evidence returns what the pictures tell.
func (l *kindLooks) evidence() KindEvidence {
	e := KindEvidence{Images: len(l.rest), Uneven: math.Sqrt(median(l.uneven))}
	e.Aligned, e.Moved = alignment(l.rest)
	e.Within = max(explainedOf(l.within), explainedOf(l.detail))
	e.Turned = turnedP(l.odd)
	return e
}

// withoutLamp returns a picture without the polynomial of the second degree in each channel
// that fits it best, which is about what a lamp does: brighter here than there.
//
// On a grid of integers u = 2i+1-side, 1, u and u² less its mean are orthogonal, and so are
// their products; sums of integers are exact. The mean is whole unless 3 divides the side.
func withoutLamp(pix []byte, side int) []float64 {
	mean := (side*side - 1) / 3 // of u²
	terms := [...]func(x, y int) int{
		func(x, y int) int { return 1 },
		func(x, y int) int { return x },
		func(x, y int) int { return y },
		func(x, y int) int { return x * y },
		func(x, y int) int { return x*x - mean },
		func(x, y int) int { return y*y - mean },
	}
	rest := make([]float64, len(pix))
	for i, v := range pix {
		rest[i] = float64(v)
	}
	for _, term := range terms {
		var dot [3]int
		norm := 0
		each := func(f func(i, t int)) {
			for p := range side * side {
				f(3*p, term(2*(p%side)-side+1, 2*(p/side)-side+1))
			}
		}
		each(func(i, t int) {
			for c := range dot {
				dot[c] += t * int(pix[i+c])
			}
			norm += t * t
		})
		each(func(i, t int) {
			for c := range dot {
				rest[i+c] -= float64(float64(dot[c]) / float64(norm) * float64(t))
			}
		})
	}
	return rest
}

// withinEdge is how many pixels of a small picture at each edge are not within it, a sixth of
// its side. detailReach is how far the neighbourhood of a pixel reaches.
const (
	withinEdge  = 5
	withinSide  = lookSide - 2*withinEdge
	detailReach = 2
)

// detailWithin returns by how much the light of a picture's pixels, away from its edges, differs
// from the mean of the neighbourhood, times the number of pixels there.
func detailWithin(pix []byte) []float64 {
	const n = (2*detailReach + 1) * (2*detailReach + 1)
	light := func(x, y int) int {
		p := 3 * (lookSide*y + x)
		return int(pix[p]) + int(pix[p+1]) + int(pix[p+2])
	}
	var detail []float64
	for y := withinEdge; y < lookSide-withinEdge; y++ {
		for x := withinEdge; x < lookSide-withinEdge; x++ {
			d := n * light(x, y)
			for v := y - detailReach; v <= y+detailReach; v++ {
				for u := x - detailReach; u <= x+detailReach; u++ {
					d -= light(u, v)
				}
			}
			detail = append(detail, float64(d))
		}
	}
	return detail
}

// explainedOf returns which share of the variance of pictures the mean of the others explains.
func explainedOf(pictures [][]float64) float64 {
	sum, energy := make([]float64, len(pictures[0])), 0.0
	for _, v := range pictures {
		energy += squared(v)
		for i, x := range v {
			sum[i] += x
		}
	}
	return explained(sum, energy, len(pictures))
}

// lookSums are what each cell of a picture sums up to.
type lookSums struct {
	channel        [lookCells * lookCells][3]int
	across, upward [lookCells * lookCells]int // of differences of neighbours, three channels together
}

// cellsOfLook sums up the cells of a picture.
func cellsOfLook(pix []byte) (s lookSums) {
	light := func(p int) int { return int(pix[3*p]) + int(pix[3*p+1]) + int(pix[3*p+2]) }
	for y := range lookCells * lookCell {
		for x := range lookCells * lookCell {
			p := lookSide*(y+lookEdge) + x + lookEdge
			cell := lookCells*(y/lookCell) + x/lookCell
			for c := range 3 {
				s.channel[cell][c] += int(pix[3*p+c])
			}
			// Both neighbours, so that a half turn of the picture turns the sums alone.
			s.across[cell] += absolute(light(p+1)-light(p)) + absolute(light(p)-light(p-1))
			s.upward[cell] += absolute(light(p+lookSide)-light(p)) + absolute(light(p)-light(p-lookSide))
		}
	}
	return s
}

func absolute(a int) int { return max(a, -a) }

// lookDark is added to the sum of the light of a cell, 8 levels a value, so that the colour
// of what is black does not count.
const lookDark = 8 * 3 * lookCell * lookCell

// unevenness returns the mean square of by how much the contrasts of cells differ from their
// mean, as a share of that; 0 for a picture without contrast.
func unevenness(s *lookSums) float64 {
	total := 0
	for i := range s.across {
		total += s.across[i] + s.upward[i]
	}
	if total == 0 {
		return 0
	}
	sum := 0.0
	for i := range s.across {
		d := float64((s.across[i]+s.upward[i])*len(s.across))/float64(total) - 1
		sum += float64(d * d)
	}
	return sum / float64(len(s.across))
}

// lookFeatures is the number of features of a cell.
const lookFeatures = 4

// lampless returns features of cells that hardly change with the light on them: the shares of
// red and of blue, and the contrasts across and upward by the light.
func lampless(s *lookSums) []float64 {
	const n = lookCells * lookCells
	f := make([]float64, lookFeatures*n)
	for i := range n {
		c := s.channel[i]
		light := float64(c[0] + c[1] + c[2] + lookDark)
		f[i], f[n+i] = float64(c[0])/light, float64(c[2])/light
		f[2*n+i], f[3*n+i] = float64(s.across[i])/light, float64(s.upward[i])/light
	}
	return f
}

// kindMoves and kindTurns are the numbers of random moves and turns that the images are
// compared with.
const kindMoves, kindTurns = 99, 999

// alignment returns which share of pictures the mean of the others explains, and the most
// that it explains of pictures each of which is moved in a circle, turned by quarters, and
// mirrored, all at random. Surfaces and things at any place are as much alike then.
func alignment(pictures [][]float64) (aligned, moved float64) {
	energy := 0.0
	sum := make([]float64, 3*lookPixels)
	for _, v := range pictures {
		energy += squared(v)
		for i, x := range v {
			sum[i] += x
		}
	}
	aligned = explained(sum, energy, len(pictures))
	r := rng.New(1, rng.Name("kind"), rng.Name("moves"))
	for range kindMoves {
		clear(sum)
		for _, v := range pictures {
			addMoved(sum, v, r.IntN(lookSide), r.IntN(lookSide), r.IntN(8))
		}
		moved = max(moved, explained(sum, energy, len(pictures)))
	}
	return aligned, moved
}

// addMoved adds to sum a picture that is moved by dx and dy, and changed by one of the eight
// symmetries of the square.
func addMoved(sum, picture []float64, dx, dy, symmetry int) {
	step, row, at := 1, lookSide, 0
	if symmetry&1 > 0 { // mirrored
		step, at = -step, lookSide-1
	}
	if symmetry&2 > 0 { // upside down
		row, at = -row, at+lookSide*(lookSide-1)
	}
	if symmetry&4 > 0 { // rows become columns
		step, row = row, step
	}
	for y := range lookSide {
		to := 3 * lookSide * ((y + dy) % lookSide)
		for x := range lookSide {
			from, to := 3*(at+y*row+x*step), to+3*((x+dx)%lookSide)
			sum[to] += picture[from]
			sum[to+1] += picture[from+1]
			sum[to+2] += picture[from+2]
		}
	}
}

// turnedP returns the p-value of pictures' being upright: the share of random half turns of
// each, themselves included, for which the sum of their odd parts is as long as without.
func turnedP(odd [][]float64) float64 {
	sum := make([]float64, lookFeatures*lookCells*lookCells/2)
	length := func(turned func() bool) float64 {
		clear(sum)
		for _, v := range odd {
			if turned() {
				for i, x := range v {
					sum[i] -= x
				}
			} else {
				for i, x := range v {
					sum[i] += x
				}
			}
		}
		return squared(sum)
	}
	upright := length(func() bool { return false })
	r := rng.New(1, rng.Name("kind"), rng.Name("turns"))
	as := 1 // as they are
	for range kindTurns {
		if length(func() bool { return r.IntN(2) == 1 }) >= upright {
			as++
		}
	}
	return float64(as) / (kindTurns + 1)
}

// oddPart returns the part of a picture's features that a half turn negates: by how much
// they differ between each cell of the upper half and the one where a half turn takes it.
// Each feature is divided by its deviation over the picture's cells, so that neither pictures
// nor features with great differences outweigh the others, and a faint pattern of the ground
// does not outweigh things on it.
func oddPart(features []float64) []float64 {
	const n = lookCells * lookCells
	var odd []float64
	for k := range lookFeatures {
		f := features[k*n : (k+1)*n]
		_, deviation := spread(f)
		for c := range n / 2 {
			odd = append(odd, (f[c]-f[n-1-c])/deviation)
		}
	}
	return odd
}

// median returns the median of v, of two the lesser; it sorts v.
func median(v []float64) float64 {
	slices.Sort(v)
	return v[(len(v)-1)/2]
}
