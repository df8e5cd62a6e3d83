package augment

import (
	"image"

	"anomem/nn/rng"
)

// draws holds all random choices of a view.
type draws struct {
	crop   image.Rectangle
	mirror bool
	turn   int // quarter turns
	jitter jitter
	grey   bool
	sigma  float64 // of the blur; 0 for none
	noise  rng.Stream
}

// draw makes the choices for a view of a w×h image; keep is as for [Options.crop]. The crop
// comes last, because it alone takes a varying number of random numbers, and the noise
// has a stream of its own. So no other choice depends on any strength.
func (o *Options) draw(w, h int, keep kept, r *rng.Stream) draws {
	d := draws{noise: rng.New(r.Uint64())}
	d.mirror = chance(o.Flip, r)
	turned, turn := chance(o.Turn, r), 1+r.IntN(3)
	if turned {
		d.turn = turn
	}
	jittered := chance(o.Jitter, r)
	d.jitter = drawJitter(o.Brightness, o.Contrast, o.Saturation, o.Hue, r)
	if !jittered {
		d.jitter = jitter{}
	}
	d.grey = chance(o.Grey, r)
	blurred, sigma := chance(o.Blur, r), between(o.BlurSigma[0], o.BlurSigma[1], r)
	if blurred {
		d.sigma = sigma
	}
	d.crop = o.crop(w, h, keep, r)
	return d
}

// chance returns true with probability p.
func chance(p float64, r *rng.Stream) bool { return r.Float64() < p }
