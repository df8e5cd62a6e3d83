package train

import "anomem/imageio"

// subset is the normal images, or the anomalies, of other data.
type subset struct {
	Data
	at []int // of each image, its number there
}

func newSubset(d Data, normal bool) subset {
	s := subset{Data: d}
	for i := range d.Len() {
		if d.Normal(i) == normal {
			s.at = append(s.at, i)
		}
	}
	return s
}

func (s subset) Len() int                            { return len(s.at) }
func (s subset) Normal(i int) bool                   { return s.Data.Normal(s.at[i]) }
func (s subset) Image(i int) (*imageio.Image, error) { return s.Data.Image(s.at[i]) }

// normals returns the normal images of d alone. It is Tiled if d is.
func normals(d Data) Data {
	s := newSubset(d, true)
	if t, ok := d.(Tiled); ok {
		return tiledSubset{s, t}
	}
	return s
}

type tiledSubset struct {
	subset
	tiled Tiled
}

func (s tiledSubset) Size(i int) (w, h int)             { return s.tiled.Size(s.at[i]) }
func (s tiledSubset) Mask(i int) (*imageio.Mask, error) { return s.tiled.Mask(s.at[i]) }
