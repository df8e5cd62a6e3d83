package serve

import (
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"math"
	"net/http"
	"strconv"
	"strings"
	"testing"

	"anomem"
)

// bytesTensor returns a binary tensor of type BYTES.
func bytesTensor(elements ...[]byte) []byte {
	var all []byte
	for _, e := range elements {
		all = append(binary.LittleEndian.AppendUint32(all, uint32(len(e))), e...)
	}
	return all
}

// binaryRequest returns a body of JSON, with the size of the tensor in place of SIZE, and a
// tensor, and the length of the JSON.
func binaryRequest(text string, tensor []byte) (body []byte, header string) {
	text = strings.Replace(text, "SIZE", strconv.Itoa(len(tensor)), 1)
	return append([]byte(text), tensor...), strconv.Itoa(len(text))
}

// Images give the same tensors as files and as pixels, in JSON and as bytes.
func TestInfer(t *testing.T) {
	s, m := newServer(t, Options{})
	a, fileA := picture(t, 0)
	b, fileB := picture(t, 1)
	xs := m.Explain([]*anomem.Image{a, b})
	pixels := append(append([]byte(nil), a.Pix...), b.Pix...)
	numbers := strings.Trim(strings.Join(strings.Fields(fmt.Sprint(pixels)), ","), "[]")
	size := fmt.Sprintf("[2,%d,%d,3]", a.H, a.W)
	for _, tt := range []struct {
		name, text string
		tensor     []byte // behind the JSON
	}{
		{"files in JSON", fmt.Sprintf(`{"id":"7","inputs":[{"name":"image","datatype":"BYTES","shape":[2],"data":[%q,%q]}]}`, base64.StdEncoding.EncodeToString(fileA), base64.StdEncoding.EncodeToString(fileB)), nil},
		{"files", `{"id":"7","inputs":[{"name":"image","datatype":"BYTES","shape":[2,1],"parameters":{"binary_data_size":SIZE}}]}`, bytesTensor(fileA, fileB)},
		{"pixels in JSON", `{"id":"7","inputs":[{"name":"image","datatype":"UINT8","shape":` + size + `,"data":[[` + numbers + "]\n]}]}", nil},
		{"pixels", `{"id":"7","inputs":[{"name":"image","datatype":"UINT8","shape":` + size + `,"parameters":{"binary_data_size":SIZE}}]}`, pixels},
	} {
		body, header := binaryRequest(tt.text, tt.tensor)
		if tt.tensor == nil {
			header = ""
		}
		w := ask(s, "POST", "/v2/models/m/versions/one/infer", body, headerLength, header)
		var got inferAnswer
		if err := json.Unmarshal(w.Body.Bytes(), &got); err != nil || w.Code != http.StatusOK {
			t.Errorf("%s: status %d, %.200s: %v", tt.name, w.Code, w.Body, err)
			continue
		}
		if got.Model != "m" || got.Version != "one" || got.ID != "7" || len(got.Outputs) != 4 {
			t.Errorf("%s: %+v", tt.name, got)
			continue
		}
		var said []string
		for _, o := range got.Outputs {
			said = append(said, fmt.Sprint(o.Name, " ", o.Datatype, " ", o.Shape, " ", text(o.Data)))
		}
		want := []string{
			fmt.Sprintf("score FP64 [2] %s", text([]float64{xs[0].Score, xs[1].Score})),
			fmt.Sprintf("scales FP64 [2 2] %s", text(append(append([]float64(nil), xs[0].Scales...), xs[1].Scales...))),
			fmt.Sprintf("p_value FP64 [2] %s", text([]float64{xs[0].PValue, xs[1].PValue})),
			fmt.Sprintf("anomalous BOOL [2] %s", text([]bool{xs[0].Anomalous, xs[1].Anomalous})),
		}
		if fmt.Sprint(said) != fmt.Sprint(want) {
			t.Errorf("%s:\n%v, want\n%v", tt.name, said, want)
		}
	}
}

// text returns JSON.
func text(v any) string {
	b, err := json.Marshal(v)
	if err != nil {
		panic(err)
	}
	return string(b)
}

// Binary outputs follow the JSON in the order in which they were asked for; what says it for
// one output goes before what says it for all.
func TestInferBinaryOutputs(t *testing.T) {
	s, m := newServer(t, Options{})
	img, file := picture(t, 0)
	x := m.Explain([]*anomem.Image{img})[0]
	body, header := binaryRequest(`{"parameters":{"binary_data_output":true},"inputs":[{"name":"image","datatype":"BYTES","shape":[1],"parameters":{"binary_data_size":SIZE}}],
		"outputs":[{"name":"heatmap"},{"name":"score","parameters":{"binary_data":false}},{"name":"anomalous"},{"name":"p_value"}]}`, bytesTensor(file))
	w := ask(s, "POST", "/v2/models/m/infer", body, headerLength, header)
	n, err := strconv.Atoi(w.Header().Get(headerLength))
	if err != nil || w.Code != http.StatusOK {
		t.Fatalf("status %d, %s: %v", w.Code, w.Body, err)
	}
	want := appendTensor(nil, x.Heatmap.Value)
	head := fmt.Sprintf(`{"model_name":"m","model_version":"one","outputs":[{"name":"heatmap","datatype":"FP32","shape":[1,%d,%d],"parameters":{"binary_data_size":%d}},`, img.H, img.W, len(want)) +
		`{"name":"score","datatype":"FP64","shape":[1],"data":[` + text(x.Score) + `]},{"name":"anomalous","datatype":"BOOL","shape":[1],"parameters":{"binary_data_size":1}},` +
		`{"name":"p_value","datatype":"FP64","shape":[1],"parameters":{"binary_data_size":8}}]}`
	if got := w.Body.String()[:n]; got != head {
		t.Errorf("%s, want %s", got, head)
	}
	verdict := byte(0)
	if x.Anomalous {
		verdict = 1
	}
	want = binary.LittleEndian.AppendUint64(append(want, verdict), math.Float64bits(x.PValue))
	if got := w.Body.Bytes()[n:]; string(got) != string(want) {
		t.Errorf("%d bytes differ from the %d of the outputs", len(got), len(want))
	}
}

func TestMetadata(t *testing.T) {
	s, _ := newServer(t, Options{})
	for path, want := range map[string]string{
		"/v2/health/live":                 `{"live":true}`,
		"/v2/health/ready":                `{"ready":true}`,
		"/v2/models/m/ready":              `{"name":"m","ready":true}`,
		"/v2/models/m/versions/one":       `{"name":"m","versions":["one"],"platform":"anomem","inputs":[{"name":"image","datatype":"BYTES","shape":[-1]}],"outputs":[{"name":"score","datatype":"FP64","shape":[-1]},{"name":"scales","datatype":"FP64","shape":[-1,2]},{"name":"p_value","datatype":"FP64","shape":[-1]},{"name":"anomalous","datatype":"BOOL","shape":[-1]},{"name":"heatmap","datatype":"FP32","shape":[-1,-1,-1]}]}`,
		"/v2/models/m/versions/one/ready": `{"name":"m","ready":true}`,
	} {
		if w := ask(s, "GET", path, nil); w.Code != http.StatusOK || strings.TrimSpace(w.Body.String()) != want {
			t.Errorf("%s: status %d, %s, want %s", path, w.Code, w.Body, want)
		}
		if w := ask(s, "HEAD", path, nil); w.Code != http.StatusOK {
			t.Errorf("HEAD %s: status %d", path, w.Code)
		}
		if w := ask(s, "POST", path, nil); w.Code != http.StatusMethodNotAllowed || w.Header().Get("Allow") != "GET, HEAD" {
			t.Errorf("POST %s: status %d, %v", path, w.Code, w.Header())
		}
	}
	for _, path := range []string{"/v2/models/n", "/v2/models/n/ready", "/v2/models/m/versions/two", "/v2/models/m/versions/two/ready", "/v3", "/"} {
		if w := ask(s, "GET", path, nil); w.Code != http.StatusNotFound || !strings.HasPrefix(w.Body.String(), `{"error":"`) {
			t.Errorf("%s: status %d, %s", path, w.Code, w.Body)
		}
	}
}

// Routes of the document are those of the server.
func TestOpenAPI(t *testing.T) {
	s, _ := newServer(t, Options{})
	w := ask(s, "GET", "/openapi.json", nil)
	var doc struct {
		Paths map[string]map[string]json.RawMessage `json:"paths"`
	}
	if err := json.Unmarshal(w.Body.Bytes(), &doc); err != nil {
		t.Fatal(err)
	}
	if len(doc.Paths) != 20 {
		t.Errorf("%d paths", len(doc.Paths))
	}
	for path, methods := range doc.Paths {
		at := strings.NewReplacer("{model}", "m", "{version}", "one").Replace(path)
		for method := range methods {
			if method == "parameters" {
				continue
			}
			if w := ask(s, strings.ToUpper(method), at, nil); strings.Contains(w.Body.String(), "there is nothing at this path") || w.Code == http.StatusMethodNotAllowed {
				t.Errorf("%s %s: status %d", method, at, w.Code)
			}
		}
	}
}
