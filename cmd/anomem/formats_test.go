package main

import (
	"bytes"
	"compress/zlib"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"anomem/imageio"
)

// A formatFile is a line of formats.txt.
type formatFile struct {
	name      string
	tolerance int
	data      []byte
	w, h      int
	pixels    string
}

func formatFiles(t testing.TB) []formatFile {
	t.Helper()
	text, err := os.ReadFile(filepath.FromSlash("../../testdata/images/formats.txt"))
	if err != nil {
		t.Fatal(err)
	}
	var files []formatFile
	for line := range strings.Lines(string(text)) {
		var f formatFile
		var packed string
		if _, err := fmt.Sscan(line, &f.name, &f.tolerance, &packed, &f.w, &f.h, &f.pixels); err != nil {
			t.Fatal(err)
		}
		z, err := zlib.NewReader(base64.NewDecoder(base64.StdEncoding, strings.NewReader(packed)))
		if err != nil {
			t.Fatal(err)
		}
		if f.data, err = io.ReadAll(z); err != nil {
			t.Fatal(err)
		}
		files = append(files, f)
	}
	return files
}

// The command sees in files of all formats what Pillow sees. Lossless formats and lossy
// WebP are the same pixels. JPEG decoders may differ: both are within a level of the exact
// cosine transform of each channel, and conversions multiply that by up to 1.772.
func TestFormatsAsPillow(t *testing.T) {
	files := formatFiles(t)
	for _, f := range files {
		m, err := imageio.Decode(bytes.NewReader(f.data))
		if err != nil {
			t.Errorf("%s: %v", f.name, err)
			continue
		}
		if m.W != f.w || m.H != f.h {
			t.Errorf("%s: %d×%d, want %d×%d", f.name, m.W, m.H, f.w, f.h)
			continue
		}
		if digest, ok := strings.CutPrefix(f.pixels, "sha256:"); ok {
			if got := fmt.Sprintf("%x", sha256.Sum256(m.Pix)); got != digest {
				t.Errorf("%s: other pixels: % x", f.name, m.Pix[:min(30, len(m.Pix))])
			}
			continue
		}
		want, err := hex.DecodeString(f.pixels)
		if err != nil {
			t.Fatal(err)
		}
		for i, v := range m.Pix {
			if d := int(v) - int(want[i]); d > f.tolerance || -d > f.tolerance {
				t.Errorf("%s: byte %d is %d, want %d ± %d", f.name, i, v, want[i], f.tolerance)
				break
			}
		}
	}
	if len(files) < 300 {
		t.Errorf("%d files", len(files))
	}
}
