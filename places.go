package anomem

import (
	"errors"
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
type PlacesConfig struct {
	Size   int   `json:"size"`
	Stages []int `json:"stages"`
}

// validate says what is wrong with p.
func (p PlacesConfig) validate(say func(bad bool, format string, args ...any)) {
	if p.Size == 0 {
		say(len(p.Stages) > 0, "places: stages %v of no size", p.Stages)
		return
	}
	say(p.Size < 8 || p.Size > maxSize, "places: size %d: want 0 (none) or 8 to %d", p.Size, maxSize)
	say(len(p.Stages) == 0, "places: no stages")
	last := 0
	for _, s := range p.Stages {
		say(s <= last || s > 4, "places: stage %d after %d: want 1 to 4, in ascending order", s, last)
		last = s
	}
}

// Place holds, for P positions of a map of C channels, a normal distribution of the features
// that normal images have there. The features are means over 3×3 positions, so that what
// moves by less is normal. A feature's distance is that of a Density,
//
//	d_p(v) = √((v - μ_p)ᵀ Σ_p⁻¹ (v - μ_p) / C)
//
// and the largest over all positions counts.
type Place[T autograd.Float] struct {
	Mean   *autograd.Tensor[T] // μ, [P C]
	Whiten *autograd.Tensor[T] // the rows of L⁻¹/√C with LLᵀ = Σ, as far as the diagonal, [P C(C+1)/2]
	// Spread holds the mean and the standard deviation of the largest distance, over the
	// normal images fitted to, each left out in turn.
	Spread *autograd.Tensor[T] // [2]
}

// NewPlace returns a place without values.
func NewPlace[T autograd.Float](positions, channels int) *Place[T] {
	return &Place[T]{
		autograd.New[T](positions, channels), autograd.New[T](positions, triangle(channels)), autograd.New[T](2),
	}
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
		w := p.Whiten.Data()[at*triangle(c):][:triangle(c)]
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
	square []float64 // [P C(C+1)/2], of the products of offsets
	kept   []float64 // [P], 1 less the share by which the covariance was shrunk
	worst  []float64 // of each image left out
}

// NewPlaceFit returns the fit of a place, of which it sets the values.
func NewPlaceFit[T autograd.Float](p *Place[T]) *PlaceFit[T] {
	positions, c := p.Mean.Dim(0), p.Mean.Dim(1)
	return &PlaceFit[T]{
		place: p, origin: make([]float64, positions*c), sum: make([]float64, positions*c),
		square: make([]float64, positions*triangle(c)), kept: make([]float64, positions),
	}
}

// Add adds an image with features [P C].
func (f *PlaceFit[T]) Add(features []T) {
	if f.n++; f.n == 1 {
		for i, v := range features {
			f.origin[i] = float64(v)
		}
		return // its offsets are 0
	}
	c := f.place.Mean.Dim(1)
	off := make([]float64, c)
	for at := range f.kept {
		for i := range off {
			off[i] = float64(features[at*c+i]) - f.origin[at*c+i]
			f.sum[at*c+i] += off[i]
		}
		to := f.square[at*triangle(c):]
		for i, a := range off {
			for j, b := range off[:i+1] {
				to[j] += float64(a * b)
			}
			to = to[i+1:]
		}
	}
}

// Fit sets mean and covariance, which is shrunk as that of a Density. It is an error if no
// image was added, or one that is not finite.
func (f *PlaceFit[T]) Fit() error {
	if f.n == 0 {
		return errors.New("anomem: places of no image")
	}
	c, n := f.place.Mean.Dim(1), float64(f.n)
	cov, mean := make([]float64, c*c), make([]float64, c)
	for at := range f.kept {
		for i := range mean {
			mean[i] = f.sum[at*c+i] / n
		}
		from := f.square[at*triangle(c):]
		for i := range c {
			for j := range i + 1 {
				v := from[j]/n - float64(mean[i]*mean[j])
				cov[i*c+j], cov[j*c+i] = v, v
			}
			from = from[i+1:]
		}
		f.kept[at] = 1 - shrink(cov, f.n, c)
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
		to := f.place.Whiten.Data()[at*triangle(c):]
		for i := range c {
			f.place.Mean.Data()[at*c+i] = T(f.origin[at*c+i] + mean[i])
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
// the distributions of the others, at the places that are inside; nil: at all of them. With v its offset from the mean of all n and q = vᵀΣ⁻¹v,
// the mean of the others is off by nv/(n-1), their covariance is about
//
//	aΣ - b·vvᵀ,  a = n/(n-1),  b = (1-ρ)n/(n-1)²
//
// where ρ is the share of shrinkage, taken to stay, and by Sherman and Morrison the squared
// distance is a²q/(a - bq).
func (f *PlaceFit[T]) LeaveOut(features []T, inside []bool) {
	c, n := f.place.Mean.Dim(1), float64(f.n)
	d := make([]T, len(f.kept))
	f.place.distances(d, features, make([]T, c))
	a := n / max(n-1, 1)
	worst := 0.0
	for at, v := range d {
		if inside != nil && !inside[at] {
			continue
		}
		square := float64(v) * float64(v)
		b := f.kept[at] * a / max(n-1, 1)
		left := a - float64(b*float64(square*float64(c)))
		worst = max(worst, a*math.Sqrt(square/max(left, 1e-6)))
	}
	f.worst = append(f.worst, worst)
}

// Spread sets the spread by the images left out and returns the largest distance of each,
// standardised by it.
func (f *PlaceFit[T]) Spread() []float64 {
	var mean, square float64
	for _, v := range f.worst {
		mean += v / float64(len(f.worst))
	}
	for _, v := range f.worst {
		square += float64((v-mean)*(v-mean)) / float64(len(f.worst))
	}
	std := math.Sqrt(square)
	if !(std > 0) {
		std = 1
	}
	to := f.place.Spread.Data()
	to[0], to[1] = T(mean), T(std)
	out := make([]float64, len(f.worst))
	for i, v := range f.worst {
		out[i] = (v - mean) / std
	}
	return out
}

// placed says how far an image deviates at its places.
type placed struct {
	score float64    // the mean over the stages of the standardised largest distance
	maps  []valueMap // of each stage, the standardised distances; nil unless asked for
}

// PlaceFeatures is what an image shows at the places of a stage.
type PlaceFeatures struct {
	Values []float32 // [P C], valid until the callback returns
	Side   int       // √P
	Inside []bool    // [P], which places hold a pixel of the image's region; nil: all
}

// EachPlace encodes whole images, several at a time, and passes their features at each stage
// of the places, image by image. Of an image with a region, that part counts; nil regions:
// all of the images.
func (m *Model) EachPlace(imgs []*Image, regions []*imageio.Mask, see func(image int, stages []PlaceFeatures)) {
	in := m.config.placeInput()
	if regions == nil {
		regions = make([]*imageio.Mask, len(imgs))
	}
	for lo := 0; lo < len(imgs); lo += in.atOnce() {
		hi := min(len(imgs), lo+in.atOnce())
		m.features(in, imgs[lo:hi], regions[lo:hi], func(k int, stages []PlaceFeatures) { see(lo+k, stages) })
	}
}

// features encodes images together, as EachPlace.
func (m *Model) features(in Input, imgs []*Image, regions []*imageio.Mask, see func(image int, stages []PlaceFeatures)) {
	g := m.graph()
	defer m.done(g)
	x := g.NewTensor(len(imgs), in.Size, in.Size, 3)
	squares := make([]Square, len(imgs))
	for k, img := range imgs {
		squares[k] = Square{k, in.tiles(img.W, img.H)[0], regions[k]}
	}
	p := preparation{in, imgs, squares, x.Data()}
	m.pool.Run(&p, len(imgs))
	g.NoGrad(func() {
		maps := m.encoder.Stages(g, x)
		stages := make([]PlaceFeatures, len(m.config.Places.Stages))
		for k, sq := range squares {
			for s, stage := range m.config.Places.Stages {
				z := maps[stage-1]
				h, w, c := z.Dim(1), z.Dim(2), z.Dim(3)
				stages[s] = PlaceFeatures{smooth(z.Data()[k*h*w*c:(k+1)*h*w*c], h, w, c), w, sq.Inside(h, w)}
			}
			see(k, stages)
		}
	})
}

// placeInput returns how the encoder sees whole images.
func (c *Config) placeInput() Input {
	in := c.Input
	in.Size, in.Width, in.Tile, in.Stride = c.Places.Size, 0, 0, 0
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
// at which.
func (m *Model) deviations(imgs []*Image, regions []*imageio.Mask, where bool) []placed {
	all := make([]placed, len(imgs))
	m.EachPlace(imgs, regions, func(i int, stages []PlaceFeatures) {
		to := &all[i]
		for s, of := range stages {
			p := m.parts.Places[s]
			d := make([]float32, p.Mean.Dim(0))
			p.distances(d, of.Values, make([]float32, p.Mean.Dim(1)))
			mean, std := p.Spread.Data()[0], p.Spread.Data()[1]
			for k := range d {
				d[k] = (d[k] - mean) / std
			}
			worst := slices.Max(d)
			if of.Inside != nil {
				worst = maxWhere(d, of.Inside)
			}
			to.score += float64(worst) / float64(len(stages))
			if where {
				to.maps = append(to.maps, valueMap{d, of.Side, of.Side})
			}
		}
	})
	return all
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
