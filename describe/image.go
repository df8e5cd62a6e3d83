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
	Regions   []Region  `json:"regions,omitzero"` // that deviate; nil: they are not asked for
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
	pvalue := math.NaN()
	if d.PValue != nil {
		pvalue = *d.PValue
	}
	return ScoreLine(d.Anomalous, d.Score, pvalue) + "  " + d.Path
}

// ScoreLine returns verdict, score and p-value in columns. A p-value that is NaN is not known.
func ScoreLine(anomalous bool, score, pvalue float64) string {
	verdict, shown := "-", "-"
	if !math.IsNaN(pvalue) {
		verdict, shown = "normal", fmt.Sprintf("%.4f", pvalue)
	}
	if anomalous {
		verdict = "anomalous"
	}
	return fmt.Sprintf("%-10s  %10.5f  %8s", verdict, score, shown)
}
