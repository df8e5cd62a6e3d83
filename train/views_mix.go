package train

import (
	"anomem"
	"anomem/dataset"
	"anomem/imageio"
	"anomem/nn/rng"
)

// mixer pastes parts of known anomalies into others. An image with parts of two anomalies is an
// anomaly, and even few anomalies make many pairs (after Yun et al., "CutMix", ICCV 2019).
type mixer struct {
	share float64
	seed  uint64
	data  dataset.Source
	known []int // the images to take parts of; nil: nothing is pasted
}

// newMixer returns the mixer for images of d. It pastes nothing where heads see cells or tiles, since
// masks would no longer say where a defect is. Nor does it where anomalies are so few that they are
// cross-validated: heads must have seen no part of the one left out.
func newMixer(c anomem.Config, o Options, d dataset.Source) mixer {
	m := mixer{share: o.Mix, seed: o.Seed, data: d}
	if o.Mix == 0 || c.Input.Tile > 0 || c.Head.Local || dataset.Anomalies(d) < FewDefects {
		return m
	}
	for i := range d.Len() {
		if !d.Normal(i) {
			m.known = append(m.known, i)
		}
	}
	return m
}

// mixed returns img or, for a share of the views, a copy of it with a part of another known
// anomaly, a quarter to three quarters of the image wide and high, at the same place.
func (m *mixer) mixed(img *imageio.Image, of pick) (*imageio.Image, error) {
	r := rng.New(m.seed, rng.Name("mix"), of.pass, uint64(of.unit))
	if r.Float64() >= m.share {
		return img, nil
	}
	other, err := m.data.Image(m.known[r.IntN(len(m.known))])
	if err != nil {
		return nil, err
	}
	other = other.Resize(img.W, img.H)
	out := imageio.NewImage(img.W, img.H)
	copy(out.Pix, img.Pix)
	w, h := img.W/4+r.IntN(img.W/2+1), img.H/4+r.IntN(img.H/2+1)
	x, y := r.IntN(img.W-w+1), r.IntN(img.H-h+1)
	for row := y; row < y+h; row++ {
		at := 3 * (row*img.W + x)
		copy(out.Pix[at:at+3*w], other.Pix[at:])
	}
	return out, nil
}
