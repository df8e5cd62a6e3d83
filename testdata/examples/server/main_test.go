package main

import (
	"bytes"
	"context"
	"encoding/json"
	"image/png"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"anomem/simd/pool"
	"anomem/synthetic"
)

// A training of a moment answers requests: what the answers are worth is not the question.
func TestServer(t *testing.T) {
	dir := t.TempDir()
	if err := synthetic.WriteFolder(t.Context(), dir, synthetic.Options{}, 1, synthetic.Counts{Train: 40, Good: 1}); err != nil {
		t.Fatal(err)
	}
	p := pool.New(0)
	defer p.Close()
	m, err := learn(context.Background(), filepath.Join(dir, "train"), 10*time.Second, p)
	if err != nil {
		t.Fatal(err)
	}
	picture, err := os.ReadFile(filepath.Join(dir, "test", "good", "000.png"))
	if err != nil {
		t.Fatal(err)
	}
	said := post(answer(m), "/score", picture)
	var got struct{ Score, PValue *float64 }
	if err := json.NewDecoder(said.Body).Decode(&got); err != nil {
		t.Fatal(err)
	}
	if said.Code != http.StatusOK || got.Score == nil || got.PValue == nil {
		t.Errorf("status %d, %+v", said.Code, got)
	}
	heat, err := png.Decode(post(answer(m), "/heatmap", picture).Body)
	if err != nil {
		t.Fatal(err)
	}
	if b := heat.Bounds(); b.Dx() != 260 || b.Dy() != 128 { // two panels, enlarged, and a gap
		t.Errorf("the heatmap is %v", b)
	}
	if said := post(answer(m), "/score", []byte("no picture")); said.Code != http.StatusBadRequest || !strings.Contains(said.Body.String(), "image") {
		t.Errorf("status %d for no picture: %s", said.Code, said.Body)
	}
}

// post sends a picture to a handler and returns the answer.
func post(h http.Handler, path string, picture []byte) *httptest.ResponseRecorder {
	w := httptest.NewRecorder()
	h.ServeHTTP(w, httptest.NewRequest("POST", path, bytes.NewReader(picture)))
	return w
}
