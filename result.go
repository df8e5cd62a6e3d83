package anomem

import (
	"cmp"
	"image"
	"math"
	"slices"

	"anomem/autograd"
	"anomem/imageio"
)

// Result is what a model says of an image.
type Result struct {
	Score  float64   // eq. 13; larger is more anomalous
	Scales []float64 // the score at each scale, before they are merged
	// PValue is the probability that a normal image scores as high, by split conformal
	// inference; NaN where the model is not calibrated.
	PValue    float64
	Anomalous bool // Score is above the threshold of the false-alarm rate
}

// Score says how far an image deviates from what is normal.
func (m *Model) Score(img *Image) Result { return m.ScoreBatch([]*Image{img})[0] }

// ScoreBatch is Score for several images: the same bits, and less time.
func (m *Model) ScoreBatch(imgs []*Image) []Result {
	scores := m.scores(imgs)
	results := make([]Result, len(imgs))
	for i, s := range scores {
		results[i] = m.result(s)
	}
	return results
}

// result makes a Result of an image's scores at each scale.
func (m *Model) result(scales []float64) Result {
	r := Result{Score: m.config.Merge(scales), Scales: scales, PValue: math.NaN()}
	if m.calibration != nil {
		r.PValue = m.calibration.PValue(r.Score)
		// A score that is no number, which no image should have, is no normal one's.
		r.Anomalous = m.alpha > 0 && !(r.Score <= m.threshold)
	}
	return r
}

// scores returns each image's scores at each scale.
func (m *Model) scores(imgs []*Image) [][]float64 {
	n := m.config.Score.Copies()
	copies := m.copyScores(m.config.Score.Turned(imgs))
	scores := make([][]float64, len(imgs))
	for i := range imgs {
		for s := range m.config.Scales {
			of := make([]float64, n)
			for t := range of {
				of[t] = copies[i*n+t].against[s]
			}
			score := m.config.Score.Against(of)
			if own := copies[i*n].own; own != nil {
				score = m.config.Head.Both(own[s], score)
			}
			scores[i] = append(scores[i], score)
		}
	}
	return scores
}

// copyScore is what is said of a copy of an image at each scale: a score to hold against
// those of other copies and, of heads beside those for turned copies, one that counts as it
// is.
type copyScore struct{ against, own []float64 }

// Turned returns the copies of each image that are scored, one image's after another's.
func (s ScoreConfig) Turned(imgs []*Image) []*Image {
	if !s.Turns {
		return imgs
	}
	var all []*Image
	for _, img := range imgs {
		for t := range s.Copies() {
			all = append(all, img.Rotate90(t))
		}
	}
	return all
}

// copyScores returns the scores of images as they are.
func (m *Model) copyScores(imgs []*Image) []copyScore {
	heads, own := m.parts.Heads, []*Head[float32](nil)
	if m.config.Score.Kind == ScoreHeads && m.config.Head.Paired() {
		heads, own = m.parts.Turned, heads
	}
	all := make([][2]tally, len(imgs)) // to hold against others, and own
	m.EachSquare(imgs, func(g *autograd.Graph[float32], of []Square, scales []Analysis) {
		for s, a := range scales {
			numbers := [2][]float32{m.numbers(g, heads, s, a)}
			if own != nil {
				numbers[1] = m.numbers(g, own, s, a)
			}
			for k, sq := range of {
				for i, n := range numbers {
					each := len(n) / len(of)
					all[sq.Image][i].add(s, n[k*each:(k+1)*each])
				}
			}
		}
	})
	scores := make([]copyScore, len(imgs))
	for i := range all {
		scores[i].against = m.reduceAll(&all[i][0])
		if own != nil {
			scores[i].own = m.reduceAll(&all[i][1])
		}
	}
	return scores
}

// tally gathers the numbers of an image's squares, scale by scale.
type tally struct{ scales [4][]float32 }

func (t *tally) add(s int, numbers []float32) { t.scales[s] = append(t.scales[s], numbers...) }

// reduceAll is reduce at each scale.
func (m *Model) reduceAll(t *tally) []float64 {
	scores := make([]float64, len(m.config.Scales))
	for s := range scores {
		scores[s] = m.reduce(t.scales[s])
	}
	return scores
}

// numbers returns what of each square goes into its image's score at scale s: a value
// for each position, or one, or a local head's.
func (m *Model) numbers(g *autograd.Graph[float32], heads []*Head[float32], s int, a Analysis) []float32 {
	switch m.config.Score.Kind {
	case ScoreHeads:
		var d *autograd.Tensor[float32]
		g.NoGrad(func() { d = heads[s].Forward(g, a.Delta) })
		return d.Data()
	case ScoreL2:
		var d *autograd.Tensor[float32]
		g.NoGrad(func() { d = MapNorm(g, a.Delta) })
		return d.Data()
	}
	return a.Value.Data()
}

// reduce makes one number of those of all squares: the mean of the Top share of the
// positions, or the largest of one a square. A NaN among them makes it one.
func (m *Model) reduce(v []float32) float64 {
	worst := float64(slices.Max(v))
	if m.config.Score.Kind != ScoreCosine || math.IsNaN(worst) {
		return worst
	}
	n := len(v)
	if top := m.config.Score.Top; top < 1 {
		n = topOf(top, n)
		slices.SortFunc(v, func(a, b float32) int { return cmp.Compare(b, a) })
	}
	var sum float64
	for _, x := range v[:n] {
		sum += float64(x)
	}
	return sum / float64(n)
}

// topOf is how many the share top of n are, rounded up, at least one. The share counts
// as it is written in decimal: 0.07 of 100 are 7, although the float64 nearest 0.07 is a
// little more.
func topOf(top float64, n int) int {
	return min(n, max(1, int(math.Ceil(float64(top*float64(n))-1e-9))))
}

// Square is a part of an image that the encoder sees at once.
type Square struct {
	Image int             // its number among those given
	Rect  image.Rectangle // of the image; beyond its edges the image is reflected
}

// squares returns the parts that image i falls into, row by row.
func (m *Model) squares(i int, img *Image) []Square {
	in := m.config.Input
	if in.Tile == 0 {
		return []Square{{i, image.Rect(0, 0, img.W, img.H)}}
	}
	var all []Square
	for _, r := range imageio.Tiles(img.W, img.H, in.Tile, in.Stride) {
		all = append(all, Square{i, r})
	}
	return all
}

// EachSquare analyses all squares of the images, some at a time, in order. What see is given
// lives until it returns.
func (m *Model) EachSquare(imgs []*Image, see func(g *autograd.Graph[float32], of []Square, scales []Analysis)) {
	var waiting []Square
	g := m.graph()
	defer m.done(g)
	most := m.config.Input.atOnce()
	flush := func(n int) {
		x := g.NewTensor(n, m.config.Input.Size, m.config.Input.Size, 3)
		p := preparation{m.config.Input, imgs, waiting[:n], x.Data()}
		m.pool.Run(&p, n)
		see(g, waiting[:n], m.Analyse(g, x))
		waiting = append(waiting[:0], waiting[n:]...)
		g.Reset()
	}
	for i, img := range imgs {
		waiting = append(waiting, m.squares(i, img)...)
		for len(waiting) >= most {
			flush(most)
		}
	}
	if len(waiting) > 0 {
		flush(len(waiting))
	}
}

// preparation makes encoder input of squares, one a chunk.
type preparation struct {
	input   Input
	imgs    []*Image
	squares []Square
	dst     []float32
}

func (p *preparation) Chunk(k int) {
	n := p.input.Size * p.input.Size * 3
	sq := p.squares[k]
	p.input.Prepare(p.dst[k*n:(k+1)*n], p.imgs[sq.Image], sq.Rect)
}

// Prepare writes the part rect of an image, resized and normalised, to dst [Size Size 3].
// Beyond the image's edges it is reflected.
func (in Input) Prepare(dst []float32, img *Image, rect image.Rectangle) {
	if rect != image.Rect(0, 0, img.W, img.H) {
		img = img.CropReflect(rect.Min.X, rect.Min.Y, rect.Dx(), rect.Dy())
	}
	in.Normalise(dst, img.Resize(in.Size, in.Size).Pix)
}

// Normalise writes (v/255 - Mean)/Std for the bytes of pixels to dst, through a table.
func (in Input) Normalise(dst []float32, pixels []byte) {
	table := in.Table()
	for i := 0; i+2 < len(pixels); i += 3 {
		dst[i] = table[0][pixels[i]]
		dst[i+1] = table[1][pixels[i+1]]
		dst[i+2] = table[2][pixels[i+2]]
	}
}

// Table returns (v/255 - Mean)/Std for each channel and value of a byte.
func (in Input) Table() *[3][256]float32 {
	var t [3][256]float32
	for c := range t {
		for v := range t[c] {
			t[c][v] = (float32(v)/255 - in.Mean[c]) / in.Std[c]
		}
	}
	return &t
}
