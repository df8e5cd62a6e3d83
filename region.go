package anomem

import (
	"errors"
	"fmt"

	"anomem/imageio"
	"anomem/nn/safetensors"
)

// A region of interest marks the part of an image that counts. A model sees the rectangle
// around it, with grey outside the region. Positions of a map whose cell holds no pixel of
// the region have no deviation and no part in a score, and tiles without such a pixel are
// left out.

// Region returns the region of interest that all images have which the model was trained
// on; nil: they have none, or each its own (Input.Regions).
func (m *Model) Region() *imageio.Mask { return m.region }

// SetRegion sets the region of interest of images for which none is given; nil: all of an
// image counts. It is an error if the region marks nothing.
func (m *Model) SetRegion(region *imageio.Mask) error {
	if region != nil && !region.Any() {
		return errors.New("anomem: the region of interest marks nothing")
	}
	m.region = region
	return nil
}

// within returns the part of each image that counts, and the region within it, nil for all
// of it. regions are as for ExplainIn.
func (m *Model) within(imgs []*Image, regions []*imageio.Mask) (parts []*Image, inside []*imageio.Mask) {
	if regions == nil && m.region == nil {
		return imgs, make([]*imageio.Mask, len(imgs))
	}
	for i, img := range imgs {
		of := m.regionOf(i, img, regions)
		if of != nil {
			img, of = img.Within(of)
		}
		parts, inside = append(parts, img), append(inside, of)
	}
	return parts, inside
}

// regionOf returns the region of image i, in its size; nil: all of it.
func (m *Model) regionOf(i int, img *Image, regions []*imageio.Mask) *imageio.Mask {
	of := m.region
	if regions != nil && regions[i] != nil {
		of = regions[i]
	}
	if of != nil && (of.W != img.W || of.H != img.H) {
		of = of.Resize(img.W, img.H)
	}
	if !of.Any() {
		return nil
	}
	return of
}

// RegionsOf returns the regions of the copies that CopiesOf makes of images with these
// regions.
func (s Scoring) RegionsOf(regions []*imageio.Mask) []*imageio.Mask {
	if !s.rotations {
		return regions
	}
	var all []*imageio.Mask
	for _, of := range regions {
		for quarters := range s.Copies() {
			all = append(all, turnedRegion(of, quarters))
		}
	}
	return all
}

// turnedRegion returns a region after quarter turns; nil for nil.
func turnedRegion(of *imageio.Mask, quarters int) *imageio.Mask {
	if of == nil || quarters == 0 {
		return of
	}
	return of.Rotate90(quarters)
}

// onImage returns the heatmap of an image from that of the part that counts. Where the image
// does not count it has the least value of those that do.
func onImage(part *Heatmap, img *Image, of, inside *imageio.Mask) *Heatmap {
	if of == nil {
		return part
	}
	least, first := float32(0), true
	for i, v := range part.Value {
		if inside.Pix[i] && (first || v < least) {
			least, first = v, false
		}
	}
	to := &Heatmap{W: img.W, H: img.H, Value: make([]float32, img.W*img.H)}
	for i := range to.Value {
		to.Value[i] = least
	}
	corner := of.Bounds().Min
	for i, v := range part.Value {
		if inside.Pix[i] {
			to.Value[(corner.Y+i/part.W)*to.W+corner.X+i%part.W] = v
		}
	}
	return to
}

// regionTensor holds a region in a model file: its width and height, and the lengths of its
// runs, pixel after pixel: outside, inside, outside, ...
const regionTensor = "region"

// regionRuns returns a region as the values of its tensor.
func regionRuns(m *imageio.Mask) []float64 {
	runs := []float64{float64(m.W), float64(m.H), 0}
	in := false
	for _, marked := range m.Pix {
		if marked != in {
			in = marked
			runs = append(runs, 0)
		}
		runs[len(runs)-1]++
	}
	return runs
}

// regionOfRuns is the inverse of regionRuns.
func regionOfRuns(runs []float64) (*imageio.Mask, error) {
	const most = imageio.MaxPixels
	pixels := func(v float64) bool { return v >= 0 && v <= most && v == float64(int(v)) }
	if len(runs) < 2 || !pixels(runs[0]) || !pixels(runs[1]) || runs[0]*runs[1] > most {
		return nil, fmt.Errorf("%s: it has no size", regionTensor)
	}
	w, h := int(runs[0]), int(runs[1])
	m, at := imageio.NewMask(w, h), 0
	for k, n := range runs[2:] {
		if !pixels(n) || int(n) > w*h-at {
			return nil, fmt.Errorf("%s: run %d has %v of %d pixels that are left", regionTensor, k, n, w*h-at)
		}
		for range int(n) {
			m.Pix[at] = k%2 == 1
			at++
		}
	}
	if at != w*h {
		return nil, fmt.Errorf("%s: its runs have %d of %d pixels", regionTensor, at, w*h)
	}
	return m, nil
}

// loadRegion reads the region, if the file has one.
func (m *Model) loadRegion(f *safetensors.File) error {
	t, ok := f.Lookup(regionTensor)
	if !ok {
		return nil
	}
	runs := make([]float64, t.Len())
	if err := safetensors.Decode(f, regionTensor, runs); err != nil {
		return err
	}
	region, err := regionOfRuns(runs)
	if err == nil {
		err = m.SetRegion(region)
	}
	if err != nil {
		return fmt.Errorf("anomem: %s: %w", f.Name(), err)
	}
	return nil
}
