package serve

import "net/http"

// modelsAnswer is what GET /v1/models answers.
type modelsAnswer struct {
	Models []modelAnswer `json:"models"`
}

// modelAnswer says which version of a model answers, and what it calls anomalous.
type modelAnswer struct {
	Name       string   `json:"name"`
	Version    string   `json:"version"`
	Threshold  *float64 `json:"threshold"`   // scores above it are anomalous; null: none are
	FalseAlarm *float64 `json:"false_alarm"` // the rate that is promised; null: none is
	Confidence float64  `json:"confidence"`  // with which it is; 0: in the mean
}

// listModels answers GET /v1/models.
func (s *Server) listModels(w http.ResponseWriter, r *http.Request) error {
	a := modelsAnswer{Models: []modelAnswer{}}
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
		a.Models = append(a.Models, m)
	}
	return s.sendJSON(w, a)
}
