package train

import (
	"context"
	"slices"
	"time"

	"anomem"
	"anomem/imageio"
	"anomem/resnet"
	"anomem/simd/pool"
)

// LimitPlaces leaves, of the places of c if it has any, those that its encoder has not too many
// channels for.
func LimitPlaces(c *anomem.Config) {
	if c.Places.Size > 0 {
		c.Places = placesFor(*c, c.Places.Fine, c.Places.Fine)
	}
}

// placesFor returns the places of parts whose longest and shortest sides are given: of the maps with 16, 8
// and 4 positions a side those whose channels are not too many. A wide encoder may have none.
// Where images have some four times the pixels a side, they are looked at finely, too: drawn
// plates of 1024² then have 93 AUROC at places, not 64, and bottles of 900² 99.3, not 97.7.
// Of images of 300², looking at 256 pixels costs 1 to 3.
//
// On a texture, which has no place where something belongs, places cost more than they bring:
// on the cloth that anomem draws, heads alone have 98.2 AUROC after five minutes on one
// thread, with places of half their weight 97.9, and of the same 97.3.
func placesFor(c anomem.Config, longest, shortest int) anomem.PlacesConfig {
	const most = 4 << 20 // values of a map
	side := 32
	if c.Encoder.Stem == resnet.ImageNet.String() {
		side *= 4
	}
	p := anomem.PlacesConfig{Size: side}
	if longest*shortest >= fineFrom*side*side {
		p.Fine = finer * side
	}
	for stage := 2; stage <= 4; stage++ {
		c.Places = anomem.PlacesConfig{Size: side, Stages: []int{stage}, Fine: p.Fine}
		if slices.Max(c.PlaceValues()) <= most {
			p.Stages = append(p.Stages, stage)
		}
	}
	if p.Stages == nil {
		return anomem.PlacesConfig{}
	}
	return p
}

// finer is how many times as many pixels a side a fine look at places has. fineFrom is how many
// times as many pixels an image has at least to be looked at finely: a side is then nearer to
// finer times as many, by its ratio to either, than to twice as many.
const finer, fineFrom = 4, 2 * finer

// fitPlaces gives parts the places of the images of some, which are normal, and returns the
// term of a sum that they are. m is the model of the parts.
func fitPlaces(ctx context.Context, m *anomem.Model, parts *anomem.Parts[float32], some subset, p *pool.Pool) (anomem.Term, error) {
	c := m.Config()
	parts.AddPlaces(c)
	f := &fittingPlaces{errs: make([]error, len(parts.Places))}
	for _, place := range parts.Places {
		f.fits = append(f.fits, anomem.NewPlaceFit(place))
	}
	each := func(see func(s int, of anomem.PlaceFeatures)) error {
		return batches(ctx, some, func(_ int, images []*imageio.Image, regions []*imageio.Mask) {
			m.EachPlace(images, regions, func(_ int, maps []anomem.PlaceFeatures) {
				for s, of := range maps {
					see(s, of)
				}
			})
		})
	}
	if err := each(func(s int, of anomem.PlaceFeatures) { f.fits[s].Add(of.Values) }); err != nil {
		return anomem.Term{}, err
	}
	p.Run(f, len(f.fits))
	if err := errorsOf(f.errs...); err != nil {
		return anomem.Term{}, err
	}
	if err := each(func(s int, of anomem.PlaceFeatures) { f.fits[s].LeaveOut(of.Values, of.Inside) }); err != nil {
		return anomem.Term{}, err
	}
	scores := make([]float64, some.Len())
	for _, fit := range f.fits {
		for i, v := range fit.Spread() {
			scores[i] += v / float64(len(f.fits))
		}
	}
	_, std := spread(scores)
	t := anomem.Term{Kind: anomem.ScorePlaces}
	for range c.Scales {
		t.Weight, t.Mean, t.Std = append(t.Weight, 1), append(t.Mean, 0), append(t.Std, std)
	}
	return t, nil
}

// fittingPlaces fits places, one a chunk.
type fittingPlaces struct {
	fits []*anomem.PlaceFit[float32]
	errs []error
}

func (f *fittingPlaces) Chunk(i int) { f.errs[i] = f.fits[i].Fit() }

// addPlaces fits places and returns the model whose score they are.
func (r *Run) addPlaces(ctx context.Context, s *stage2, m *anomem.Model) (*anomem.Model, error) {
	term, err := fitPlaces(ctx, m, s.parts, r.wholeImages("places"), s.pool)
	if err != nil {
		return nil, err
	}
	s.config.Score.Kind, s.config.Score.Terms = anomem.ScoreSum, []anomem.Term{term}
	return anomem.NewModel(s.config, s.parts, s.pool)
}

// usesPlaces reports whether places are part of the score. They are not where heads compare
// an image with its rotated copies.
func (r *Run) usesPlaces(c anomem.Config, o Options) bool {
	switch r.Score {
	case "", anomem.ScoreSum, anomem.ScorePlaces:
		return c.Places.Size > 0 && !o.Shift.Rotates()
	}
	return false
}

// rehearsePlaces estimates what it takes to fit places, and to find the deviations of images at
// them, by few images.
func (c *costs) rehearsePlaces(ctx context.Context, m *anomem.Model, parts anomem.Parts[float32], r *Run, w *stopwatch, p *pool.Pool) error {
	few := spaced(newSubset(r.Data, true), rehearsedWholes)
	w.lap()
	if _, err := fitPlaces(ctx, m, &parts, few, p); err != nil {
		return err
	}
	const passes = 2 // of fitting over its images
	c.addWhole(r, w.lap()/time.Duration(passes*max(1, few.Len())), passes)
	return nil
}
