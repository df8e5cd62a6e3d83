package imageio

import (
	"encoding/hex"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"

	"anomem/nn/rng"
)

// noise is an image of random bytes.
func noise(w, h int) *Image {
	m := NewImage(w, h)
	fillRandom(m.Pix, "noise")
	return m
}

func fillRandom(p []byte, name string) {
	s := rng.New(1, rng.Name(name))
	for i := range p {
		p[i] = byte(s.Uint64() >> 56)
	}
}

// fixture returns the lines of a file of testdata/images.
func fixture(t testing.TB, name string) []string {
	t.Helper()
	data, err := os.ReadFile("../testdata/images/" + name)
	if err != nil {
		t.Fatal(err)
	}
	return slices.Collect(strings.Lines(string(data)))
}

func unhex(t testing.TB, s string) []byte {
	t.Helper()
	b, err := hex.DecodeString(s)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// wantPanic fails unless f panics with the message.
func wantPanic(t *testing.T, want string, f func()) {
	t.Helper()
	defer func() {
		t.Helper()
		if got := fmt.Sprint(recover()); got != want {
			t.Errorf("panic %q, want %q", got, want)
		}
	}()
	f()
}
