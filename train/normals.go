package train

import "anomem"

// normals is the normal images of other data.
type normals struct {
	Data
	at []int
}

// newNormals returns the normal images of d alone. It is Tiled if d is.
func newNormals(d Data) Data {
	n := normals{Data: d}
	for i := range d.Len() {
		if d.Normal(i) {
			n.at = append(n.at, i)
		}
	}
	if t, ok := d.(Tiled); ok {
		return tiledNormals{n, t}
	}
	return n
}

func (n normals) Len() int                           { return len(n.at) }
func (n normals) Normal(int) bool                    { return true }
func (n normals) Image(i int) (*anomem.Image, error) { return n.Data.Image(n.at[i]) }

type tiledNormals struct {
	normals
	tiled Tiled
}

func (n tiledNormals) Size(i int) (w, h int)          { return n.tiled.Size(n.at[i]) }
func (n tiledNormals) Mask(int) (*anomem.Mask, error) { return nil, nil }
