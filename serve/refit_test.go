package serve

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"anomem"
	"anomem/dataset"
	"anomem/synthetic"
	"anomem/train"
	"anomem/train/augment"
)

// trained writes a model of a short training, with what refits it.
var trained = sync.OnceValues(func() (map[string][]byte, error) {
	var data, held dataset.Samples
	for i := range 16 {
		data = append(data, dataset.Sample{Image: scene.Normal(7, i).Image, Normal: true})
	}
	for i := range 10 {
		held = append(held, dataset.Sample{Image: scene.Normal(8, i).Image, Normal: true})
	}
	config, o := train.Settings(train.Small, augment.Object, 32, 32)
	config.Encoder.Width, config.Encoder.Depth = 1./16, 18
	config.Scales[0].Patterns, config.Scales[1].Patterns = 12, 10
	o.Seed, o.Batch, o.Chunk, o.Epochs, o.WarmUp = 3, 8, 4, 1, 1
	o.Heads.Epochs, o.Heads.Views, o.Heads.KnownViews, o.Heads.Batch = 3, 2, 0, 8
	r := train.Run{Config: config, Options: o, Data: data, Held: held, Promise: anomem.Promise{Alpha: 0.1}}
	m, err := r.Train(context.Background(), nil)
	if err != nil {
		return nil, err
	}
	m.SetSeen(anomem.NewSeen(nil, nil))
	dir, err := os.MkdirTemp("", "")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(dir)
	path := filepath.Join(dir, "m")
	if err := m.Save(path); err != nil {
		return nil, err
	}
	model, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	refit, err := os.ReadFile(anomem.RefitPath(path))
	return map[string][]byte{"": model, ".refit": refit}, err
})

// refitting returns a server with a trained model "m" in a file, on which clients may refit it.
func refitting(t *testing.T) (s *Server, l *Labels, path string) {
	t.Helper()
	made, err := trained()
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	path = filepath.Join(dir, "m.safetensors")
	for suffix, file := range made {
		if err := os.WriteFile(path+suffix, file, 0o666); err != nil {
			t.Fatal(err)
		}
	}
	if l, err = OpenLabels(filepath.Join(dir, "marks"), 100); err != nil {
		t.Fatal(err)
	}
	if s, err = New(Options{Limits: testLimits(), Labels: l, Refit: true, Failed: func(text string) { t.Error(text) }}); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Close)
	if err := NewFiles(s, nil, func(text string) { t.Log(text) }).Add("m", path); err != nil {
		t.Fatal(err)
	}
	return s, l, path
}

// defectFile returns the file of a picture with a defect.
func defectFile(t *testing.T, i int) []byte {
	t.Helper()
	return pngOf(t, scene.Anomaly(9, i, synthetic.Style).Image)
}

// get decodes the answer to a request, which must be a success.
func get[T any](t *testing.T, s *Server, method, path string) (answer T) {
	t.Helper()
	w := ask(s, method, path, nil)
	if err := json.Unmarshal(w.Body.Bytes(), &answer); err != nil || w.Code != http.StatusOK {
		t.Fatalf("%s %s: status %d, %s: %v", method, path, w.Code, w.Body, err)
	}
	return answer
}

// ended waits until no refit is running.
func ended(t *testing.T, s *Server) refitAnswer {
	t.Helper()
	for begun := time.Now(); ; time.Sleep(5 * time.Millisecond) {
		if a := get[refitAnswer](t, s, "GET", "/v1/refit"); a.State != refitRunning {
			return a
		}
		if time.Since(begun) > 2*time.Minute {
			t.Fatal("the refit does not end")
		}
	}
}

// scoreOf returns what the server says of an image.
func scoreOf(t *testing.T, s *Server, file []byte) (score float64) {
	t.Helper()
	var got struct{ Score float64 }
	if w := ask(s, "POST", "/v1/score", file); json.Unmarshal(w.Body.Bytes(), &got) != nil || w.Code != http.StatusOK {
		t.Fatalf("status %d, %s", w.Code, w.Body)
	}
	return got.Score
}

// A refit shows what would change and replaces nothing; used, it answers and the former model
// is kept; put back, that answers as before.
func TestRefitAndBack(t *testing.T) {
	s, _, path := refitting(t)
	_, normal := picture(t, 0)
	put(t, s, labelNormal, normal, nil)
	var defects [][]byte
	for i := range 4 {
		defects = append(defects, defectFile(t, i))
		put(t, s, labelDefect, defects[i], nil)
	}
	was := get[modelsAnswer](t, s, "GET", "/v1/models").Models[0].Version
	before := scoreOf(t, s, defects[0])
	get[refitAnswer](t, s, "POST", "/v1/refit")
	a := ended(t, s)
	if a.State != refitReady || a.Version != was || a.Change == nil || len(a.Change.Images) != 5 || a.Change.AUROC == nil || !strings.Contains(strings.Join(a.Notes, "\n"), "known anomaly 4 of 4, unseen") {
		t.Fatalf("%+v", a)
	}
	for _, c := range a.Change.Images {
		if c.Learned != (c.Label == labelDefect) || c.Result.Before == nil || c.Result.After == nil {
			t.Errorf("%+v", c)
		}
		if c.ID == idOf(defects[0]) && c.Result.Before.Score != before {
			t.Errorf("score before %v, want %v", c.Result.Before.Score, before)
		}
	}
	if scoreOf(t, s, defects[0]) != before || a.Change.AUROC.After < a.Change.AUROC.Before {
		t.Errorf("something is replaced, or worse: AUROC %+v", a.Change.AUROC)
	}
	kept := get[keptAnswer](t, s, "POST", "/v1/refit/use")
	after := scoreOf(t, s, defects[0])
	if kept.Kept != 1 || kept.Version == was || after == before {
		t.Errorf("%+v, score %v", kept, after)
	}
	for _, c := range a.Change.Images {
		if c.ID == idOf(defects[0]) && c.Result.After.Score != after {
			t.Errorf("score %v, want %v", after, c.Result.After.Score)
		}
	}
	h := get[historyAnswer](t, s, "GET", "/v1/models/m/history")
	if h.Version != kept.Version || len(h.History) != 1 || h.History[0].N != 1 || h.History[0].Version != was {
		t.Errorf("%+v", h)
	}
	// Nothing is left to learn.
	get[refitAnswer](t, s, "POST", "/v1/refit")
	if a := ended(t, s); a.State != refitFailed || !strings.Contains(a.Error, "has been trained on all") {
		t.Errorf("%+v", a)
	}
	// Back, and forth again: no version is kept twice, and each refits.
	for i, want := range []struct {
		n, kept int
		score   float64
	}{{1, 2, before}, {2, 1, after}, {1, 2, before}} {
		got := get[keptAnswer](t, s, "POST", fmt.Sprintf("/v1/models/m/history/%d", want.n))
		if got.Kept != want.kept || scoreOf(t, s, defects[0]) != want.score {
			t.Errorf("step %d: %+v, score %v, want %+v", i, got, scoreOf(t, s, defects[0]), want)
		}
		if m, err := anomem.Load(path, nil); err != nil || m.ReplayError() != nil {
			t.Errorf("step %d: %v, %v", i, err, m.ReplayError())
		}
	}
	if w := ask(s, "POST", "/v1/models/m/history/3", nil); w.Code != http.StatusNotFound {
		t.Errorf("a model that never was: status %d", w.Code)
	}
}

// Only one refit runs, and it can be broken off. What cannot be refitted says why.
func TestRefitRefusals(t *testing.T) {
	s, l, path := refitting(t)
	fails := func(say string) {
		t.Helper()
		get[refitAnswer](t, s, "POST", "/v1/refit")
		if a := ended(t, s); a.State != refitFailed || !strings.Contains(a.Error, say) {
			t.Errorf("%+v, want %q", a, say)
		}
		if w := ask(s, "POST", "/v1/refit/use", nil); w.Code != http.StatusConflict {
			t.Errorf("use: status %d", w.Code)
		}
	}
	fails("no image is marked as a defect")
	for i := range 3 {
		put(t, s, labelDefect, defectFile(t, i), nil)
	}
	for _, tt := range []struct {
		method, path string
		code         int
	}{
		{"POST", "/v1/refit?model=n", 404}, {"POST", "/v1/refit?model=../m", 404}, {"POST", "/v1/refit?x=1", 400}, {"PUT", "/v1/refit", 405},
		{"GET", "/v1/refit/use", 405}, {"POST", "/v1/refit/use", 409}, {"POST", "/v1/models/m/history/1", 404}, {"POST", "/v1/models/m/history/0", 404},
		{"POST", "/v1/models/m/history/-1", 404}, {"POST", "/v1/models/m/history/..", 307}, {"POST", "/v1/models/m/history/a", 404}, {"GET", "/v1/models/n/history", 404},
	} {
		if w := ask(s, tt.method, tt.path, nil); w.Code != tt.code {
			t.Errorf("%s %s: status %d, %s, want %d", tt.method, tt.path, w.Code, w.Body, tt.code)
		}
	}
	get[refitAnswer](t, s, "POST", "/v1/refit")
	if w := ask(s, "POST", "/v1/refit", nil); w.Code != http.StatusConflict {
		t.Errorf("a second refit: status %d", w.Code)
	}
	if a := get[refitAnswer](t, s, "DELETE", "/v1/refit"); a.State != refitNone {
		t.Errorf("%+v", a)
	}
	// The one that was broken off ends soon, and another begins. It is made from a version that
	// is replaced meanwhile.
	for begun := time.Now(); ; time.Sleep(5 * time.Millisecond) {
		if w := ask(s, "POST", "/v1/refit", nil); w.Code == http.StatusOK {
			break
		} else if w.Code != http.StatusConflict || time.Since(begun) > time.Minute {
			t.Fatalf("status %d, %s", w.Code, w.Body)
		}
	}
	if a := ended(t, s); a.State != refitReady || a.Change.AUROC != nil {
		t.Errorf("%+v", a)
	}
	made, _ := trained()
	if err := newModel(t, 5, nil).Save(path); err != nil {
		t.Fatal(err)
	}
	if w := ask(s, "POST", "/v1/refit/use", nil); w.Code != http.StatusConflict || !strings.Contains(w.Body.String(), "refit again") {
		t.Errorf("status %d, %s", w.Code, w.Body)
	}
	if err := os.WriteFile(path, made[""], 0o666); err != nil {
		t.Fatal(err)
	}
	fails("there is no " + path + ".refit")
	// A former model that is broken stays where it is.
	if err := os.WriteFile(path+".7", []byte("broken"), 0o666); err != nil {
		t.Fatal(err)
	}
	if w := ask(s, "POST", "/v1/models/m/history/7", nil); w.Code != http.StatusInternalServerError || !strings.Contains(w.Body.String(), "stays where it is") {
		t.Errorf("status %d, %s", w.Code, w.Body)
	}
	if id, err := versionOf(path); err != nil || id != get[historyAnswer](t, s, "GET", "/v1/models/m/history").Version {
		t.Errorf("%s, %v", id, err)
	}
	if names := files(t, l.Dir()); strings.Contains(names, "tmp") {
		t.Errorf("files %s", names)
	}
}

// A server that is closed breaks its refit off.
func TestRefitEndsWithServer(t *testing.T) {
	s, _, _ := refitting(t)
	put(t, s, labelDefect, defectFile(t, 0), nil)
	get[refitAnswer](t, s, "POST", "/v1/refit")
	s.Close()
	if err := s.refits.start("m"); err == nil {
		t.Error("a closed server began a refit")
	}
}
