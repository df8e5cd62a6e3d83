package serve

import (
	"encoding/json"
	"net/http"
	"runtime/debug"
)

// The names of tensors.
const (
	imageTensor     = "image"
	scoreTensor     = "score"
	scalesTensor    = "scales"
	pValueTensor    = "p_value"
	anomalousTensor = "anomalous"
	heatmapTensor   = "heatmap"
)

// The types of tensors, by the names of the Open Inference Protocol.
const (
	typeBytes = "BYTES"
	typeUint8 = "UINT8"
	typeBool  = "BOOL"
	typeFP32  = "FP32"
	typeFP64  = "FP64"
)

// tensorMetadata describes a tensor; a side of -1 may have any length.
type tensorMetadata struct {
	Name     string `json:"name"`
	Datatype string `json:"datatype"`
	Shape    []int  `json:"shape"`
}

// sendJSON sends an object.
func (s *Server) sendJSON(w http.ResponseWriter, object any) error {
	text, err := json.Marshal(object)
	if err != nil {
		return err
	}
	return s.send(w, http.StatusOK, "application/json", append(text, '\n'))
}

// live answers GET /v2/health/live: whoever answers lives.
func (s *Server) live(w http.ResponseWriter, r *http.Request) error {
	return s.sendJSON(w, map[string]bool{"live": true})
}

// isReady answers GET /v2/health/ready.
func (s *Server) isReady(w http.ResponseWriter, r *http.Request) error {
	if !s.ready() {
		return &refusal{http.StatusServiceUnavailable, "the server ends, or has no model yet", 1}
	}
	return s.sendJSON(w, map[string]bool{"ready": true})
}

// serverMetadata answers GET /v2.
func (s *Server) serverMetadata(w http.ResponseWriter, r *http.Request) error {
	version := "(devel)"
	if info, ok := debug.ReadBuildInfo(); ok && info.Main.Version != "" {
		version = info.Main.Version
	}
	return s.sendJSON(w, struct {
		Name       string   `json:"name"`
		Version    string   `json:"version"`
		Extensions []string `json:"extensions"`
		Models     []string `json:"models"`
	}{"anomem", version, []string{"binary_tensor_data"}, s.Models()})
}

// Models returns the names of the models, that of the one that answers where none is named
// first.
func (s *Server) Models() []string {
	names := []string{}
	for _, o := range *s.models.Load() {
		names = append(names, o.name)
	}
	return names
}

// named returns the model and the version that a path names.
func (s *Server) named(r *http.Request) (*model, *version, error) {
	return s.modelVersion(r.PathValue("model"), r.PathValue("version"))
}

// modelReady answers GET /v2/models/NAME/ready.
func (s *Server) modelReady(w http.ResponseWriter, r *http.Request) error {
	o, _, err := s.named(r)
	if err != nil {
		return err
	}
	return s.sendJSON(w, map[string]any{"name": o.name, "ready": true})
}

// modelMetadata answers GET /v2/models/NAME.
func (s *Server) modelMetadata(w http.ResponseWriter, r *http.Request) error {
	o, v, err := s.named(r)
	if err != nil {
		return err
	}
	return s.sendJSON(w, struct {
		Name     string           `json:"name"`
		Versions []string         `json:"versions"`
		Platform string           `json:"platform"`
		Inputs   []tensorMetadata `json:"inputs"`
		Outputs  []tensorMetadata `json:"outputs"`
	}{o.name, []string{v.id}, "anomem", []tensorMetadata{{imageTensor, typeBytes, []int{-1}}}, v.outputs()})
}

// outputs describes the tensors that v can answer.
func (v *version) outputs() []tensorMetadata {
	all := []tensorMetadata{{scoreTensor, typeFP64, []int{-1}}, {scalesTensor, typeFP64, []int{-1, v.scales}}}
	if v.m.Calibration() != nil {
		all = append(all, tensorMetadata{pValueTensor, typeFP64, []int{-1}})
	}
	return append(all, tensorMetadata{anomalousTensor, typeBool, []int{-1}}, tensorMetadata{heatmapTensor, typeFP32, []int{-1, -1, -1}})
}
