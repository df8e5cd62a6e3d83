package train

import (
	"fmt"
	"image"
	"slices"

	"anomem/imageio"

	"anomem"
)

// A unit is what an epoch passes over: an image, or a tile of one.
type unit struct {
	image  int
	rect   image.Rectangle // of the tile; empty: the whole image
	normal bool
	// bag is, for a tile of an anomalous image of which nobody knows where the anomaly
	// is, the image's number, counted from 1; else 0.
	bag int
}

// Tiled is Data whose images are large enough to be cut into tiles: it knows their sizes
// without decoding, and where anomalies are.
type Tiled interface {
	Data
	// Size returns the size of image i in pixels.
	Size(i int) (w, h int)
	// Mask returns where image i is anomalous; nil: nobody knows.
	Mask(i int) (*imageio.Mask, error)
}

// unitsOf lists the units of d. A tile is anomalous if it touches its image's mask. Of
// an anomalous image without a mask nobody knows which tiles are: they are a bag, which
// is listed only where bags is set.
func unitsOf(in anomem.Input, d Data, bags bool) ([]unit, error) {
	var all []unit
	if in.Tile == 0 {
		for i := range d.Len() {
			all = append(all, unit{image: i, normal: d.Normal(i)})
		}
		return all, nil
	}
	t, ok := d.(Tiled)
	if !ok {
		return nil, fmt.Errorf("train: tiles of data whose images' sizes are not known")
	}
	for i := range d.Len() {
		w, h := t.Size(i)
		var mask *imageio.Mask
		if !d.Normal(i) {
			var err error
			if mask, err = t.Mask(i); err != nil {
				return nil, err
			}
		}
		// A mask that marks nothing does not tell either.
		unknown := !d.Normal(i) && (mask == nil || !slices.Contains(mask.Pix, true))
		if unknown && !bags {
			continue
		}
		for _, r := range imageio.Tiles(w, h, in.Tile, in.Stride) {
			u := unit{image: i, rect: r, normal: d.Normal(i)}
			if unknown {
				u.bag = i + 1
			} else if mask != nil {
				u.normal = !touches(mask, r)
			}
			all = append(all, u)
		}
	}
	return all, nil
}

// touches reports that m marks a pixel within r.
func touches(m *imageio.Mask, r image.Rectangle) bool {
	r = r.Intersect(image.Rect(0, 0, m.W, m.H))
	for y := r.Min.Y; y < r.Max.Y; y++ {
		for _, v := range m.Pix[y*m.W+r.Min.X : y*m.W+r.Max.X] {
			if v {
				return true
			}
		}
	}
	return false
}
