package describe

import (
	"encoding/json"
	"fmt"
	"io"
	"math"
	"strconv"
	"strings"
	"unicode"

	"anomem"
)

// Image is what a model says of an image.
type Image struct {
	Path      string    `json:"path"`
	Score     float64   `json:"score"`
	Scales    []float64 `json:"scales"`
	PValue    *float64  `json:"p_value"` // null: the model is not calibrated
	Anomalous bool      `json:"anomalous"`
	Regions   []Region  `json:"regions,omitzero"`            // that deviate; nil: they are not asked for
	Heatmap   *Heatmap  `json:"heatmap,omitempty"`           // nil: it is not asked for
	ByHand    *float64  `json:"threshold_by_hand,omitempty"` // that the verdict follows; nil: it follows the model's
}

// Scored returns the description of an image's result.
func Scored(path string, r anomem.Result) Image {
	d := Image{Path: path, Score: r.Score, Scales: r.Scales, Anomalous: r.Anomalous}
	if !math.IsNaN(r.PValue) {
		d.PValue = &r.PValue
	}
	return d
}

// WriteJSON writes the image as one JSON object and the end of the line.
func (d Image) WriteJSON(w io.Writer) error { return json.NewEncoder(w).Encode(d) }

// String returns a line: verdict, score, p-value and path. A path with control characters,
// which would break the line or command a terminal, is quoted as in Go.
func (d Image) String() string {
	path := d.Path
	if strings.ContainsFunc(path, unicode.IsControl) {
		path = strconv.Quote(path)
	}
	return d.Facts() + "  " + path
}

// Facts returns verdict, score and p-value in columns, and the threshold if it was set by
// hand.
func (d Image) Facts() string {
	verdict, pvalue, by := "-", "-", ""
	if d.PValue != nil {
		verdict, pvalue = "normal", fmt.Sprintf("%.4f", *d.PValue)
	}
	if d.ByHand != nil {
		verdict, by = "normal", fmt.Sprintf("  (threshold %g by hand)", *d.ByHand)
	}
	if d.Anomalous {
		verdict = "anomalous"
	}
	return fmt.Sprintf("%-10s  %10.5f  %8s%s", verdict, d.Score, pvalue, by)
}

// Judge makes the verdict follow a threshold set by hand in place of the model's. The p-value
// stays the model's.
func (d *Image) Judge(threshold float64) {
	d.ByHand, d.Anomalous = &threshold, !(d.Score <= threshold)
}
