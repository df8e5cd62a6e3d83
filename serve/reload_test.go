package serve

import (
	"bytes"
	"context"
	"encoding/json"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"anomem"
	"anomem/describe"
)

// inferAnswer is what /infer answers in JSON.
type inferAnswer struct {
	Model   string `json:"model_name"`
	Version string `json:"model_version"`
	ID      string `json:"id"`
	Outputs []struct {
		Name     string            `json:"name"`
		Datatype string            `json:"datatype"`
		Shape    []int             `json:"shape"`
		Data     []json.RawMessage `json:"data"`
	} `json:"outputs"`
}

// While one model replaces another again and again, each answer is that of the version that
// it names, and none is missing.
func TestModelsAreReplaced(t *testing.T) {
	s, first := newServer(t, Options{})
	second := newModel(t, 2, nil)
	img, file := picture(t, 3)
	want := map[string]float64{"one": first.Score(img).Score, "two": second.Score(img).Score}
	if want["one"] == want["two"] {
		t.Fatal("the models agree")
	}
	body, header := binaryRequest(`{"inputs":[{"name":"image","datatype":"BYTES","shape":[1],"parameters":{"binary_data_size":SIZE}}],"outputs":[{"name":"score"}]}`, bytesTensor(file))
	var wg sync.WaitGroup
	stop := make(chan struct{})
	wg.Go(func() {
		for i := 0; ; i++ {
			select {
			case <-stop:
				return
			default:
			}
			m, id := second, "two"
			if i%2 > 0 {
				m, id = first, "one"
			}
			if err := s.Set("m", m, id); err != nil {
				t.Error(err)
			}
			time.Sleep(time.Millisecond)
		}
	})
	var clients sync.WaitGroup
	var mu sync.Mutex
	answers := map[string]int{}
	for range 8 {
		clients.Go(func() {
			for range 20 {
				w := ask(s, "POST", "/v2/models/m/infer", body, headerLength, header)
				var got inferAnswer
				var score float64
				if err := json.Unmarshal(w.Body.Bytes(), &got); err != nil || w.Code != http.StatusOK {
					t.Errorf("status %d, %s: %v", w.Code, w.Body, err)
					return
				}
				if json.Unmarshal(got.Outputs[0].Data[0], &score); score != want[got.Version] {
					t.Errorf("version %s: score %v, want %v", got.Version, score, want[got.Version])
				}
				mu.Lock()
				answers[got.Version]++
				mu.Unlock()
			}
		})
	}
	clients.Wait()
	close(stop)
	wg.Wait()
	if answers["one"]+answers["two"] != 160 || len(answers) != 2 {
		t.Errorf("answers by version: %v", answers)
	}
	text := ask(s, "GET", "/metrics", nil).Body.String()
	if strings.Contains(text, `anomem_reloads_total{model="m"} 0`) || strings.Count(text, "\nanomem_score_count{") != 1 {
		t.Errorf("/metrics: %s", text)
	}
}

// A file that changes is loaded, a broken one is not, and one that is written again as it was
// changes nothing.
func TestFiles(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "m.safetensors")
	save := func(seed uint64) *anomem.Model {
		m := newModel(t, seed, nil)
		if err := m.Save(path); err != nil {
			t.Fatal(err)
		}
		return m
	}
	s, _ := newServer(t, Options{})
	said := make(chan string, 10)
	f := NewFiles(s, nil, func(text string) { said <- text })
	if err := f.Add("file", path); err == nil {
		t.Fatal("a file that is not there was loaded")
	}
	first := save(11)
	if err := f.Add("file", path); err != nil {
		t.Fatal(err)
	}
	img, file := picture(t, 0)
	check := func(m *anomem.Model) {
		t.Helper()
		var want bytes.Buffer
		describe.Scored("-", m.Score(img)).WriteJSON(&want)
		if w := ask(s, "POST", "/v1/score?model=file", file); w.Body.String() != want.String() {
			t.Errorf("%s, want %s", w.Body, &want)
		}
	}
	hear := func(want string) {
		t.Helper()
		select {
		case text := <-said:
			if !strings.Contains(text, want) {
				t.Errorf("said %q, want %q", text, want)
			}
		case <-time.After(10 * time.Second):
			t.Errorf("nothing was said, want %q", want)
		}
	}
	check(first)
	ctx, cancel := context.WithCancel(t.Context())
	var wg sync.WaitGroup
	wg.Go(func() { f.Watch(ctx, time.Millisecond) })
	second := save(12)
	hear("model file is version ")
	check(second)
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, text[:len(text)-9], 0o666); err != nil {
		t.Fatal(err)
	}
	hear("model file stays version ")
	check(second)
	cancel()
	wg.Wait()
	for len(said) > 0 { // a poll may have seen the file half written
		<-said
	}
	if err := os.WriteFile(path, text, 0o666); err != nil {
		t.Fatal(err)
	}
	f.Reload()
	os.Remove(path)
	f.Reload()
	hear("no such file")
	check(second)
	if len(said) > 0 {
		t.Errorf("said %q", <-said)
	}
}

func TestSetRefuses(t *testing.T) {
	s, m := newServer(t, Options{})
	for _, name := range []string{"", "a b", "../m", ".m", "a/b", "ä", strings.Repeat("a", 101)} {
		if err := s.Set(name, m, "v"); err == nil {
			t.Errorf("the name %q was taken", name)
		}
		if err := s.Set("n", m, name); err == nil {
			t.Errorf("the version %q was taken", name)
		}
	}
	if err := s.Set(strings.Repeat("a", 100), m, "1.2_b-C"); err != nil {
		t.Error(err)
	}
	if got := s.Models(); len(got) != 2 || got[0] != "m" {
		t.Errorf("models %q", got)
	}
}
