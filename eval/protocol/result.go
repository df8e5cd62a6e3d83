package protocol

import (
	"bytes"
	"encoding/json"
	"fmt"

	"anomem/eval"
)

// Result is what a run measured. It holds nothing that differs from one machine to another,
// such as the time that it took.
type Result struct {
	Run       Run     `json:"run"`
	Version   string  `json:"version,omitempty"` // of the program
	Title     string  `json:"title"`             // the detector's name for tables
	Layout    string  `json:"layout"`            // of the data
	Trained   int     `json:"trained"`           // normal images trained on
	Known     int     `json:"known"`             // anomalies trained on
	Normal    int     `json:"normal"`            // images tested on
	Anomalous int     `json:"anomalous"`         // images tested on
	Masks     int     `json:"masks"`             // of these
	Metrics   Metrics `json:"metrics,omitzero"`
	Kinds     []Kind  `json:"kinds,omitempty"` // of anomalies, in the order of their first images
	Scores    []Class `json:"scores,omitempty"`

	Extremes Extremes `json:"extremes,omitzero"`
	Linear   *Linear  `json:"linear,omitempty"` // in place of the metrics of scores

	Details *Details `json:"-"` // stands in a file of its own; nil: there are none, or they were not read
}

// Figure returns what tables show of r first, and its name: AUROC or, of the protocol linear,
// the accuracy. It is a share from 0 to 1.
func (r *Result) Figure() (name string, value float64) {
	if r.Linear != nil {
		return accuracy, r.Linear.Accuracy
	}
	return auroc, r.Metrics.AUROC
}

const auroc, accuracy = "AUROC", "accuracy"

// Metrics are shares, from 0 to 1.
type Metrics struct {
	AUROC             float64    `json:"auroc"`
	AUROCInterval     [2]float64 `json:"auroc_interval"`        // by the bootstrap, at 95 %
	ScaleAUROC        []float64  `json:"scale_auroc,omitempty"` // of the scores at each scale, before they are merged
	Precision         float64    `json:"average_precision"`
	PrecisionInterval [2]float64 `json:"average_precision_interval"`
	FPR95             float64    `json:"false_alarms_at_95"`                    // at a recall of 95 %
	Atypical          *float64   `json:"atypical_false_alarms_at_95,omitempty"` // of ablation: the same of the atypical normal images alone
	F1                float64    `json:"f1"`                                    // by the best threshold
	F1Threshold       *float64   `json:"f1_threshold"`                          // nil: below all scores
	Balanced          float64    `json:"balanced_accuracy"`                     // by the best threshold
	PixelAUROC        *float64   `json:"pixel_auroc,omitempty"`
	PRO               *float64   `json:"pro,omitempty"` // up to 30 % of the normal pixels
}

// Kind is how well the anomalies of a class are told from all normal images.
type Kind struct {
	Name   string  `json:"name"`
	Images int     `json:"images"`
	AUROC  float64 `json:"auroc"`
}

// Class is the scores of the images of a class, in the order of the data.
type Class struct {
	Name      string    `json:"name"`
	Anomalous bool      `json:"anomalous"`
	Scores    []float64 `json:"scores"`
}

// Marshal returns r as JSON, in a line.
func (r *Result) Marshal() ([]byte, error) {
	text, err := json.Marshal(r)
	return append(text, '\n'), err
}

// ParseResult is the inverse of Marshal.
func ParseResult(text []byte) (*Result, error) {
	in := json.NewDecoder(bytes.NewReader(text))
	in.DisallowUnknownFields()
	r := new(Result)
	if err := in.Decode(r); err != nil {
		return nil, fmt.Errorf("not a result: %w", err)
	}
	return r, r.Run.check()
}

// draws is how often the bootstrap draws.
const draws = 500

// measure sets the metrics of scores, and those of each class of anomalies.
func (r *Result) measure() error {
	scores, anomalous := r.all()
	m := &r.Metrics
	var err error
	if m.AUROC, err = eval.AUROC(scores, anomalous); err != nil {
		return err
	}
	if m.Precision, err = eval.AveragePrecision(scores, anomalous); err != nil {
		return err
	}
	for _, of := range []struct {
		to     *[2]float64
		metric eval.Metric
	}{{&m.AUROCInterval, eval.AUROC}, {&m.PrecisionInterval, eval.AveragePrecision}} {
		if of.to[0], of.to[1], err = eval.Bootstrap(0.95, draws, r.Run.Seed, of.metric, scores, anomalous); err != nil {
			return err
		}
	}
	at, err := eval.FalseAlarmsAt(0.95, scores, anomalous)
	if err != nil {
		return err
	}
	m.FPR95 = at.FalseAlarms
	threshold, f1, err := eval.BestF1(scores, anomalous)
	if err != nil {
		return err
	}
	if m.F1 = f1; threshold-threshold == 0 { // JSON has no infinity
		m.F1Threshold = &threshold
	}
	if _, m.Balanced, err = eval.BestThreshold(scores, anomalous); err != nil {
		return err
	}
	return r.measureKinds()
}

// measureKinds sets the AUROC of each class of anomalies.
func (r *Result) measureKinds() error {
	r.Kinds = nil
	for _, kind := range r.Scores {
		if !kind.Anomalous {
			continue
		}
		scores, anomalous := []float64(nil), []bool(nil)
		for _, c := range r.Scores {
			if c.Anomalous && c.Name != kind.Name {
				continue
			}
			for _, s := range c.Scores {
				scores, anomalous = append(scores, s), append(anomalous, c.Anomalous)
			}
		}
		a, err := eval.AUROC(scores, anomalous)
		if err != nil {
			return err
		}
		r.Kinds = append(r.Kinds, Kind{kind.Name, len(kind.Scores), a})
	}
	return nil
}
