package anomem

import (
	"image"
	"math"
	"slices"

	"anomem/imageio"
)

// finding is what a term of a sum finds in an image as a whole, and not in the squares that it is
// cut into.
type finding struct {
	score float64
	maps  []valueMap      // where; nil unless asked for
	rect  image.Rectangle // what the maps stretch over, in pixels of the image
}

// whole reports whether a term of kind k sees images as a whole.
func (k ScoreKind) whole() bool { return k == ScorePlaces || k == ScoreTexture }

// wholes returns what each term finds in each image as a whole, within regions, and with where at
// which places; nil for terms that see squares.
func (m *Model) wholes(imgs []*Image, regions []*imageio.Mask, where bool) [][]finding {
	var all [][]finding
	for _, kind := range m.scoring.Terms() {
		switch kind {
		case ScorePlaces:
			all = append(all, m.deviations(imgs, regions, where))
		case ScoreTexture:
			all = append(all, m.textures(imgs, regions, where))
		default:
			all = append(all, nil)
		}
	}
	return all
}

// worstOf returns the largest of the values that are inside; nil: of all.
func worstOf(d []float32, inside []bool) float32 {
	if inside == nil {
		return slices.Max(d)
	}
	return maxWhere(d, inside)
}

// maxWhere returns the largest of the values that are inside, and gives the others the least
// value of all. At least one is inside.
func maxWhere(v []float32, inside []bool) float32 {
	least, worst := slices.Min(v), float32(math.Inf(-1))
	for k, in := range inside {
		if in {
			worst = max(worst, v[k])
		} else {
			v[k] = least
		}
	}
	return worst
}

// meanAndDeviation returns the mean of v and its standard deviation; 1 where all are the same.
func meanAndDeviation(v []float64) (mean, std float64) {
	for _, x := range v {
		mean += x / float64(len(v))
	}
	for _, x := range v {
		std += float64((x-mean)*(x-mean)) / float64(len(v))
	}
	if std = math.Sqrt(std); !(std > 0) {
		std = 1
	}
	return mean, std
}
