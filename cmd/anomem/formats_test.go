package main

import (
	"bytes"
	"compress/zlib"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"image"
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

// Every orientation of the formats that the library does not bring. It tests the others.
func TestOrientationsAsPillow(t *testing.T) {
	text, err := os.ReadFile(filepath.FromSlash("../../testdata/images/files.txt"))
	if err != nil {
		t.Fatal(err)
	}
	cases := 0
	for line := range strings.Lines(string(text)) {
		var format, file, pixels string
		var o, w, h int
		if _, err := fmt.Sscan(line, &format, &o, &file, &w, &h, &pixels); err != nil {
			t.Fatal(err)
		}
		if format != "webp" && format != "tiff" {
			continue
		}
		cases++
		data, err := hex.DecodeString(file)
		if err != nil {
			t.Fatal(err)
		}
		m, err := imageio.Decode(bytes.NewReader(data))
		if err != nil {
			t.Errorf("%s, orientation %d: %v", format, o, err)
		} else if m.W != w || m.H != h || hex.EncodeToString(m.Pix) != pixels {
			t.Errorf("%s, orientation %d: another picture", format, o)
		}
	}
	if cases != 16 {
		t.Errorf("%d files", cases)
	}
}

// The whole of a file decodes from any reader to the same picture, and no half of one is
// called anything but cut off or broken.
func TestFormatsCutOff(t *testing.T) {
	for _, f := range formatFiles(t) {
		whole, err := imageio.Decode(bytes.NewReader(f.data))
		if err != nil {
			t.Fatalf("%s: %v", f.name, err)
		}
		stream, err := imageio.Decode(io.MultiReader(bytes.NewReader(f.data)))
		if err != nil || !bytes.Equal(stream.Pix, whole.Pix) {
			t.Errorf("%s: another picture from a stream: %v", f.name, err)
		}
		_, err = imageio.Decode(bytes.NewReader(f.data[:len(f.data)/2]))
		if err != nil && !strings.Contains(err.Error(), " is cut off: ") && !strings.HasPrefix(err.Error(), "broken ") {
			t.Errorf("%s: half of it: %v", f.name, err)
		}
	}
}

// FuzzFormats: nothing panics in any decoder of the command, images are whole, and masks
// have their sizes.
func FuzzFormats(f *testing.F) {
	for i, file := range formatFiles(f) {
		if i%5 == 0 && len(file.data) < 2000 {
			f.Add(file.data)
		}
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		config, _, err := image.DecodeConfig(bytes.NewReader(data))
		if err == nil && config.Width > 0 && config.Height > 1<<16/config.Width {
			t.Skip("large")
		}
		// The canvas of an animated WebP is not of its frame.
		if len(data) > 30 && bytes.HasPrefix(data[8:], []byte("WEBPVP8X")) && bytes.Count(data[24:30], []byte{0}) < 4 {
			t.Skip("large")
		}
		m, err := imageio.Decode(bytes.NewReader(data))
		if err != nil {
			if m != nil {
				t.Errorf("%v, %v", m, err)
			}
			return
		}
		if m.W < 1 || m.H < 1 || len(m.Pix) != 3*m.W*m.H {
			t.Errorf("%d×%d, %d bytes", m.W, m.H, len(m.Pix))
		}
		mask, err := imageio.DecodeMask(bytes.NewReader(data))
		if err != nil || mask.W != m.W || mask.H != m.H {
			t.Errorf("mask: %v, %v", mask, err)
		}
	})
}
