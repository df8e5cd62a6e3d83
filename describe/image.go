package describe

import (
	"fmt"
	"math"

	"anomem"
)

// Image is what a model says of an image.
type Image struct {
	Path      string    `json:"path"`
	Score     float64   `json:"score"`
	Scales    []float64 `json:"scales"`
	PValue    *float64  `json:"p_value"` // null: the model is not calibrated
	Anomalous bool      `json:"anomalous"`
}

// Scored returns the description of an image's result.
func Scored(path string, r anomem.Result) Image {
	d := Image{Path: path, Score: r.Score, Scales: r.Scales, Anomalous: r.Anomalous}
	if !math.IsNaN(r.PValue) {
		d.PValue = &r.PValue
	}
	return d
}

// String returns a line: verdict, score, p-value and path.
func (d Image) String() string {
	verdict, pvalue := "-", "-"
	if d.PValue != nil {
		verdict, pvalue = "normal", fmt.Sprintf("%.4f", *d.PValue)
	}
	if d.Anomalous {
		verdict = "anomalous"
	}
	return fmt.Sprintf("%-10s  %10.5f  %8s  %s", verdict, d.Score, pvalue, d.Path)
}
