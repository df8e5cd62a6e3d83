package serve

import (
	"bytes"
	"image/png"
	"net/http"
	"net/http/httptest"
	"testing"

	"anomem"
	"anomem/imageio"
	"anomem/simd/pool"
	"anomem/synthetic"
)

// Tests look at pictures of a part: an untrained model tells them apart well enough.
var scene = synthetic.Options{Scene: synthetic.Part}

// newModel returns an untrained model, calibrated by 19 images.
func newModel(t testing.TB, seed uint64, p *pool.Pool) *anomem.Model {
	t.Helper()
	c := anomem.DefaultConfig()
	c.Encoder.Width = 0.0625
	parts, err := anomem.NewParts[float32](c, seed)
	if err != nil {
		t.Fatal(err)
	}
	m, err := anomem.NewModel(c, parts, p)
	if err != nil {
		t.Fatal(err)
	}
	var scores []float64
	var heat anomem.HeatMeter
	for i := range 19 {
		x := m.Explain([]*anomem.Image{scene.Normal(99, i).Image})[0]
		scores = append(scores, x.Score)
		heat.Add(x.Heatmap)
	}
	scale, err := heat.Scale()
	if err != nil {
		t.Fatal(err)
	}
	if err := m.Calibrate(scores, anomem.Promise{Alpha: 0.1}); err != nil {
		t.Fatal(err)
	}
	if err := m.SetHeatScale(scale); err != nil {
		t.Fatal(err)
	}
	return m
}

// testLimits are the usual ones, but for so little memory that a leak shows soon.
func testLimits() Limits {
	l := DefaultLimits()
	l.Body, l.Pixels, l.Memory, l.Images = 1<<20, 1<<20, 1<<26, 40
	return l
}

// newServer returns a server with a model "m" of version "one", and checks at its end that all
// memory was given back.
func newServer(t testing.TB, o Options) (*Server, *anomem.Model) {
	t.Helper()
	if o.Limits == (Limits{}) {
		o.Limits = testLimits()
	}
	if o.Failed == nil {
		o.Failed = func(text string) { t.Error(text) }
	}
	s, err := New(o)
	if err != nil {
		t.Fatal(err)
	}
	m := newModel(t, 1, nil)
	if err := s.Set("m", m, "one"); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		s.Close()
		if s.bodies.left != o.Limits.bodies() || s.images.left != o.Limits.images() {
			t.Errorf("%d of %d bytes for bodies and %d of %d for images were given back", s.bodies.left, o.Limits.bodies(), s.images.left, o.Limits.images())
		}
	})
	return s, m
}

// picture returns a picture of the scene and its file.
func picture(t testing.TB, i int) (*imageio.Image, []byte) {
	t.Helper()
	img := scene.Normal(5, i).Image
	return img, pngOf(t, img)
}

// pngOf returns an image as a PNG file.
func pngOf(t testing.TB, img *imageio.Image) []byte {
	t.Helper()
	var file bytes.Buffer
	if err := png.Encode(&file, img.ToImage()); err != nil {
		t.Fatal(err)
	}
	return file.Bytes()
}

// ask sends a request to a handler. Headers are pairs.
func ask(h http.Handler, method, path string, body []byte, headers ...string) *httptest.ResponseRecorder {
	r := httptest.NewRequest(method, path, bytes.NewReader(body))
	for i := 0; i < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w
}
