package train

import (
	"anomem/dataset"
	"anomem/imageio"
)

// subset is a source of the normal images, or of the anomalies, of another source.
type subset struct {
	all dataset.Source
	at  []int // number of each image in all
}

func newSubset(d dataset.Source, normal bool) subset {
	s := subset{all: d}
	for i := range d.Len() {
		if d.Normal(i) == normal {
			s.at = append(s.at, i)
		}
	}
	return s
}

func (s subset) Len() int                            { return len(s.at) }
func (s subset) Normal(i int) bool                   { return s.all.Normal(s.at[i]) }
func (s subset) Size(i int) (w, h int)               { return s.all.Size(s.at[i]) }
func (s subset) Image(i int) (*imageio.Image, error) { return s.all.Image(s.at[i]) }
func (s subset) Region(i int) (*imageio.Mask, error) { return s.all.Region(s.at[i]) }
func (s subset) Mask(i int) (*imageio.Mask, error)   { return s.all.Mask(s.at[i]) }

// spaced returns d or, if it has more than n images, n evenly spaced ones.
func spaced(d subset, n int) subset {
	if d.Len() <= n {
		return d
	}
	some := subset{all: d.all}
	for i := range n {
		some.at = append(some.at, d.at[i*d.Len()/n])
	}
	return some
}
