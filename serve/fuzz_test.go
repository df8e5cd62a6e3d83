package serve

import (
	"encoding/json"
	"image"
	"net/http"
	"net/url"
	"testing"
	"time"
)

// fuzzed returns a server that takes little, and what checks its answer to a request: a clear
// one, and all memory given back.
func fuzzed(f *testing.F) func(t *testing.T, path string, body []byte, headers ...string) {
	l := testLimits()
	l.Pixels, l.Images = 1<<12, 3
	labels, err := OpenLabels(f.TempDir(), 3)
	if err != nil {
		f.Fatal(err)
	}
	s, err := New(Options{Limits: l, Labels: labels, Failed: func(text string) { panic(text) }})
	if err != nil {
		f.Fatal(err)
	}
	if err := s.Set("m", newModel(f, 1, nil), "one"); err != nil {
		f.Fatal(err)
	}
	f.Cleanup(s.Close)
	return func(t *testing.T, path string, body []byte, headers ...string) {
		w := ask(s, "POST", path, body, headers...)
		switch w.Code {
		case 200:
		case 400, 404, 413, 415, 422, 507:
			var no struct{ Error string }
			if err := json.Unmarshal(w.Body.Bytes(), &no); err != nil || no.Error == "" {
				t.Errorf("status %d, %q: %v", w.Code, w.Body, err)
			}
		default:
			t.Errorf("status %d, %q", w.Code, w.Body)
		}
		// Images of a request that was refused later may still be scored.
		for begun := time.Now(); ; time.Sleep(time.Millisecond) {
			s.images.mu.Lock()
			images := s.images.left
			s.images.mu.Unlock()
			if images == l.images() && s.bodies.left == l.bodies() {
				return
			}
			if time.Since(begun) > 10*time.Second {
				t.Fatalf("%d of %d bytes for images and %d of %d for bodies were given back", images, l.images(), s.bodies.left, l.bodies())
			}
		}
	}
}

func FuzzMultipart(f *testing.F) {
	check := fuzzed(f)
	_, good := picture(f, 0)
	for _, h := range hostileParts(string(good)) {
		if len(h.body) < 4000 {
			f.Add("multipart/form-data; boundary=b", []byte(h.body))
		}
	}
	f.Fuzz(func(t *testing.T, kind string, body []byte) { check(t, "/v1/score", body, "Content-Type", kind) })
}

func FuzzLabel(f *testing.F) {
	check := fuzzed(f)
	img, good := picture(f, 0)
	mask := maskFile(f, img.W, img.H, image.Rect(3, 3, 9, 9))
	f.Add(good, mask, "defect")
	f.Add(good, good, "defect")
	f.Add(good, mask[:len(mask)/2], "defect")
	f.Add(good, []byte(nil), "normal")
	f.Add(pngClaiming(5, 0, nil), mask, "../good")
	f.Fuzz(func(t *testing.T, file, mask []byte, kind string) {
		body, as := parts(t, "image", file, "mask", mask)
		check(t, "/v1/labels?label="+url.QueryEscape(kind), body, "Content-Type", as)
		check(t, "/v1/labels?label="+url.QueryEscape(kind), file)
	})
}

func FuzzInfer(f *testing.F) {
	check := fuzzed(f)
	_, good := picture(f, 0)
	for _, h := range hostileTensors(good) {
		if len(h.body) < 4000 {
			f.Add([]byte(h.body), "")
		}
	}
	for _, tensor := range [][]byte{bytesTensor(good), bytesTensor(good, good), bytesTensor(nil), {1, 0, 0, 0}} {
		body, header := binaryRequest(`{"inputs":[{"name":"image","datatype":"BYTES","shape":[1],"parameters":{"binary_data_size":SIZE}}]}`, tensor)
		f.Add(body, header)
	}
	body, header := binaryRequest(`{"inputs":[{"name":"image","datatype":"UINT8","shape":[1,1,2,3],"parameters":{"binary_data_size":SIZE}}],"outputs":[{"name":"heatmap"}]}`, []byte("abcdef"))
	f.Add(body, header)
	f.Fuzz(func(t *testing.T, body []byte, header string) {
		check(t, "/v2/models/m/infer", body, headerLength, header)
	})
}

func FuzzQuery(f *testing.F) {
	for _, raw := range []string{"", "model=m", "heatmap=png&model=m", "model=m&model=m", "%zz", "a;b", "=&="} {
		f.Add(raw)
	}
	f.Fuzz(func(t *testing.T, raw string) {
		got, err := query(raw, "model", "heatmap")
		if err != nil {
			if refusalOf(err).status != http.StatusBadRequest {
				t.Error(err)
			}
			return
		}
		for name, value := range got {
			if name != "model" && name != "heatmap" || value == "" {
				t.Errorf("%q: %q", raw, got)
			}
		}
	})
}
