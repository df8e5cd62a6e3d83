package eval

import "anomem/imageio"

// Collector gathers the scores and heatmaps that one detector gives labelled images. Its
// zero value is empty and ready.
type Collector struct {
	scores    []float64
	anomalous []bool
	pixels    *PixelAUROC // nil: no map yet
	masks     int
}

// Totals says how well a detector's scores, and its maps if there are any, separate
// anomalies.
type Totals struct {
	Images           int      `json:"images"`
	AUROC            float64  `json:"auroc"`
	AveragePrecision float64  `json:"average_precision"`
	PixelAUROC       *float64 `json:"pixel_auroc,omitempty"` // nil: there are no maps
	Masks            int      `json:"masks,omitempty"`       // of anomalies
}

// Add adds the score of an image.
func (c *Collector) Add(score float64, anomalous bool) {
	c.scores, c.anomalous = append(c.scores, score), append(c.anomalous, anomalous)
}

// AddMap adds the heatmap of an image and its mask, nil for a normal image, as
// [PixelAUROC.Add] does. An anomaly whose mask is not known must be left out.
func (c *Collector) AddMap(m *imageio.Map, mask *imageio.Mask) error {
	if c.pixels == nil {
		c.pixels = new(PixelAUROC)
	}
	if mask != nil {
		c.masks++
	}
	return c.pixels.Add(m, mask)
}

// Totals returns the metrics over all images. Its errors are those of [AUROC] and of
// [PixelAUROC.AUROC].
func (c *Collector) Totals() (Totals, error) {
	t := Totals{Images: len(c.scores), Masks: c.masks}
	var err error
	if t.AUROC, err = AUROC(c.scores, c.anomalous); err != nil {
		return Totals{}, err
	}
	if t.AveragePrecision, err = AveragePrecision(c.scores, c.anomalous); err != nil {
		return Totals{}, err
	}
	if c.pixels != nil {
		v, _, err := c.pixels.AUROC()
		if err != nil {
			return Totals{}, err
		}
		t.PixelAUROC = &v
	}
	return t, nil
}

// ByKind returns the AUROC of the anomalies of each of the given kinds against all normal
// images. kind tells the kind of image i, counted from 0 in the order of Add. Its errors
// are AUROC's.
func (c *Collector) ByKind(kind func(i int) string, kinds ...string) ([]float64, error) {
	areas := make([]float64, len(kinds))
	for k, name := range kinds {
		var scores []float64
		var anomalous []bool
		for i, s := range c.scores {
			if !c.anomalous[i] || kind(i) == name {
				scores, anomalous = append(scores, s), append(anomalous, c.anomalous[i])
			}
		}
		var err error
		if areas[k], err = AUROC(scores, anomalous); err != nil {
			return nil, err
		}
	}
	return areas, nil
}
