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
	Alpha      float64           `json:"false_alarm"`         // 0: no threshold
	Threshold  *float64          `json:"threshold,omitempty"` // of the score
	Held       int               `json:"calibrated_by"`       // images
	Region     *ROI              `json:"region,omitempty"`    // that all images have
	Departures []string          `json:"departures"`          // from the paper's section 4.2
}

// Of describes m.
func Of(m *anomem.Model) Model {
	d := Model{Config: m.Config(), Provenance: m.Provenance(), Region: ROIOf(m.Region()), Departures: Departures(m)}
	if c := m.Calibration(); c != nil {
		d.Held = len(c.Scores)
		if t, alpha := m.Threshold(); alpha > 0 {
			d.Threshold, d.Alpha = &t, alpha
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
	if t, alpha := m.Threshold(); alpha > 0 {
		return s + fmt.Sprintf(", anomalous above %.4g (false alarms %g, by %d held-out images)", t, alpha, len(m.Calibration().Scores))
	}
	return s + ", no threshold"
}
