package dataset

import "anomem/imageio"

// Source is a list of labelled images, which training, baselines and evaluation read. Any
// number of goroutines may use one.
type Source interface {
	// Len returns the number of images.
	Len() int
	// Normal reports whether image i is normal: y = 1.
	Normal(i int) bool
	// Size returns the width and height of image i in pixels, without decoding it.
	Size(i int) (w, h int)
	// Image returns image i. The caller must not change it.
	Image(i int) (*imageio.Image, error)
	// Mask marks where image i is anomalous; nil: nowhere, or unknown.
	Mask(i int) (*imageio.Mask, error)
	// Region marks what counts of image i, whose pixels are grey elsewhere; nil: all of it.
	Region(i int) (*imageio.Mask, error)
}

// Sample is an image in memory with its label and mask.
type Sample struct {
	Image  *imageio.Image
	Normal bool
	Mask   *imageio.Mask // nil: anomalous nowhere, or unknown
	Region *imageio.Mask // as Source.Region
}

// Samples is a Source of images in memory.
type Samples []Sample

// Len implements Source.
func (s Samples) Len() int { return len(s) }

// Normal implements Source.
func (s Samples) Normal(i int) bool { return s[i].Normal }

// Size implements Source.
func (s Samples) Size(i int) (w, h int) { return s[i].Image.W, s[i].Image.H }

// Image implements Source.
func (s Samples) Image(i int) (*imageio.Image, error) { return s[i].Image, nil }

// Mask implements Source.
func (s Samples) Mask(i int) (*imageio.Mask, error) { return s[i].Mask, nil }

// Region implements Source.
func (s Samples) Region(i int) (*imageio.Mask, error) { return s[i].Region, nil }

// Anomalies returns the number of anomalous images of s.
func Anomalies(s Source) int {
	n := 0
	for i := range s.Len() {
		if !s.Normal(i) {
			n++
		}
	}
	return n
}

// Sides returns the longest and the shortest side among all images of s, in pixels.
func Sides(s Source) (longest, shortest int) {
	for i := range s.Len() {
		w, h := s.Size(i)
		longest = max(longest, w, h)
		if least := min(w, h); i == 0 || least < shortest {
			shortest = least
		}
	}
	return longest, shortest
}

// RangeOf returns the range by which the images of s were decoded, and whether s knows it,
// as Images do.
func RangeOf(s Source) (r imageio.Range, ok bool) {
	if s, ok := s.(interface{ Range() imageio.Range }); ok {
		return s.Range(), true
	}
	return imageio.Range{}, false
}

// AllAnomalous returns s with every image labelled anomalous.
func AllAnomalous(s Source) Source { return allAnomalous{s} }

type allAnomalous struct{ Source }

func (allAnomalous) Normal(int) bool { return false }
