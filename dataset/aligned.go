package dataset

import (
	"sync"

	"anomem/align"
	"anomem/imageio"
)

// Aligned is the images of another source, each cut to the rectangle in which its part lies
// as in the template (package align). Masks are cut likewise. The images may have no regions of
// interest.
type Aligned struct {
	of       Source
	template *align.Template
	keep     int64 // bytes of images that may still be kept

	mu   sync.Mutex
	cuts []*align.Cut     // of each image, once it is known
	kept []*imageio.Image // of each image, if it is kept
}

// Align returns the images of s as the template aligns them, of which it keeps up to so many
// bytes.
func Align(s Source, t *align.Template, keep int64) *Aligned {
	return &Aligned{of: s, template: t, keep: keep, cuts: make([]*align.Cut, s.Len()), kept: make([]*imageio.Image, s.Len())}
}

// Template returns the template by which images are aligned.
func (a *Aligned) Template() *align.Template { return a.template }

// Len implements Source.
func (a *Aligned) Len() int { return a.of.Len() }

// Normal implements Source.
func (a *Aligned) Normal(i int) bool { return a.of.Normal(i) }

// Size implements Source.
func (a *Aligned) Size(i int) (w, h int) { return a.template.Size(a.of.Size(i)) }

// Range returns the range of the images that are aligned, as RangeOf does.
func (a *Aligned) Range() imageio.Range {
	r, _ := RangeOf(a.of)
	return r
}

// Region implements Source.
func (a *Aligned) Region(int) (*imageio.Mask, error) { return nil, nil }

// Image implements Source.
func (a *Aligned) Image(i int) (*imageio.Image, error) {
	a.mu.Lock()
	img := a.kept[i]
	a.mu.Unlock()
	if img != nil {
		return img, nil
	}
	whole, err := a.of.Image(i)
	if err != nil {
		return nil, err
	}
	img = a.cut(i, whole).Image(whole)
	a.mu.Lock()
	defer a.mu.Unlock()
	if size := int64(len(img.Pix)); a.kept[i] == nil && size <= a.keep {
		a.kept[i], a.keep = img, a.keep-size
	}
	return img, nil
}

// Mask implements Source.
func (a *Aligned) Mask(i int) (*imageio.Mask, error) {
	m, err := a.of.Mask(i)
	if m == nil || err != nil {
		return nil, err
	}
	img, err := a.of.Image(i)
	if err != nil {
		return nil, err
	}
	return a.cut(i, img).Mask(m), nil
}

// cut returns the cut of image i.
func (a *Aligned) cut(i int, img *imageio.Image) align.Cut {
	a.mu.Lock()
	known := a.cuts[i]
	a.mu.Unlock()
	if known != nil {
		return *known
	}
	c := a.template.Cut(img)
	a.mu.Lock()
	defer a.mu.Unlock()
	a.cuts[i] = &c
	return c
}
