package describe

import "anomem/imageio"

// Heatmap says where an image deviates.
type Heatmap struct {
	Width     int       `json:"width"`
	Height    int       `json:"height"`
	Floor     *float32  `json:"floor"`     // what places of normal images usually have; null: not known
	Threshold *float32  `json:"threshold"` // above which a place is anomalous; null: not known
	Values    []float32 `json:"values"`    // rows from the top
}

// HeatmapOf describes a heatmap.
func HeatmapOf(m *imageio.Map, c *Colours) *Heatmap {
	h := &Heatmap{Width: m.W, Height: m.H, Values: m.Value}
	if c.Known {
		h.Floor, h.Threshold = &c.Lo, &c.Threshold
	}
	return h
}
