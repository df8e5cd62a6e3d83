package serve

import (
	"crypto/sha256"
	"crypto/subtle"
	"fmt"
	"io"
	"net/http"
	"os"
	"strings"
	"sync/atomic"
)

// Tokens are the bearer tokens of a file (RFC 6750), one a line. Empty lines and those that
// begin with # are left out.
type Tokens struct {
	path string
	sums atomic.Pointer[[][sha256.Size]byte] // so that comparing takes the same time for all lengths
}

// leastToken is the length of the shortest token, in bytes, that is no password to guess.
const leastToken = 16

// ReadTokens reads the tokens of a file. It is an error if there are none, or one is shorter
// than 16 bytes.
func ReadTokens(path string) (*Tokens, error) {
	t := &Tokens{path: path}
	return t, t.Reload()
}

// Reload reads the file again. After an error the tokens stay as they were.
func (t *Tokens) Reload() error {
	const longest = 1 << 20
	f, err := os.Open(t.path)
	if err != nil {
		return err
	}
	defer f.Close()
	text, err := io.ReadAll(io.LimitReader(f, longest+1))
	if err != nil {
		return err
	}
	if len(text) > longest {
		return fmt.Errorf("%s: longer than %d bytes: want a token a line", t.path, longest)
	}
	var sums [][sha256.Size]byte
	n := 0
	for line := range strings.Lines(string(text)) {
		n++
		token := strings.TrimSpace(line)
		if token == "" || token[0] == '#' {
			continue
		}
		if len(token) < leastToken {
			return fmt.Errorf("%s:%d: a token of %d bytes, which can be guessed: want %d or more, such as openssl rand -hex 32 gives", t.path, n, len(token), leastToken)
		}
		sums = append(sums, sha256.Sum256([]byte(token)))
	}
	if len(sums) == 0 {
		return fmt.Errorf("%s: no token: write one a line", t.path)
	}
	t.sums.Store(&sums)
	return nil
}

// allow reports whether a request bears one of the tokens. It takes the same time for all
// that are wrong.
func (t *Tokens) allow(r *http.Request) bool {
	kind, token, _ := strings.Cut(r.Header.Get("Authorization"), " ")
	sum := sha256.Sum256([]byte(strings.TrimSpace(token)))
	found := 0
	for _, want := range *t.sums.Load() {
		found |= subtle.ConstantTimeCompare(sum[:], want[:])
	}
	return found == 1 && strings.EqualFold(kind, "Bearer")
}
