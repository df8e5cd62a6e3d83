package serve

import (
	"encoding/json"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// The page and its files are there for all, with a policy that allows nothing from elsewhere,
// and need no token. All else does.
func TestPage(t *testing.T) {
	path := filepath.Join(t.TempDir(), "tokens")
	if err := os.WriteFile(path, []byte("0123456789abcdef"), 0o600); err != nil {
		t.Fatal(err)
	}
	tokens, err := ReadTokens(path)
	if err != nil {
		t.Fatal(err)
	}
	s, _ := newServer(t, Options{Page: true, Tokens: tokens})
	page := ask(s, "GET", "/", nil)
	if kind := page.Header().Get("Content-Type"); page.Code != http.StatusOK || kind != "text/html; charset=utf-8" {
		t.Fatalf("status %d, %s", page.Code, kind)
	}
	policy := page.Header().Get("Content-Security-Policy")
	if !strings.HasPrefix(policy, "default-src 'none'; ") || strings.Contains(policy, "unsafe") || strings.Contains(policy, "*") {
		t.Errorf("policy %q", policy)
	}
	files := regexp.MustCompile(`(?:src|href)="(page/[^"]+)"`).FindAllStringSubmatch(page.Body.String(), -1)
	if len(files) != 2 {
		t.Errorf("the page names %q", files)
	}
	entries, err := pageFiles.ReadDir("page")
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		if e.Name() == "index.html" {
			continue
		}
		w := ask(s, "GET", "/page/"+e.Name(), nil)
		if w.Code != http.StatusOK || !regexp.MustCompile(`^text/(css|javascript); charset=utf-8$`).MatchString(w.Header().Get("Content-Type")) {
			t.Errorf("%s: status %d, %s", e.Name(), w.Code, w.Header())
		}
		if strings.Contains(w.Body.String(), "://") || strings.Contains(w.Body.String(), "innerHTML") {
			t.Errorf("%s: it asks another server, or takes text for HTML", e.Name())
		}
	}
	for _, path := range []string{"/page/index.html", "/page/", "/page", "/page/none.js", "/page/..%2fpage.go", "/page/%2e%2e/serve.go", "/v1/models", "/page/../v1/models"} {
		if w := ask(s, "GET", path, nil); w.Code != http.StatusUnauthorized {
			t.Errorf("%s without a token: status %d", path, w.Code)
		}
	}
	if w := ask(s, "GET", "/page/none.js", nil, "Authorization", "Bearer 0123456789abcdef"); w.Code != http.StatusNotFound {
		t.Errorf("a file that is not there: status %d", w.Code)
	}
	if w := ask(s, "POST", "/", nil); w.Code != http.StatusMethodNotAllowed {
		t.Errorf("POST: status %d", w.Code)
	}
}

// Without the option there is no page, and what Root answers is its own.
func TestNoPage(t *testing.T) {
	s, _ := newServer(t, Options{})
	if w := ask(s, "GET", "/", nil); w.Code != http.StatusNotFound {
		t.Errorf("status %d", w.Code)
	}
	s, _ = newServer(t, Options{Page: true, Root: http.NotFoundHandler()})
	if w := ask(s, "GET", "/other", nil); w.Code != http.StatusNotFound || w.Header().Get("Content-Security-Policy") != "" {
		t.Errorf("status %d", w.Code)
	}
}

func TestListModels(t *testing.T) {
	s, m := newServer(t, Options{})
	var got modelsAnswer
	w := ask(s, "GET", "/v1/models", nil)
	if err := json.Unmarshal(w.Body.Bytes(), &got); err != nil || len(got.Models) != 1 {
		t.Fatalf("status %d, %s: %v", w.Code, w.Body, err)
	}
	threshold, alpha := m.Threshold()
	if a := got.Models[0]; a.Name != "m" || a.Version != "one" || *a.Threshold != threshold || *a.FalseAlarm != alpha || a.Confidence != 0 {
		t.Errorf("%+v", a)
	}
}
