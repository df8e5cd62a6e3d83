package anomem

import (
	"fmt"
	"math"
	"slices"

	"anomem/imageio"
)

// HeatScale says what values of heatmaps mean, by the heatmaps of held-out normal images. It
// gives all heatmaps of a model one scale, on which normal images look normal.
type HeatScale struct {
	Floor float64   // the median over images of a heatmap's median
	Peaks []float64 // the largest value of each image's heatmap, finite, ascending
}

// HeatMeter gathers a HeatScale from heatmaps, of which it keeps two numbers each.
type HeatMeter struct{ medians, peaks []float64 }

// Add takes the heatmap of a held-out normal image.
func (m *HeatMeter) Add(h *Heatmap) { m.AddIn(h, nil) }

// AddIn is Add for an image of which a region counts, a mask of the heatmap's size; nil: all
// of it.
func (m *HeatMeter) AddIn(h *Heatmap, region *imageio.Mask) {
	_, peak := h.Range()
	m.peaks = append(m.peaks, float64(peak))
	if region != nil {
		in := &Heatmap{H: 1}
		for i, marked := range region.Pix {
			if marked {
				in.Value = append(in.Value, h.Value[i])
			}
		}
		in.W = len(in.Value)
		h = in
	}
	m.medians = append(m.medians, median(h))
}

// Scale returns the scale of the heatmaps added so far. It is an error if there are none, or
// one that is not finite.
func (m *HeatMeter) Scale() (*HeatScale, error) {
	s := &HeatScale{Peaks: slices.Clone(m.peaks)}
	slices.Sort(s.Peaks)
	if n := len(m.medians); n > 0 {
		medians := slices.Clone(m.medians)
		slices.Sort(medians)
		s.Floor = medians[n/2]
	}
	return s, s.check()
}

// median returns the median of a map's values, of a large map that of every few.
func median(h *Heatmap) float64 {
	const most = 1 << 16
	step := max(1, len(h.Value)/most)
	var some []float32
	for i := 0; i < len(h.Value); i += step {
		some = append(some, h.Value[i])
	}
	slices.Sort(some)
	return float64(some[len(some)/2])
}

func (s *HeatScale) check() error {
	if len(s.Peaks) == 0 {
		return fmt.Errorf("anomem: a scale of heatmaps without a held-out normal image")
	}
	if !finite(s.Floor) || !finite(s.Peaks...) || !slices.IsSorted(s.Peaks) {
		return fmt.Errorf("anomem: a scale of heatmaps from %g, with peaks %v", s.Floor, s.Peaks)
	}
	return nil
}

// Threshold returns the value above which a place is anomalous, such that no more normal
// images than p says have any such place (split conformal, over the largest values of the
// held-out heatmaps). Where these are too few to promise p it is their largest.
func (s *HeatScale) Threshold(p Promise) float64 {
	c := Calibration{Scores: s.Peaks}
	if t, err := c.Threshold(p); err == nil {
		return t
	}
	return s.Peaks[len(s.Peaks)-1]
}

// Colours returns the values that the first and the last colour of pictures stand for: the
// floor, and as far above the threshold of p as that is above the floor, so that the
// middle of the colours is where anomalies begin.
func (s *HeatScale) Colours(p Promise) (lo, hi float32) {
	t := s.Threshold(p)
	lo, hi = float32(s.Floor), float32(2*t-s.Floor)
	if !(lo < hi) {
		hi = math.Nextafter32(lo, float32(math.Inf(1)))
	}
	return lo, hi
}

// HeatScale returns what values of the model's heatmaps mean; nil where nothing is known.
func (m *Model) HeatScale() *HeatScale { return m.heat }

// SetHeatScale tells the model what values of its heatmaps mean; nil forgets it.
func (m *Model) SetHeatScale(s *HeatScale) error {
	if s != nil {
		if err := s.check(); err != nil {
			return err
		}
	}
	m.heat = s
	return nil
}
