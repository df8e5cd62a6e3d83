package anomem

import (
	"image"

	"anomem/autograd"
	"anomem/imageio"
)

// Heatmap holds how far each pixel of an image deviates: the paper's outlook (section 5),
// with the maps of all scales merged into one.
type Heatmap = imageio.Map

// Heatmap returns the heatmap of an image. Each scale's values 1 - cos(z, HF(z)) are
// interpolated between the centres of map positions to the pixels of the image, merged by λ
// and averaged where tiles overlap.
//
// Local heads give a distance to each cell, which replaces the cosine. They are evaluated
// twice: on the cells and, with Pool 2 or more, on cells of twice the side, which detect
// large defects more surely.
//
// Terms of a sum that see images as a whole add what they find, with the weight that they have in
// the score. Without local heads places (ScorePlaces) alone count.
func (m *Model) Heatmap(img *Image) *Heatmap {
	cut, _, cuts := m.cut([]*Image{img}, nil)
	parts, inside := m.within(cut, nil)
	h := newHeater(m, parts, inside)
	m.EachSquare(parts, inside, func(g *autograd.Graph[float32], of []Square, scales []Analysis) {
		h.add(g, of, scales, 1)
	})
	h.addWholes(0, m.wholes(parts, inside, true))
	return cuts.back(0, onImage(h.maps[0], cut[0], m.regionOf(0, cut[0], nil), inside[0]))
}

// heater makes the heatmaps of images from their squares, which arrive image by image.
type heater struct {
	m       *Model
	weights []float32 // of the scales
	maps    []*Heatmap
	left    [][]int // of each image and level of the pyramid, squares to come
	across  map[[2]int][]blend
}

func newHeater(m *Model, imgs []*Image, regions []*imageio.Mask) *heater {
	h := &heater{
		m: m, weights: m.config.weights(), maps: make([]*Heatmap, len(imgs)),
		left: make([][]int, len(imgs)), across: map[[2]int][]blend{},
	}
	for i, img := range imgs {
		h.maps[i] = &Heatmap{W: img.W, H: img.H}
		h.left[i] = make([]int, m.config.Input.Levels+1)
		for _, sq := range m.squares(i, img, regions[i]) {
			h.left[i][sq.Level]++
		}
	}
	return h
}

// add adds the maps of squares to the heatmaps of their images. Each image comes in that
// many copies, of which the first counts.
func (h *heater) add(g *autograd.Graph[float32], of []Square, scales []Analysis, copies int) {
	maps := make([][]valueMap, len(scales))
	for s, a := range scales {
		if h.m.localHeads() || !h.m.config.Score.Has(ScorePlaces) {
			maps[s] = h.m.where(g, s, a)
		}
	}
	for k, sq := range of {
		if sq.Image%copies != 0 {
			continue
		}
		i := sq.Image / copies
		to := h.maps[i]
		if to.Value == nil {
			to.Value = make([]float32, to.W*to.H)
		}
		for s := range scales {
			for j, share := range shares(maps[s]) {
				v := maps[s][j]
				n := v.rows * v.cols
				h.stretch(to, sq.Rect, v.value[k*n:(k+1)*n], v.rows, v.cols, h.weight(s, sq.Level)*share)
			}
		}
		if h.left[i][sq.Level]--; h.left[i][sq.Level] == 0 {
			h.endLevel(to, sq.Level)
		}
	}
}

// weight returns what the distances at a scale and a level of the pyramid weigh.
func (h *heater) weight(scale, level int) float32 {
	switch {
	case level == 0:
		return h.weights[scale]
	case len(h.m.scoring.levels) == 0 || !h.m.localHeads():
		return 0
	}
	return h.weights[scale] * float32(h.m.scoring.levels[level-1][scale])
}

// endLevel averages what the squares of a level have added where they overlap. The squares of
// the next one add to that, so that it is made as many times as large as these overlap.
func (h *heater) endLevel(to *Heatmap, level int) {
	in := h.m.config.Input
	average(to, in.Tiles(to.W, to.H, level))
	if level < in.Levels {
		perCover(to, in.Tiles(to.W, to.H, level+1), func(v, n float32) float32 { return v * n })
	}
}

// addWholes adds what the terms that see images as a whole find in image i.
func (h *heater) addWholes(i int, wholes [][]finding) {
	to := h.maps[i]
	if to.Value == nil { // the region leaves no square
		to.Value = make([]float32, to.W*to.H)
	}
	for t, of := range wholes {
		if of == nil {
			continue
		}
		weight := h.m.scoring.termWeight(t)
		for j, share := range shares(of[i].maps) {
			v := of[i].maps[j]
			h.stretch(to, of[i].rect, v.value, v.rows, v.cols, weight*share)
		}
	}
}

// localHeads reports whether heads that see cells are in the score.
func (m *Model) localHeads() bool {
	s := m.config.Score
	return m.config.Head.Local && (s.Kind == ScoreHeads || s.Beside > 0)
}

// average divides each value by the number of tiles that cover its pixel.
func average(m *Heatmap, tiles []image.Rectangle) {
	perCover(m, tiles, func(v, n float32) float32 { return v / n })
}

// perCover changes each value by the number of tiles that cover its pixel. The tiles are a
// grid, so that the number is a product of those along either axis. Those that are left out
// cover no pixel that counts.
func perCover(m *Heatmap, tiles []image.Rectangle, change func(v, n float32) float32) {
	if len(tiles) == 1 {
		return
	}
	across, down := make([]float32, m.W), make([]float32, m.H)
	first := tiles[0].Min
	for _, t := range tiles {
		if t.Min.Y == first.Y {
			for x := max(0, t.Min.X); x < min(m.W, t.Max.X); x++ {
				across[x]++
			}
		}
		if t.Min.X == first.X {
			for y := max(0, t.Min.Y); y < min(m.H, t.Max.Y); y++ {
				down[y]++
			}
		}
	}
	for y, n := range down {
		row := m.Value[y*m.W:][:m.W]
		for x, v := range row {
			row[x] = change(v, n*across[x])
		}
	}
}

// valueMap holds the values of squares at rows×cols positions, [N rows cols].
type valueMap struct {
	value      []float32
	rows, cols int
}

// shares returns how much each of some maps of the same squares counts: in proportion to its
// number of positions a side, and 1 together. The finer ones tell better where a defect is.
func shares(maps []valueMap) []float32 {
	sum := 0
	for _, v := range maps {
		sum += v.rows
	}
	all := make([]float32, len(maps))
	for j, v := range maps {
		all[j] = float32(v.rows) / float32(sum)
	}
	return all
}

// where returns the maps of the squares at scale s: the distances of local heads if these are in
// the score, else 1 - cos(z, HF(z)).
func (m *Model) where(g *autograd.Graph[float32], s int, a Analysis) []valueMap {
	if !m.localHeads() {
		return []valueMap{{a.Value.Data(), a.Value.Dim(1), a.Value.Dim(2)}}
	}
	var maps []valueMap
	fine := m.config.Head.Pool
	for _, n := range []int{fine, fine / 2} {
		if n == 0 {
			continue
		}
		g.NoGrad(func() {
			d := m.parts.Heads[s].Cells(g, g.AvgPoolTo(a.Delta, n, n))
			maps = append(maps, valueMap{d.Data(), n, n})
		})
	}
	return maps
}

// stretch adds weight times the map v [rows cols], stretched over rect, to the pixels of
// rect. What lies beyond the image is left out.
func (h *heater) stretch(to *Heatmap, rect image.Rectangle, v []float32, rows, cols int, weight float32) {
	inside := rect.Intersect(image.Rect(0, 0, to.W, to.H))
	size := [2]int{rect.Dx(), cols}
	across, ok := h.across[size]
	if !ok {
		across = blendsOver(rect.Dx(), cols)
		h.across[size] = across
	}
	across = across[inside.Min.X-rect.Min.X:][:inside.Dx()]
	line := make([]float32, cols)
	for y := inside.Min.Y; y < inside.Max.Y; y++ {
		b := blendAt(y-rect.Min.Y, rect.Dy(), rows)
		for c := range line {
			line[c] = weight * b.of(v[b.lo*cols+c], v[b.hi*cols+c])
		}
		addBlends(to.Value[y*to.W+inside.Min.X:][:len(across)], line, across)
	}
}

// addBlends adds the mixtures of a line's cells to row, a run of pixels between the same two
// cells at a time.
func addBlends(row, line []float32, across []blend) {
	for i := 0; i < len(across); {
		lo, hi := line[across[i].lo], line[across[i].hi]
		d := hi - lo
		end := i + across[i].run
		if end > len(across) {
			end = len(across)
		}
		dst, src := row[i:end], across[i:end]
		for k := range dst {
			dst[k] += lo + float32(src[k].part*d)
		}
		i = end
	}
}

// blend mixes two neighbouring cells.
type blend struct {
	lo, hi int
	part   float32 // of hi
	run    int     // of it and the pixels behind it that mix the same cells, along an axis
}

func (b blend) of(lo, hi float32) float32 { return lo + float32(b.part*(hi-lo)) }

// blendsOver returns the mixtures at all pixels of size.
func blendsOver(size, n int) []blend {
	all := make([]blend, size)
	for i := size - 1; i >= 0; i-- {
		all[i] = blendAt(i, size, n)
		all[i].run = 1
		if i+1 < size && all[i+1].lo == all[i].lo && all[i+1].hi == all[i].hi {
			all[i].run += all[i+1].run
		}
	}
	return all
}

// blendAt returns the mixture at pixel i of size, over which n cells stretch: linear
// between their centres, constant beyond the first and last.
func blendAt(i, size, n int) blend {
	at := (float32(i)+0.5)*float32(n)/float32(size) - 0.5
	if at <= 0 {
		return blend{}
	}
	lo := int(at)
	if lo >= n-1 {
		return blend{lo: n - 1, hi: n - 1}
	}
	return blend{lo: lo, hi: lo + 1, part: at - float32(lo)}
}
