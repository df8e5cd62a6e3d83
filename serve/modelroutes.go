package serve

import (
	"math"
	"net/http"
	"sort"
	"strconv"

	"anomem"
)

// modelsAnswer is what GET /v1/models answers.
type modelsAnswer struct {
	Models []modelAnswer `json:"models"`
	Labels bool          `json:"labels"` // marks are kept
	Refit  bool          `json:"refit"`  // models may be refitted by them
}

// modelAnswer says which version of a model answers, and what it calls anomalous.
type modelAnswer struct {
	Name       string   `json:"name"`
	Version    string   `json:"version"`
	Threshold  *float64 `json:"threshold"`   // scores above it are anomalous; null: none are
	FalseAlarm *float64 `json:"false_alarm"` // the rate that is promised; null: none is
	Confidence float64  `json:"confidence"`  // with which it is; 0: in the mean
	Held       *held    `json:"held"`        // null: the model is not calibrated
}

// held describes the scores of the held-out normal images that calibrated a model.
type held struct {
	Images int     `json:"images"`
	Least  float64 `json:"least"`
	Most   float64 `json:"most"`
}

// listModels answers GET /v1/models.
func (s *Server) listModels(w http.ResponseWriter, r *http.Request) error {
	a := modelsAnswer{Models: []modelAnswer{}, Labels: s.labels != nil, Refit: s.refits != nil}
	for _, o := range *s.models.Load() {
		v := o.current.Load()
		m := modelAnswer{Name: o.name, Version: v.id, Confidence: v.m.Promise().Confidence}
		threshold, alpha := v.m.Threshold()
		if v.m.Judges() {
			m.Threshold = &threshold
		}
		if alpha > 0 {
			m.FalseAlarm = &alpha
		}
		if c := v.m.Calibration(); c != nil {
			m.Held = &held{len(c.Scores), c.Scores[0], c.Scores[len(c.Scores)-1]}
		}
		a.Models = append(a.Models, m)
	}
	return s.sendJSON(w, a)
}

// promiseAnswer is what a threshold promises.
type promiseAnswer struct {
	Version    string   `json:"version"`
	Threshold  float64  `json:"threshold"`
	Held       int      `json:"held"`        // normal images that calibrated the model
	Above      int      `json:"above"`       // of these, how many score above the threshold
	FalseAlarm *float64 `json:"false_alarm"` // the rate that is promised; null: none can be
	Confidence float64  `json:"confidence"`  // the model's; 0: the rate holds in the mean
}

// promise answers GET /v1/models/{model}/promise: what a threshold promises.
func (s *Server) promise(w http.ResponseWriter, r *http.Request) error {
	q, err := query(r.URL.RawQuery, "threshold")
	if err != nil {
		return err
	}
	t, err := strconv.ParseFloat(q["threshold"], 64)
	if err != nil || math.IsNaN(t) || math.IsInf(t, 0) {
		return refuse(http.StatusBadRequest, "threshold=%.100q: want a finite number", q["threshold"])
	}
	_, v, err := s.model(r.PathValue("model"))
	if err != nil {
		return err
	}
	c := v.m.Calibration()
	if c == nil {
		return refuse(http.StatusConflict, "the model is not calibrated, and promises nothing")
	}
	n := len(c.Scores)
	above := n - sort.Search(n, func(i int) bool { return c.Scores[i] > t })
	a := promiseAnswer{Version: v.id, Threshold: t, Held: n, Above: above, Confidence: v.m.Promise().Confidence}
	if rate := (anomem.Promise{Confidence: a.Confidence}).Above(above, n); rate < 1 {
		a.FalseAlarm = &rate
	}
	return s.sendJSON(w, a)
}
