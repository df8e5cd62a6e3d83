// Package describe says what a model is and what it says of an image, for people and for
// programs. Its JSON is what the command prints.
package describe

import (
	"encoding/json"
	"fmt"

	"anomem"
	"anomem/train"
)

// Model describes a model.
type Model struct {
	Config     anomem.Config     `json:"config"`
	Provenance anomem.Provenance `json:"provenance"`
	Alpha      float64           `json:"false_alarm"`         // 0: no threshold, or one set by hand
	Confidence float64           `json:"confidence,omitzero"` // that the model keeps that rate; 0: it holds in the mean over calibrations
	Threshold  *float64          `json:"threshold,omitempty"` // of the score
	Held       int               `json:"calibrated_by"`       // images
	Region     *ROI              `json:"region,omitempty"`    // that all images have
	Aligned    *Aligned          `json:"aligned,omitempty"`   // images are cut as their part lies
	Departures []string          `json:"departures"`          // from the paper's section 4.2
	Files      *Files            `json:"files,omitempty"`
}

// Of describes m.
func Of(m *anomem.Model) Model {
	d := Model{Config: m.Config(), Provenance: m.Provenance(), Region: ROIOf(m.Region()), Departures: Departures(m)}
	if t := m.Template(); t != nil {
		d.Aligned = &Aligned{t.Frame.Width / 2, t.Frame.Height / 2}
	}
	if c := m.Calibration(); c != nil {
		d.Held = len(c.Scores)
		if m.Judges() {
			t, alpha := m.Threshold()
			d.Threshold, d.Alpha, d.Confidence = &t, alpha, m.Promise().Confidence
		}
	}
	return d
}

// Training returns the options that m was trained by, if its file has them.
func Training(m *anomem.Model) (o train.Options, ok bool) {
	return o, json.Unmarshal(m.Provenance().Train, &o) == nil
}

// Verdict says in a phrase which score m gives and from where on it is anomalous.
func Verdict(m *anomem.Model) string {
	s := fmt.Sprintf("score %s", m.Config().Score.Kind)
	t, alpha := m.Threshold()
	switch {
	case alpha > 0:
		return s + fmt.Sprintf(", anomalous above %.4g (false alarms %v, by %s)", t, m.Promise(), heldOut(len(m.Calibration().Scores)))
	case m.Judges():
		return s + fmt.Sprintf(", anomalous above %.4g, set by hand", t)
	}
	return s + ", no threshold"
}

// heldOut returns "1 held-out image", "19 held-out images".
func heldOut(n int) string {
	if n == 1 {
		return "1 held-out image"
	}
	return fmt.Sprintf("%d held-out images", n)
}
