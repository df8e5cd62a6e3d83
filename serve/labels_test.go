package serve

import (
	"bytes"
	"encoding/json"
	"image"
	"image/color"
	"image/png"
	"math"
	"mime/multipart"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"anomem/dataset"
	"anomem/imageio"
)

// labelled returns a server that keeps marks, at most 5 of them.
func labelled(t testing.TB, o Options) (*Server, *Labels) {
	t.Helper()
	l, err := OpenLabels(filepath.Join(t.TempDir(), "marks"), 5)
	if err != nil {
		t.Fatal(err)
	}
	o.Labels = l
	s, _ := newServer(t, o)
	return s, l
}

// maskFile returns a picture that is white within a rectangle and black elsewhere.
func maskFile(t testing.TB, w, h int, marked image.Rectangle) []byte {
	t.Helper()
	m := image.NewGray(image.Rect(0, 0, w, h))
	for y := marked.Min.Y; y < marked.Max.Y; y++ {
		for x := marked.Min.X; x < marked.Max.X; x++ {
			m.SetGray(x, y, color.Gray{255})
		}
	}
	var file bytes.Buffer
	if err := png.Encode(&file, m); err != nil {
		t.Fatal(err)
	}
	return file.Bytes()
}

// parts returns a multipart body of fields, and its type.
func parts(t testing.TB, fields ...any) (body []byte, kind string) {
	t.Helper()
	var b bytes.Buffer
	w := multipart.NewWriter(&b)
	for i := 0; i < len(fields); i += 2 {
		part, err := w.CreateFormFile(fields[i].(string), "../../x.png")
		if err != nil {
			t.Fatal(err)
		}
		part.Write(fields[i+1].([]byte))
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes(), w.FormDataContentType()
}

// put marks an image, and returns what the server says.
func put(t *testing.T, s *Server, kind string, file, mask []byte) Label {
	t.Helper()
	body, as := file, "image/png"
	if mask != nil {
		body, as = parts(t, "image", file, "mask", mask)
	}
	w := ask(s, "POST", "/v1/labels?label="+kind, body, "Content-Type", as)
	var l Label
	if err := json.Unmarshal(w.Body.Bytes(), &l); err != nil || w.Code != http.StatusOK {
		t.Fatalf("status %d, %s: %v", w.Code, w.Body, err)
	}
	return l
}

// files returns the names of all files below a folder.
func files(t *testing.T, dir string) string {
	t.Helper()
	var all []string
	err := filepath.WalkDir(dir, func(path string, d os.DirEntry, err error) error {
		if err == nil && !d.IsDir() {
			name, _ := filepath.Rel(dir, path)
			all = append(all, filepath.ToSlash(name))
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return strings.Join(all, " ")
}

// Marks become folders that train and refit take, by names that are digests; a mark that
// changes moves its image.
func TestLabels(t *testing.T) {
	s, l := labelled(t, Options{})
	img, one := picture(t, 0)
	_, two := picture(t, 1)
	a := put(t, s, labelNormal, one, nil)
	b := put(t, s, labelDefect, two, maskFile(t, img.W, img.H, image.Rect(3, 4, 9, 8)))
	if a.ID != idOf(one) || a.Label != labelNormal || a.Mask || b.ID != idOf(two) || b.Label != labelDefect || !b.Mask {
		t.Errorf("%+v, %+v", a, b)
	}
	want := "defect/" + b.ID + ".png defect/ground_truth/" + b.ID + "_mask.png good/" + a.ID + ".png"
	if got := files(t, l.Dir()); got != want {
		t.Errorf("files %s, want %s", got, want)
	}
	d, err := dataset.Open(l.Dir(), dataset.Options{})
	if err != nil || d.Summary() != "layout classes: 1 normal (good), 1 anomalous (defect 1), masks for 1 of 1" {
		t.Errorf("%s, %v", d.Summary(), err)
	}
	defects, err := dataset.ReadDefects(t.Context(), filepath.Join(l.Dir(), "defect"), dataset.Options{}, dataset.ReadOptions{})
	if err != nil {
		t.Fatal(err)
	}
	mask, err := defects.Mask(0)
	if err != nil || mask.Bounds() != image.Rect(3, 4, 9, 8) || defects.Len() != 1 {
		t.Errorf("%v, %v", mask.Bounds(), err)
	}
	var all labelsAnswer
	if w := ask(s, "GET", "/v1/labels", nil); json.Unmarshal(w.Body.Bytes(), &all) != nil || len(all.Labels) != 2 || all.Labels[0] != (Label{a.ID, labelNormal, false, ""}) || all.Labels[1] != (Label{b.ID, labelDefect, true, ""}) || all.Most != 5 {
		t.Errorf("%s", w.Body)
	}
	w := ask(s, "GET", "/v1/labels/"+b.ID, nil)
	if !bytes.Equal(w.Body.Bytes(), two) || w.Header().Get("Content-Type") != "application/octet-stream" || !strings.Contains(w.Header().Get("Content-Security-Policy"), "sandbox") {
		t.Errorf("status %d, %v", w.Code, w.Header())
	}
	// Other marks of the same images.
	put(t, s, labelNormal, two, nil)
	put(t, s, labelDefect, one, nil)
	if got, want := files(t, l.Dir()), "defect/"+a.ID+".png good/"+b.ID+".png"; got != want {
		t.Errorf("files %s, want %s", got, want)
	}
	for _, id := range []string{a.ID, b.ID} {
		if w := ask(s, "DELETE", "/v1/labels/"+id, nil); w.Code != http.StatusOK {
			t.Errorf("status %d, %s", w.Code, w.Body)
		}
		if w := ask(s, "DELETE", "/v1/labels/"+id, nil); w.Code != http.StatusNotFound {
			t.Errorf("again: status %d, %s", w.Code, w.Body)
		}
	}
	if got := files(t, l.Dir()); got != "" {
		t.Errorf("files %s are left", got)
	}
}

// A smaller mask of the same shape takes the image's size.
func TestSmallMask(t *testing.T) {
	s, l := labelled(t, Options{})
	file := pngOf(t, imageio.NewImage(100, 75))
	made := put(t, s, labelDefect, file, maskFile(t, 20, 15, image.Rect(5, 5, 10, 10)))
	mask, err := imageio.DecodeMaskFile(l.maskPath(made.ID))
	if err != nil || mask.W != 100 || mask.H != 75 || mask.Bounds() != image.Rect(25, 25, 50, 50) {
		t.Errorf("%d×%d, %v, %v", mask.W, mask.H, mask.Bounds(), err)
	}
}

// Whatever cannot be kept is refused, and nothing is written.
func TestLabelRefusals(t *testing.T) {
	s, l := labelled(t, Options{})
	img, good := picture(t, 0)
	all := image.Rect(0, 0, img.W, img.H)
	for _, tt := range []struct {
		name, query string
		body        []any // fields; one alone is the whole body
		code        int
		say         string
	}{
		{"no kind", "", []any{good}, 400, "want normal or defect"},
		{"another kind", "?label=good", []any{good}, 400, "want normal or defect"},
		{"two kinds", "?label=normal&label=defect", []any{good}, 400, "one value"},
		{"a path for a model", "?label=normal&model=../m", []any{good}, 404, "no model"},
		{"nothing", "?label=normal", []any{[]byte{}}, 400, "empty"},
		{"no image", "?label=normal", []any{[]byte("<script>alert(1)</script>")}, 415, ""},
		{"half an image", "?label=normal", []any{good[:len(good)/2]}, 422, "cut off"},
		{"a bomb", "?label=normal", []any{bomb()}, 422, ""},
		{"too many pixels", "?label=normal", []any{pngClaiming(8192, 8192, nil)}, 413, "pixels"},
		{"too long", "?label=normal", []any{make([]byte, 1<<20+1)}, 413, "longer"},
		{"no part of that name", "?label=defect", []any{"../image", good}, 400, "want image and perhaps mask"},
		{"a mask alone", "?label=defect", []any{"mask", good}, 400, "no part of name image"},
		{"two images", "?label=defect", []any{"image", good, "image", good}, 400, "two parts"},
		{"a mask of a normal image", "?label=normal", []any{"image", good, "mask", maskFile(t, img.W, img.H, all.Inset(9))}, 400, "no mask"},
		{"a mask that is none", "?label=defect", []any{"image", good, "mask", []byte("text")}, 415, "mask"},
		{"a mask of another shape", "?label=defect", []any{"image", good, "mask", maskFile(t, img.W, img.H+1, all.Inset(9))}, 422, "same shape"},
		{"a black mask", "?label=defect", []any{"image", good, "mask", maskFile(t, img.W, img.H, image.Rectangle{})}, 422, "marks nothing"},
		{"a mask that looks inverted", "?label=defect", []any{"image", good, "mask", maskFile(t, img.W, img.H, image.Rect(0, 0, img.W, img.H-3))}, 422, "border"},
		{"a huge mask", "?label=defect", []any{"image", good, "mask", pngClaiming(8192, 8192, nil)}, 413, "mask"},
	} {
		body, kind := []byte(nil), ""
		if len(tt.body) == 1 {
			body = tt.body[0].([]byte)
		} else {
			body, kind = parts(t, tt.body...)
		}
		w := ask(s, "POST", "/v1/labels"+tt.query, body, "Content-Type", kind)
		if w.Code != tt.code || !strings.Contains(w.Body.String(), tt.say) {
			t.Errorf("%s: status %d, %s, want %d, %q", tt.name, w.Code, w.Body, tt.code, tt.say)
		}
	}
	for _, id := range []string{"..", "..%2f..%2fetc%2fpasswd", "%2e%2e", strings.Repeat("0", 32), "good", "a%00b"} {
		for _, method := range []string{"GET", "DELETE"} {
			if w := ask(s, method, "/v1/labels/"+id, nil); w.Code != http.StatusNotFound && w.Code != http.StatusTemporaryRedirect {
				t.Errorf("%s %s: status %d, %s", method, id, w.Code, w.Body)
			}
		}
	}
	if w := ask(s, "POST", "/v1/labels?label=normal", good, "Sec-Fetch-Site", "cross-site"); w.Code != http.StatusForbidden {
		t.Errorf("another site: status %d", w.Code)
	}
	if w := ask(s, "PUT", "/v1/labels", good); w.Code != http.StatusMethodNotAllowed || w.Header().Get("Allow") != "GET, POST, HEAD" {
		t.Errorf("PUT: status %d, %v", w.Code, w.Header())
	}
	if got := files(t, l.Dir()); got != "" {
		t.Errorf("files %s", got)
	}
}

// The folder takes as many images as it may, and those that it has again. Many clients at once
// change nothing of that.
func TestLabelsAreBounded(t *testing.T) {
	s, l := labelled(t, Options{})
	var all sync.WaitGroup
	for i := range 20 {
		_, file := picture(t, i%7)
		all.Go(func() {
			w := ask(s, "POST", "/v1/labels?label="+[]string{labelNormal, labelDefect}[i%2], file)
			if w.Code != http.StatusOK && w.Code != http.StatusInsufficientStorage {
				t.Errorf("status %d, %s", w.Code, w.Body)
			}
		})
	}
	all.Wait()
	got, err := l.list()
	if err != nil || len(got) != 5 {
		t.Errorf("%d marks, %v", len(got), err)
	}
	if names := files(t, l.Dir()); strings.Count(names, ".png") != 5 || strings.Contains(names, "tmp") {
		t.Errorf("files %s", names)
	}
}

func TestNoLabels(t *testing.T) {
	s, _ := newServer(t, Options{})
	_, file := picture(t, 0)
	for _, tt := range []struct{ method, path string }{
		{"GET", "/v1/labels"}, {"POST", "/v1/labels?label=normal"}, {"GET", "/v1/labels/0"}, {"DELETE", "/v1/labels/0"},
		{"GET", "/v1/refit"}, {"POST", "/v1/refit"}, {"DELETE", "/v1/refit"}, {"POST", "/v1/refit/use"},
		{"GET", "/v1/models/m/history"}, {"POST", "/v1/models/m/history/1"},
	} {
		if w := ask(s, tt.method, tt.path, file); w.Code != http.StatusNotFound || !strings.Contains(w.Body.String(), "this server") {
			t.Errorf("%s %s: status %d, %s", tt.method, tt.path, w.Code, w.Body)
		}
	}
	if _, err := New(Options{Limits: testLimits(), Refit: true}); err == nil {
		t.Error("refitting on no marks was taken")
	}
	if _, err := OpenLabels(t.TempDir(), 0); err == nil {
		t.Error("a folder for no marks was taken")
	}
}

// What a threshold promises follows the held-out images above it.
func TestPromiseOfThresholds(t *testing.T) {
	s, m := newServer(t, Options{})
	scores := m.Calibration().Scores
	for k, at := range map[int]float64{0: scores[18], 1: scores[17], 19: scores[0] - 1} {
		var got promiseAnswer
		text, _ := json.Marshal(at)
		w := ask(s, "GET", "/v1/models/m/promise?threshold="+string(text), nil)
		if err := json.Unmarshal(w.Body.Bytes(), &got); err != nil || got.Above != k || got.Held != 19 || got.Version != "one" {
			t.Errorf("%v: status %d, %s: %v", at, w.Code, w.Body, err)
			continue
		}
		if want := float64(k+1) / 20; k == 19 && got.FalseAlarm != nil || k < 19 && math.Abs(*got.FalseAlarm-want) > 1e-15 {
			t.Errorf("%v: %s, want %v", at, w.Body, want)
		}
	}
	for path, code := range map[string]int{
		"m/promise": 400, "m/promise?threshold=NaN": 400, "m/promise?threshold=1e999": 400, "m/promise?threshold=a": 400,
		"m/promise?threshold=1&x=1": 400, "n/promise?threshold=1": 404,
	} {
		if w := ask(s, "GET", "/v1/models/"+path, nil); w.Code != code {
			t.Errorf("%s: status %d, %s", path, w.Code, w.Body)
		}
	}
}
