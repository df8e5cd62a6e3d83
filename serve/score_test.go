package serve

import (
	"bytes"
	"encoding/json"
	"fmt"
	"image/png"
	"math"
	"mime/multipart"
	"net/http"
	"strings"
	"testing"

	"anomem"
	"anomem/describe"
)

// form returns a multipart body of files with names, and its type.
func form(t testing.TB, names []string, files [][]byte) (body []byte, kind string) {
	t.Helper()
	var b bytes.Buffer
	w := multipart.NewWriter(&b)
	for i, file := range files {
		part, err := w.CreateFormFile("images", names[i])
		if err != nil {
			t.Fatal(err)
		}
		part.Write(file)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes(), w.FormDataContentType()
}

// A body that is an image has the object of score --json for standard input, whatever its
// type is said to be.
func TestScoreOne(t *testing.T) {
	s, m := newServer(t, Options{})
	img, file := picture(t, 0)
	var want bytes.Buffer
	if err := describe.Scored("-", m.Score(img)).WriteJSON(&want); err != nil {
		t.Fatal(err)
	}
	for _, kind := range []string{"", "image/png", "application/x-www-form-urlencoded", "text/plain; charset"} {
		w := ask(s, "POST", "/v1/score", file, "Content-Type", kind)
		if w.Code != http.StatusOK || w.Body.String() != want.String() || w.Header().Get("Content-Type") != "application/json" {
			t.Errorf("type %q: status %d, %s, want %s", kind, w.Code, w.Body, &want)
		}
	}
}

// The parts of a body have their objects in order, by the names of their files.
func TestScoreParts(t *testing.T) {
	s, m := newServer(t, Options{})
	const n = 37 // more than the images that wait at once
	var names, want []string
	var files [][]byte
	for i := range n {
		img, file := picture(t, i)
		names, files = append(names, fmt.Sprintf("part %d.png", i)), append(files, file)
		var line bytes.Buffer
		if err := describe.Scored(names[i], m.Score(img)).WriteJSON(&line); err != nil {
			t.Fatal(err)
		}
		want = append(want, strings.TrimSuffix(line.String(), "\n"))
	}
	body, kind := form(t, names, files)
	w := ask(s, "POST", "/v1/score?model=m", body, "Content-Type", kind)
	if all := "[" + strings.Join(want, ",") + "]\n"; w.Code != http.StatusOK || w.Body.String() != all {
		t.Errorf("status %d, %s, want %s", w.Code, w.Body, all)
	}
}

func TestScoreHeatmap(t *testing.T) {
	s, m := newServer(t, Options{})
	img, file := picture(t, 1)
	x := m.Explain([]*anomem.Image{img})[0]
	var got describe.Image
	w := ask(s, "POST", "/v1/score?heatmap=json", file)
	if err := json.Unmarshal(w.Body.Bytes(), &got); err != nil || w.Code != http.StatusOK {
		t.Fatalf("status %d, %v: %s", w.Code, err, w.Body)
	}
	h, c := got.Heatmap, describe.ColoursOf(m)
	if h == nil || h.Width != x.Heatmap.W || h.Height != x.Heatmap.H || len(h.Values) != len(x.Heatmap.Value) || *h.Floor != c.Lo || *h.Threshold != c.Threshold {
		t.Fatalf("heatmap %+v", h)
	}
	for i, v := range x.Heatmap.Value {
		if h.Values[i] != v {
			t.Fatalf("value %d is %v, want %v", i, h.Values[i], v)
		}
	}
	w = ask(s, "POST", "/v1/score?heatmap=png", file)
	strip, err := png.Decode(w.Body)
	if err != nil || w.Header().Get("Content-Type") != "image/png" {
		t.Fatalf("status %d, %v", w.Code, err)
	}
	if b := strip.Bounds(); b.Dx() != 260 || b.Dy() != 128 { // two panels, enlarged, and a gap
		t.Errorf("the picture has %v", b)
	}
	var result describe.Image
	if err := json.Unmarshal([]byte(w.Header().Get(ResultHeader)), &result); err != nil || result.Score != x.Score {
		t.Errorf("the header's score is %v, want %v: %v", result.Score, x.Score, err)
	}
}

// A large heatmap is shrunk for JSON, and keeps its peak; at the longest side it stays.
func TestHeatmapsShrink(t *testing.T) {
	for _, tt := range []struct{ w, h, wantW, wantH int }{{256, 3, 256, 3}, {257, 100, 256, 99}, {512, 1, 256, 1}, {9, 1024, 2, 256}} {
		m := &anomem.Heatmap{W: tt.w, H: tt.h, Value: make([]float32, tt.w*tt.h)}
		m.Value[len(m.Value)/2] = 7
		got := shrunk(m)
		if _, hi := got.Range(); got.W != tt.wantW || got.H != tt.wantH || hi != 7 {
			t.Errorf("%d×%d: %d×%d with a peak of %v", tt.w, tt.h, got.W, got.H, hi)
		}
	}
}

// A model that is broken answers no number.
func TestBrokenScore(t *testing.T) {
	v := &version{m: newModel(t, 1, nil)}
	v.seen = newSeen("m", nil)
	for _, score := range []float64{math.NaN(), math.Inf(1)} {
		if err := v.take(anomem.Result{Score: score}); err == nil || !strings.Contains(err.Error(), "broken") {
			t.Errorf("score %v: %v", score, err)
		}
	}
}

// Each request is refused that asks for what there is not.
func TestScoreRefusals(t *testing.T) {
	s, _ := newServer(t, Options{})
	_, file := picture(t, 0)
	two, kind := form(t, []string{"a", "b"}, [][]byte{file, file})
	for _, tt := range []struct {
		path, kind string
		body       []byte
		code       int
		say        string
	}{
		{"/v1/score?model=other", "", file, 404, `no model \"other\"`},
		{"/v1/score?heatmap=jpeg", "", file, 400, "want png or json"},
		{"/v1/score?heatmap=png", kind, two, 400, "one picture"},
		{"/v1/score?heatmap=png&heatmap=png", "", file, 400, "one value of heatmap"},
		{"/v1/score?model=", "", file, 400, "one value of model"},
		{"/v1/score?heat=png", "", file, 400, `no \"heat\"`},
		{"/v1/score?%zz", "", file, 400, "the query"},
		{"/v1/score", "", nil, 400, "empty"},
		{"/v1/score", "", []byte("no image"), 415, "-: "},
		{"/v1/score", "", file[:len(file)/2], 422, "cut off"},
		{"/v1/score", kind, two[:len(two)/2], 400, "cut off"},
	} {
		w := ask(s, "POST", tt.path, tt.body, "Content-Type", tt.kind)
		if w.Code != tt.code || !strings.Contains(w.Body.String(), tt.say) {
			t.Errorf("%s: status %d, %s, want %d, %q", tt.path, w.Code, w.Body, tt.code, tt.say)
		}
	}
}
