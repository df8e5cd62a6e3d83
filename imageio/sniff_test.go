package imageio

import (
	"bytes"
	"encoding/binary"
	"errors"
	"image"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// What files are, by their first bytes.
func TestSniff(t *testing.T) {
	for head, want := range map[string]string{
		"":                                   "",
		"\x89PNG\r\n\x1a\n\x00":              "png",
		"\xff\xd8\xff\xe0":                   "jpeg",
		"GIF89a":                             "gif",
		"RIFF\x01\x02\x03\x04WEBPVP8 ":       "webp",
		"RIFF\x01\x02\x03\x04AVI LIST":       "avi",
		"II*\x00\x08\x00\x00\x00":            "tiff",
		"II*\x00\x10\x00\x00\x00CR\x02":      "cr2",
		"MM\x00+\x00\x08\x00\x00":            "tiff",
		"BM\x01\x02\x03\x04\x00\x00\x00\x00": "bmp",
		"\x00\x00\x00\x1cftypheic":           "heic",
		"\x00\x00\x00\x1cftypmif1":           "heic",
		"\x00\x00\x00\x1cftypavif":           "avif",
		"\x00\x00\x00\x1cftypisom":           "mp4",
		"\x00\x00\x00\x0cjP  \r\n\x87\n":     "jp2",
		"\xffO\xffQ":                         "j2k",
		"8BPS\x00\x01":                       "psd",
		"%PDF-1.7":                           "pdf",
		"PK\x03\x04":                         "zip",
		"P6\n2 2 255\n":                      "pnm",
		"version https://git-lfs.github.com/spec/v1\noid": "git-lfs",
		"<!DOCTYPE html><html>":                           "html",
		"\ufeff\n <HTML lang=en>":                         "html",
		"<?xml version=\"1.0\"?>\n<svg ":                  "svg",
		"<?xml version=\"1.0\"?>":                         "xml",
		"{\"error\": 404}":                                "json",
		"404: Not Found":                                  "text",
		"Zürich \xc3":                                     "text",
		strings.Repeat("\x00", 512):                       "zeros",
		strings.Repeat("\x00", 128) + "DICM":              "dicom",
		"\x01\x02\x03\x04":                                "",
		"\xe9caf":                                         "",
	} {
		if got := Sniff([]byte(head)); got.Name != want {
			t.Errorf("%q: %q, want %q", head, got.Name, want)
		} else if want != "" && (got.What == "" || got.Advice == "") {
			t.Errorf("%q: %+v", head, got)
		}
	}
}

// A file that is no picture is refused by its path, what it is, and what to do.
func TestRefusals(t *testing.T) {
	targa := make([]byte, 18+12)
	copy(targa, []byte{0, 0, 2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 2, 0, 2, 0, 24, 0})
	dir := t.TempDir()
	for _, c := range []struct{ name, data, want string }{
		{"a.jpg", "\x00\x00\x00\x1cftypheic\x00\x00\x00\x00", "an HEIC photograph named .jpg: convert it to PNG or JPEG"},
		{"a.HEIC", "\x00\x00\x00\x1cftypheic\x00\x00\x00\x00", "an HEIC photograph: convert it to PNG or JPEG"},
		{"a.png", "version https://git-lfs.github.com/spec/v1\n", "a Git LFS pointer named .png: run git lfs pull"},
		{"a.jpg", "<html><body>not found", "a web page (HTML) named .jpg: download the picture itself"},
		{"a.jpg", "not found", "image: unknown format: text named .jpg: replace it by the picture"},
		{"a.tga", string(targa), "a Targa picture (TGA): convert it to PNG or JPEG"},
		{"a.png", "\x07\x08\x09", `image: unknown format: a file that starts with "\a\b\t", unlike any format that this program knows`},
		{"noext", "%PDF-1.4", "a PDF document: export its pages as PNG"},
	} {
		path := filepath.Join(dir, c.name)
		if err := os.WriteFile(path, []byte(c.data), 0o644); err != nil {
			t.Fatal(err)
		}
		_, err := DecodeFile(path)
		var f *FormatError
		if !errors.As(err, &f) || !errors.Is(err, image.ErrFormat) || err.Error() != path+": "+c.want {
			t.Errorf("%v, want %q", err, path+": "+c.want)
		}
	}
}

// A sound file with a feature that its decoder lacks is not called broken.
func TestUnsupported(t *testing.T) {
	jpg := encodeJPEG(t, noise(5, 7).ToImage())
	for what, data := range map[string][]byte{
		"12 bits":           patch(jpg, "\xff\xc0", 2, 12),
		"arithmetic coding": patch(jpg, "\xff\xc0", -1, 0xc9),
	} {
		_, err := Decode(bytes.NewReader(data))
		const want = "a jpeg with a feature that this program does not read: unsupported JPEG feature: "
		if err == nil || !strings.HasPrefix(err.Error(), want) || !strings.HasSuffix(err.Error(), ": convert it to PNG or baseline JPEG") {
			t.Errorf("%s: %v", what, err)
		}
	}
}

// An animated WebP is its first frame, where that lies on the canvas. The decoder is the
// command's; here the rebuilt still picture is looked at.
func TestAnimatedWebP(t *testing.T) {
	chunk := func(name string, data []byte) []byte {
		b := binary.LittleEndian.AppendUint32([]byte(name), uint32(len(data)))
		b = append(b, data...)
		return append(b, make([]byte, len(data)%2)...)
	}
	file := func(flags byte, chunks ...[]byte) []byte {
		b := []byte("RIFF\x00\x00\x00\x00WEBP")
		b = append(b, chunk("VP8X", []byte{flags, 0, 0, 0, 99, 0, 0, 49, 0, 0})...)
		return append(b, bytes.Join(chunks, nil)...)
	}
	frame := append([]byte{5, 0, 0, 3, 0, 0, 19, 0, 0, 9, 0, 0, 40, 0, 0, 0}, chunk("VP8L", []byte("pixels"))...)
	f, err := animatedWebP(bytesSource(file(2, chunk("ANIM", make([]byte, 6)), chunk("ANMF", frame))))
	if err != nil {
		t.Fatal(err)
	}
	if f.at != image.Pt(10, 6) || f.canvas != image.Pt(100, 50) {
		t.Errorf("at %v of %v", f.at, f.canvas)
	}
	want := "RIFF\x24\x00\x00\x00WEBPVP8X\x0a\x00\x00\x00\x00\x00\x00\x00\x13\x00\x00\x09\x00\x00VP8L\x06\x00\x00\x00pixels"
	if got := string(head(f.file, 1000)); got != want {
		t.Errorf("%q, want %q", got, want)
	}
	if f, err := animatedWebP(bytesSource(file(0, chunk("VP8L", []byte("pixels"))))); f != nil || err != nil {
		t.Errorf("a still picture: %v, %v", f, err)
	}
	if _, err := animatedWebP(bytesSource(file(2, chunk("ANIM", make([]byte, 6))))); err == nil || !strings.Contains(err.Error(), "an animation without a frame") {
		t.Error(err)
	}
}

// FuzzSniff: a kind has a name and words, or neither name nor advice.
func FuzzSniff(f *testing.F) {
	for _, s := range signatures {
		f.Add([]byte(s.start))
	}
	f.Add([]byte("\x00\x00\x00\x1cftypmif1"))
	f.Add([]byte("<html>"))
	f.Fuzz(func(t *testing.T, data []byte) {
		k := sniffFile(bytesSource(data))
		if (k.Name == "") != (k.Advice == "") || k.What == "" {
			t.Errorf("%+v", k)
		}
		if _, err := animatedWebP(bytesSource(data)); err != nil && !bytes.HasPrefix(data, []byte("RIFF")) {
			t.Error(err)
		}
	})
}
