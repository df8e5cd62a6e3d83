package serve

import (
	"encoding/json"
	"net/http"
	"slices"
	"strconv"

	"anomem"
)

// headerLength is the header that says how many bytes of a body are JSON; binary tensors
// follow.
const headerLength = "Inference-Header-Content-Length"

// parameters are those of a request or a tensor. Unknown ones are left out, as the protocol
// says.
type parameters struct {
	BinarySize   *int64          `json:"binary_data_size,omitempty"`   // of an input, in bytes
	Binary       *bool           `json:"binary_data,omitempty"`        // an output is wanted so
	BinaryOutput bool            `json:"binary_data_output,omitempty"` // all outputs are
	Classes      json.RawMessage `json:"classification,omitempty"`
	Shared       json.RawMessage `json:"shared_memory_region,omitempty"`
}

// inferRequest is the JSON object of POST /v2/models/NAME/infer.
type inferRequest struct {
	ID         string        `json:"id"`
	Parameters parameters    `json:"parameters"`
	Inputs     []inputTensor `json:"inputs"`
	Outputs    []struct {
		Name       string     `json:"name"`
		Parameters parameters `json:"parameters"`
	} `json:"outputs"`
}

type inputTensor struct {
	Name       string          `json:"name"`
	Datatype   string          `json:"datatype"`
	Shape      []int64         `json:"shape"`
	Parameters parameters      `json:"parameters"`
	Data       json.RawMessage `json:"data"`
}

// wanted is an output that a request asks for.
type wanted struct {
	name   string
	binary bool
}

// infer answers POST /v2/models/NAME/infer.
func (s *Server) infer(w http.ResponseWriter, r *http.Request) error {
	o, v, err := s.named(r)
	if err != nil {
		return err
	}
	b, err := s.openBody(w, r)
	if err != nil {
		return err
	}
	defer b.close()
	batch, err := s.begin(r.Context(), o, v, false)
	if err != nil {
		return err
	}
	defer batch.end()
	data, err := b.readAll(b)
	if err != nil {
		return err
	}
	// What JSON is read into takes thrice its length: the text of data, its strings, their bytes.
	if r.Header.Get(headerLength) == "" {
		if err := b.take(3 * int64(len(data))); err != nil {
			return err
		}
	}
	req, binary, err := parseInfer(data, r.Header.Get(headerLength))
	if err != nil {
		return err
	}
	outputs, err := v.wanted(req)
	if err != nil {
		return err
	}
	batch.where = slices.ContainsFunc(outputs, func(t wanted) bool { return t.name == heatmapTensor })
	if err := batch.tensors(req, binary); err != nil {
		return err
	}
	xs, err := batch.all()
	if err != nil {
		return err
	}
	return s.sendTensors(w, batch, req.ID, outputs, xs)
}

// parseInfer parts the JSON object of a request from the binary tensors behind it. header is
// the number of its bytes, "" if all of the body is JSON.
func parseInfer(data []byte, header string) (req *inferRequest, binary []byte, err error) {
	if header != "" {
		n, err := strconv.ParseUint(header, 10, 63)
		if err != nil || n > uint64(len(data)) {
			return nil, nil, refuse(http.StatusBadRequest, "%s %.100q: want a number from 0 to %d, the length of the body", headerLength, header, len(data))
		}
		data, binary = data[:n], data[n:]
	}
	req = new(inferRequest)
	if err := json.Unmarshal(data, req); err != nil {
		return nil, nil, refuse(http.StatusBadRequest, "the JSON: %v", err)
	}
	return req, binary, nil
}

// wanted returns the outputs that a request asks for: by default all but the heatmap.
func (v *version) wanted(req *inferRequest) ([]wanted, error) {
	known := v.outputs()
	var all []wanted
	if len(req.Outputs) == 0 {
		for _, t := range known {
			if t.Name != heatmapTensor {
				all = append(all, wanted{t.Name, req.Parameters.BinaryOutput})
			}
		}
		return all, nil
	}
	for _, t := range req.Outputs {
		switch {
		case !slices.ContainsFunc(known, func(k tensorMetadata) bool { return k.Name == t.Name }):
			return nil, refuse(http.StatusBadRequest, "there is no output %.100q", t.Name)
		case slices.ContainsFunc(all, func(o wanted) bool { return o.name == t.Name }):
			return nil, refuse(http.StatusBadRequest, "output %q is named twice", t.Name)
		case t.Parameters.Classes != nil || t.Parameters.Shared != nil:
			return nil, refuse(http.StatusBadRequest, "output %q: neither classification nor shared memory is known here", t.Name)
		}
		o := wanted{t.Name, req.Parameters.BinaryOutput}
		if t.Parameters.Binary != nil {
			o.binary = *t.Parameters.Binary
		}
		all = append(all, o)
	}
	return all, nil
}

// outputTensor is a tensor of an answer.
type outputTensor struct {
	Name       string      `json:"name"`
	Datatype   string      `json:"datatype"`
	Shape      []int       `json:"shape"`
	Parameters *parameters `json:"parameters,omitempty"`
	Data       any         `json:"data,omitempty"`
}

// sendTensors sends what the model says of the images of a request.
func (s *Server) sendTensors(w http.ResponseWriter, batch *batchOf, id string, outputs []wanted, xs []anomem.Explanation) error {
	answer := struct {
		Model   string         `json:"model_name"`
		Version string         `json:"model_version"`
		ID      string         `json:"id,omitempty"`
		Outputs []outputTensor `json:"outputs"`
	}{batch.o.name, batch.v.id, id, nil}
	var binary []byte
	hasBinary := false
	for _, o := range outputs {
		t, err := batch.v.tensor(o.name, xs)
		if err != nil {
			return err
		}
		if o.binary {
			hasBinary = true
			bytes := appendTensor(nil, t.Data)
			size := int64(len(bytes))
			binary = append(binary, bytes...)
			t.Data, t.Parameters = nil, &parameters{BinarySize: &size}
		}
		answer.Outputs = append(answer.Outputs, t)
	}
	text, err := json.Marshal(answer)
	if err != nil {
		return err
	}
	if !hasBinary {
		return s.send(w, http.StatusOK, "application/json", text)
	}
	w.Header().Set(headerLength, strconv.Itoa(len(text)))
	return s.send(w, http.StatusOK, "application/octet-stream", append(text, binary...))
}
