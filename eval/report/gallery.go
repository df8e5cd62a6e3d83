package report

import (
	"cmp"
	"fmt"
	"html/template"
	"math"
	"slices"

	"anomem/imageio"
)

// Example is a picture in the gallery.
type Example struct {
	Name   string
	Image  *imageio.Image
	Heat   *imageio.Map  // at any resolution
	Mask   *imageio.Mask // as large as the picture, or nil
	Score  float64
	PValue float64 // NaN: not known
	Label  string  // what it is known to be, such as a kind of defect; "" for not known
	// Whether Label is an anomaly, and whether the picture was flagged.
	Anomalous, Flagged bool
}

// side is the largest width or height of a picture in the gallery, in pixels.
const side = 256

// colours returns the values of the first and the last colour.
func (r *Report) colours() (lo, hi float32) {
	lo, hi = r.Lo, r.Hi
	if lo == 0 && hi == 0 {
		lo, hi = float32(math.Inf(1)), float32(math.Inf(-1))
		for _, e := range r.Gallery {
			if e.Heat == nil {
				continue // card tells
			}
			for _, v := range e.Heat.Value {
				if finite(float64(v)) {
					lo, hi = min(lo, v), max(hi, v)
				}
			}
		}
	}
	if !(lo < hi) {
		return 0, 1
	}
	return lo, hi
}

// sorted returns the gallery from the highest score.
func (r *Report) sorted() []Example {
	order := slices.Clone(r.Gallery)
	slices.SortStableFunc(order, func(a, b Example) int { return cmp.Compare(b.Score, a.Score) })
	return order
}

// check returns an error unless picture, heatmap and mask have values for their sizes.
func (e *Example) check() error {
	if img := e.Image; img == nil || img.W < 1 || img.H < 1 || len(img.Pix) != 3*img.W*img.H {
		return fmt.Errorf("report: %s: an image without pixels", e.Name)
	}
	if e.Heat == nil {
		return fmt.Errorf("report: %s: no heatmap", e.Name)
	}
	if h := e.Heat; h.W < 1 || h.H < 1 || len(h.Value) != h.W*h.H {
		return fmt.Errorf("report: %s: %d values in a heatmap of %d×%d", e.Name, len(h.Value), h.W, h.H)
	}
	if m := e.Mask; m != nil && !sized(m, e.Image.W, e.Image.H) {
		return fmt.Errorf("report: %s: a mask of %d×%d, %d values, for %d×%d pixels", e.Name, m.W, m.H, len(m.Pix), e.Image.W, e.Image.H)
	}
	return nil
}

// card is an example as the page shows it.
type card struct {
	Name, Score, PValue, Label string
	Class, Verdict             string
	Picture                    template.URL
}

// card draws an example with heatmap colours from lo to hi.
func (e *Example) card(lo, hi float32) (card, error) {
	if err := e.check(); err != nil {
		return card{}, err
	}
	img, mask := e.Image.Shrink(side), e.Mask
	if mask != nil {
		mask = mask.Shrink(img.W, img.H)
	}
	img, mask = enlarged(img, mask)
	picture, err := dataURI(beside(img.ToImage(), outlined(img, e.Heat, lo, hi, mask)))
	if err != nil {
		return card{}, fmt.Errorf("report: %s: %w", e.Name, err)
	}
	c := card{Name: e.Name, Score: number(e.Score), Label: e.Label, Picture: picture}
	if !math.IsNaN(e.PValue) {
		c.PValue = number(e.PValue)
	}
	c.Class, c.Verdict = e.verdict()
	return c, nil
}

// verdict returns what the page says of the flag, and the class of its style.
func (e *Example) verdict() (class, verdict string) {
	switch {
	case e.Label == "" && e.Flagged:
		return "flagged", "flagged"
	case e.Label == "":
		return "right", "passed"
	case e.Anomalous && e.Flagged:
		return "right", "found"
	case e.Anomalous:
		return "wrong", "missed"
	case e.Flagged:
		return "wrong", "false alarm"
	}
	return "right", "passed"
}
