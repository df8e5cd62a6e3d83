package anomem

import (
	"errors"
	"image"
	"math"
	"slices"

	"anomem/autograd"
	"anomem/imageio"
	"anomem/nn"
	"anomem/simd"
)

// PlacesConfig describes the densities at places. An image is resized to Size×Size as a
// whole, whatever it is cut into otherwise, and at each position of the maps of Stages the
// features are compared with those that normal images have there (Defard, Setkov, Loesch and
// Audigier, "PaDiM", ICPR 2020). Where parts are always held the same way, that tells what
// belongs where. Size 0: there are none.
//
// With Fine, the image is looked at as Fine×Fine pixels, too, where the defects that Size
// leaves nothing of are seen. Of the many positions there, blocks of fineShare×fineShare
// share a covariance, which takes fewer images and less memory.
type PlacesConfig struct {
	Size   int   `json:"size"`
	Stages []int `json:"stages"`
	Fine   int   `json:"fine,omitempty"`
}

const fineShare = 4

// validate says what is wrong with p.
func (p PlacesConfig) validate(say func(bad bool, format string, args ...any)) {
	if p.Size == 0 {
		say(len(p.Stages) > 0 || p.Fine > 0, "places: stages %v of no size", p.Stages)
		return
	}
	say(p.Size < 8 || p.Size > maxSize, "places: size %d: want 0 (none) or 8 to %d", p.Size, maxSize)
	say(p.Fine != 0 && (p.Fine <= p.Size || p.Fine > maxSize), "places: fine size %d: want 0 (none) or above %d to %d", p.Fine, p.Size, maxSize)
	say(len(p.Stages) == 0, "places: no stages")
	last := 0
	for _, s := range p.Stages {
		say(s <= last || s > 4, "places: stage %d after %d: want 1 to 4, in ascending order", s, last)
		last = s
	}
}

// placeMap is a map whose positions are places.
type placeMap struct {
	size, stage    int // of the image in pixels, of the encoder
	side, channels int // in positions
	share          int // side, in positions, of the blocks with one covariance
}

// placeMaps returns the maps of the places, those of the whole image at Size first.
func (c *Config) placeMaps() []placeMap {
	var maps []placeMap
	channels := c.Encoder.channels()
	for i, size := range c.Places.sizes() {
		share := 1
		if i > 0 {
			share = fineShare
		}
		for _, stage := range c.Places.Stages {
			maps = append(maps, placeMap{size, stage, c.Encoder.mapSide(size, stage), channels[stage-1], share})
		}
	}
	return maps
}

// sizes returns the sizes of the whole image that places are seen at.
func (p PlacesConfig) sizes() []int {
	switch {
	case p.Size == 0:
		return nil
	case p.Fine == 0:
		return []int{p.Size}
	}
	return []int{p.Size, p.Fine}
}

// PlaceValues returns the numbers of values, means and covariances, that the places of c take for
// each of their maps.
func (c *Config) PlaceValues() []int {
	var n []int
	for _, m := range c.placeMaps() {
		blocks := blocksOf(m.side, m.share)
		n = append(n, m.side*m.side*m.channels+blocks*blocks*triangle(m.channels))
	}
	return n
}

// Place holds, for the P positions of a square map of C channels, normal distributions of the
// features that normal images have there. Blocks of Share×Share positions have a covariance
// in common, Q in all. The features are means over 3×3 positions, so that what moves by less
// is normal. A feature's distance is that of a Density,
//
//	d_p(v) = √((v - μ_p)ᵀ Σ_p⁻¹ (v - μ_p) / C)
//
// and the largest over all positions counts.
type Place[T autograd.Float] struct {
	Side, Share int                 // P = Side², Q = ⌈Side/Share⌉²
	Mean        *autograd.Tensor[T] // μ, [P C]
	Whiten      *autograd.Tensor[T] // the rows of L⁻¹/√C with LLᵀ = Σ, as far as the diagonal, [Q C(C+1)/2]
	// Spread holds the mean and the standard deviation of the largest distance, over the
	// normal images fitted to, each left out in turn.
	Spread *autograd.Tensor[T] // [2]
}

// NewPlace returns a place without values for maps [side side channels], of which blocks of
// share×share positions have a covariance in common.
func NewPlace[T autograd.Float](side, share, channels int) *Place[T] {
	blocks := blocksOf(side, share)
	return &Place[T]{
		side, share,
		autograd.New[T](side*side, channels), autograd.New[T](blocks*blocks, triangle(channels)), autograd.New[T](2),
	}
}

// blocksOf returns the number of blocks along a side.
func blocksOf(side, share int) int { return (side + share - 1) / share }

// block returns the block of a position.
func (p *Place[T]) block(at int) int {
	return at/p.Side/p.Share*blocksOf(p.Side, p.Share) + at%p.Side/p.Share
}

// triangle returns the number of values of c rows as far as the diagonal.
func triangle(c int) int { return c * (c + 1) / 2 }

// Visit visits "mean", "whiten" and "spread", which are no parameters.
func (p *Place[T]) Visit(v nn.Visitor[T], prefix string) {
	v.Entry(nn.Entry[T]{Name: nn.Join(prefix, "mean"), Tensor: p.Mean, Buffer: true})
	v.Entry(nn.Entry[T]{Name: nn.Join(prefix, "whiten"), Tensor: p.Whiten, Buffer: true})
	v.Entry(nn.Entry[T]{Name: nn.Join(prefix, "spread"), Tensor: p.Spread, Buffer: true})
}

// distances writes the distance at each position of an image with features [P C] to dst [P].
// scratch has C values.
func (p *Place[T]) distances(dst, features, scratch []T) {
	c := p.Mean.Dim(1)
	for at := range dst {
		simd.Sub(scratch, features[at*c:(at+1)*c], p.Mean.Data()[at*c:(at+1)*c])
		w := p.Whiten.Data()[p.block(at)*triangle(c):][:triangle(c)]
		var sum float64
		for i := range c {
			y := float64(simd.Dot(w[:i+1], scratch[:i+1]))
			sum += float64(y * y)
			w = w[i+1:]
		}
		dst[at] = T(math.Sqrt(sum))
	}
}

// PlaceFit fits a Place to images that come one after the other, once to Add and once to
// LeaveOut.
type PlaceFit[T autograd.Float] struct {
	place  *Place[T]
	n      int
	origin []float64 // [P C], the features of the first image
	sum    []float64 // [P C], of the offsets from it
	square []float64 // [Q C(C+1)/2], of the products of offsets
	size   []float64 // [Q], the positions of each block
	kept   []float64 // [Q], 1 less the share by which the covariance was shrunk
	worst  []float64 // of each image left out
}

// NewPlaceFit returns the fit of a place, of which it sets the values.
func NewPlaceFit[T autograd.Float](p *Place[T]) *PlaceFit[T] {
	positions, c, blocks := p.Mean.Dim(0), p.Mean.Dim(1), p.Whiten.Dim(0)
	f := &PlaceFit[T]{
		place: p, origin: make([]float64, positions*c), sum: make([]float64, positions*c),
		square: make([]float64, blocks*triangle(c)), size: make([]float64, blocks), kept: make([]float64, blocks),
	}
	for at := range positions {
		f.size[p.block(at)]++
	}
	return f
}

// Add adds an image with features [P C].
func (f *PlaceFit[T]) Add(features []T) {
	if f.n++; f.n == 1 {
		for i, v := range features {
			f.origin[i] = float64(v)
		}
		return // its offsets are 0
	}
	positions, c := f.place.Mean.Dim(0), f.place.Mean.Dim(1)
	off := make([]float64, c)
	for at := range positions {
		for i := range off {
			off[i] = float64(features[at*c+i]) - f.origin[at*c+i]
			f.sum[at*c+i] += off[i]
		}
		addSquare(f.square[f.place.block(at)*triangle(c):], off)
	}
}

// addSquare adds the products of the values of v to a matrix, rows as far as the diagonal.
func addSquare(to, v []float64) {
	for i, a := range v {
		for j, b := range v[:i+1] {
			to[j] += float64(a * b)
		}
		to = to[i+1:]
	}
}

// Fit sets means and covariances, which are shrunk as that of a Density. The positions of a
// block are neighbours and tell much the same: their rows count as those of its side. It is
// an error if no image was added, or one that is not finite.
func (f *PlaceFit[T]) Fit() error {
	if f.n == 0 {
		return errors.New("anomem: places of no image")
	}
	p, c, n := f.place, f.place.Mean.Dim(1), float64(f.n)
	means := make([]float64, len(f.square)) // of each block, the sum of the products of the means
	mean := make([]float64, c)
	for at := range p.Mean.Dim(0) {
		for i := range mean {
			mean[i] = f.sum[at*c+i] / n
			p.Mean.Data()[at*c+i] = T(f.origin[at*c+i] + mean[i])
		}
		addSquare(means[p.block(at)*triangle(c):], mean)
	}
	cov := make([]float64, c*c)
	for q := range f.kept {
		from, less := f.square[q*triangle(c):], means[q*triangle(c):]
		for i := range c {
			for j := range i + 1 {
				v := from[j]/float64(n*f.size[q]) - less[j]/f.size[q]
				cov[i*c+j], cov[j*c+i] = v, v
			}
			from, less = from[i+1:], less[i+1:]
		}
		f.kept[q] = 1 - shrink(cov, f.n*p.Share, c)
		var trace float64
		for i := range c {
			trace += cov[i*(c+1)]
		}
		for i := range c {
			cov[i*(c+1)] += least + float64(flattest*trace/float64(c))
		}
		factor, ok := inverseCholesky(cov, c)
		if !ok {
			return errors.New("anomem: places of features that are not finite")
		}
		to := p.Whiten.Data()[q*triangle(c):]
		for i := range c {
			for j := range i + 1 {
				to[j] = T(factor[i*c+j] / math.Sqrt(float64(c)))
			}
			to = to[i+1:]
		}
	}
	return nil
}

// flattest is the share of the mean variance that all variances have at least. A channel that
// hardly varies at a place among the images fitted to may vary more among others.
const flattest = 0.01

// LeaveOut notes the largest distance of an image with features [P C] that was added, from
// the distributions of the others, at the places that are inside; nil: at all of them. With v
// its offset from the mean of all n and q = vᵀΣ⁻¹v, the mean of the others is off by
// nv/(n-1), their covariance is about
//
//	aΣ - b·vvᵀ,  a = n/(n-1),  b = (1-ρ)n/(n-1)²/m
//
// where ρ is the share of shrinkage, taken to stay, and m the number of positions of the
// block, of which the others' part is taken to stay, too. By Sherman and Morrison the squared
// distance is a²q/(a - bq).
func (f *PlaceFit[T]) LeaveOut(features []T, inside []bool) {
	c, n := f.place.Mean.Dim(1), float64(f.n)
	d := make([]T, f.place.Mean.Dim(0))
	f.place.distances(d, features, make([]T, c))
	a := n / max(n-1, 1)
	worst := 0.0
	for at, v := range d {
		if inside != nil && !inside[at] {
			continue
		}
		square := float64(v) * float64(v)
		block := f.place.block(at)
		b := f.kept[block] * a / max(n-1, 1) / f.size[block]
		left := a - float64(b*float64(square*float64(c)))
		worst = max(worst, a*math.Sqrt(square/max(left, 1e-6)))
	}
	f.worst = append(f.worst, worst)
}

// Spread sets the spread by the images left out and returns the largest distance of each,
// standardised by it.
func (f *PlaceFit[T]) Spread() []float64 {
	mean, std := meanAndDeviation(f.worst)
	to := f.place.Spread.Data()
	to[0], to[1] = T(mean), T(std)
	out := make([]float64, len(f.worst))
	for i, v := range f.worst {
		out[i] = (v - mean) / std
	}
	return out
}

// PlaceFeatures is what an image shows at the places of a map.
type PlaceFeatures struct {
	Values []float32 // [P C]
	Side   int       // √P
	Inside []bool    // [P], which places hold a pixel of the image's region; nil: all
}

// EachPlace encodes whole images, several at a time, and passes their features on each map of
// the places, image by image. Of an image with a region, that part counts; nil regions: all
// of the images.
func (m *Model) EachPlace(imgs []*Image, regions []*imageio.Mask, see func(image int, maps []PlaceFeatures)) {
	if regions == nil {
		regions = make([]*imageio.Mask, len(imgs))
	}
	sizes := m.config.Places.sizes()
	n := m.config.placeInput(slices.Max(sizes)).atOnce()
	for lo := 0; lo < len(imgs); lo += n {
		hi := min(len(imgs), lo+n)
		all := make([][]PlaceFeatures, hi-lo)
		for _, size := range sizes {
			m.addFeatures(all, m.config.placeInput(size), imgs[lo:hi], regions[lo:hi])
		}
		for k, maps := range all {
			see(lo+k, maps)
		}
	}
}

// addFeatures encodes images together and appends the features of each to its element of all.
func (m *Model) addFeatures(all [][]PlaceFeatures, in Input, imgs []*Image, regions []*imageio.Mask) {
	g := m.graph()
	defer m.done(g)
	x := g.NewTensor(len(imgs), in.Size, in.Size, 3)
	squares := make([]Square, len(imgs))
	for k, img := range imgs {
		squares[k] = Square{Image: k, Rect: image.Rect(0, 0, img.W, img.H), Region: regions[k]}
	}
	p := preparation{in, imgs, squares, x.Data()}
	m.pool.Run(&p, len(imgs))
	g.NoGrad(func() {
		maps := m.encoder.Stages(g, x)
		for k, sq := range squares {
			for _, stage := range m.config.Places.Stages {
				z := maps[stage-1]
				h, w, c := z.Dim(1), z.Dim(2), z.Dim(3)
				all[k] = append(all[k], PlaceFeatures{smooth(z.Data()[k*h*w*c:(k+1)*h*w*c], h, w, c), w, sq.Inside(h, w)})
			}
		}
	})
}

// placeInput returns how the encoder sees whole images as size×size pixels.
func (c *Config) placeInput(size int) Input {
	in := c.Input
	in.Size, in.Width, in.Tile, in.Stride, in.Levels = size, 0, 0, 0, 0
	return in
}

// smooth returns the mean of a map [h w c] over the 3×3 positions around each, or as many as
// there are.
func smooth(z []float32, h, w, c int) []float32 {
	out := make([]float32, len(z))
	for y := range h {
		for x := range w {
			to := out[(y*w+x)*c:][:c]
			y0, y1, x0, x1 := max(0, y-1), min(h, y+2), max(0, x-1), min(w, x+2)
			for v := y0; v < y1; v++ {
				for u := x0; u < x1; u++ {
					simd.Add(to, to, z[(v*w+u)*c:][:c])
				}
			}
			n := float32((y1 - y0) * (x1 - x0))
			for i := range to {
				to[i] /= n
			}
		}
	}
	return out
}

// deviations returns how far images deviate at their places within regions, and with where
// at which: the mean over the maps of the standardised largest distance.
func (m *Model) deviations(imgs []*Image, regions []*imageio.Mask, where bool) []finding {
	all := make([]finding, len(imgs))
	m.EachPlace(imgs, regions, func(i int, maps []PlaceFeatures) {
		to := &all[i]
		for s, of := range maps {
			p := m.parts.Places[s]
			d := make([]float32, p.Mean.Dim(0))
			p.distances(d, of.Values, make([]float32, p.Mean.Dim(1)))
			mean, std := p.Spread.Data()[0], p.Spread.Data()[1]
			for k := range d {
				d[k] = (d[k] - mean) / std
			}
			to.score += float64(worstOf(d, of.Inside)) / float64(len(maps))
			if where {
				to.rect = image.Rect(0, 0, imgs[i].W, imgs[i].H)
				to.maps = append(to.maps, valueMap{d, of.Side, of.Side})
			}
		}
	})
	return all
}
