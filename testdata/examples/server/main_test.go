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
	answer := post(score(m), picture)
	var got struct {
		Score   *float64 `json:"score"`
		PValue  *float64 `json:"p_value"`
		Verdict *bool    `json:"anomalous"`
		Heatmap []byte   `json:"heatmap"`
	}
	if err := json.NewDecoder(answer.Body).Decode(&got); err != nil {
		t.Fatal(err)
	}
	if answer.Code != http.StatusOK || got.Score == nil || got.PValue == nil || got.Verdict == nil {
		t.Errorf("status %d, %+v", answer.Code, got)
	}
	heat, err := png.Decode(bytes.NewReader(got.Heatmap))
	if err != nil {
		t.Fatal(err)
	}
	if b := heat.Bounds(); b.Dx() != 260 || b.Dy() != 128 { // two panels, enlarged, and a gap
		t.Errorf("the heatmap is %v", b)
	}
	if answer := post(score(m), []byte("no picture")); answer.Code != http.StatusBadRequest || !strings.Contains(answer.Body.String(), "image") {
		t.Errorf("status %d for no picture: %s", answer.Code, answer.Body)
	}
}

// post sends a picture to a handler and returns the answer.
func post(h http.Handler, picture []byte) *httptest.ResponseRecorder {
	w := httptest.NewRecorder()
	h.ServeHTTP(w, httptest.NewRequest("POST", "/score?name=new.png", bytes.NewReader(picture)))
	return w
}
