package serve

import (
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestTokens(t *testing.T) {
	path := filepath.Join(t.TempDir(), "tokens")
	write := func(text string) {
		t.Helper()
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	write("# of the line\n\n  0123456789abcdef \r\nanother-token-of-some-length\n")
	tokens, err := ReadTokens(path)
	if err != nil {
		t.Fatal(err)
	}
	s, _ := newServer(t, Options{Tokens: tokens})
	code := func(path, header string) int { return ask(s, "GET", path, nil, "Authorization", header).Code }
	for header, want := range map[string]int{
		"Bearer 0123456789abcdef":              200,
		"bearer another-token-of-some-length":  200,
		"Bearer 0123456789abcdeF":              401,
		"Bearer 0123456789abcde":               401,
		"Bearer 0123456789abcdef0":             401,
		"Basic 0123456789abcdef":               401,
		"0123456789abcdef":                     401,
		"Bearer":                               401,
		"Bearer ":                              401,
		"Bearer # of the line":                 401,
		"":                                     401,
		"Bearer " + strings.Repeat("a", 60000): 401,
	} {
		for _, path := range []string{"/v2", "/metrics", "/openapi.json", "/v2/models/m"} {
			if got := code(path, header); got != want {
				t.Errorf("%s, %.40q: status %d, want %d", path, header, got, want)
			}
		}
	}
	if w := ask(s, "GET", "/nowhere", nil); w.Code != 401 || w.Header().Get("WWW-Authenticate") != "Bearer" {
		t.Errorf("status %d, %v", w.Code, w.Header())
	}
	if got := code("/v2/health/live", ""); got != 200 {
		t.Errorf("health without a token: status %d", got)
	}

	write("a-new-token-and-no-other\n")
	if err := tokens.Reload(); err != nil || code("/v2", "Bearer a-new-token-and-no-other") != 200 || code("/v2", "Bearer 0123456789abcdef") != 401 {
		t.Errorf("after a reload: %v", err)
	}
	for _, text := range []string{"", "\n# nothing\n", "0123456789abcde\n", strings.Repeat("#", 1<<20+1)} {
		write(text)
		if err := tokens.Reload(); err == nil {
			t.Errorf("a file of %.30q is taken", text)
		}
		if code("/v2", "Bearer a-new-token-and-no-other") != 200 {
			t.Errorf("a file of %.30q changed the tokens", text)
		}
	}
}

// A server for this machine alone answers no page of another name, and no server a page of
// another site.
func TestOtherSites(t *testing.T) {
	local, _ := newServer(t, Options{Local: true})
	open, _ := newServer(t, Options{})
	for host, want := range map[string]int{
		"localhost": 200, "LOCALHOST:8080": 200, "127.0.0.1:8080": 200, "[::1]:8080": 200, "a.localhost": 200,
		"evil.example": 421, "127.0.0.1.evil.example": 421, "10.0.0.1": 421, "": 421, "localhost.evil.example:8080": 421,
	} {
		r := httptest.NewRequest("GET", "/v2", nil)
		r.Host = host
		w := httptest.NewRecorder()
		if local.ServeHTTP(w, r); w.Code != want {
			t.Errorf("host %q: status %d, want %d", host, w.Code, want)
		}
		w = httptest.NewRecorder()
		if open.ServeHTTP(w, r); w.Code != 200 {
			t.Errorf("host %q: status %d of a server for all", host, w.Code)
		}
	}
	if w := ask(open, "POST", "/v1/score", nil, "Sec-Fetch-Site", "cross-site"); w.Code != http.StatusForbidden || !strings.Contains(w.Body.String(), "another site") {
		t.Errorf("status %d, %s", w.Code, w.Body)
	}
}
