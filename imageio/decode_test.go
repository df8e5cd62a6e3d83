package imageio

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"hash/crc32"
	"image"
	"image/color"
	"image/gif"
	"image/png"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/iotest"
)

func encodePNG(t testing.TB, m image.Image) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := png.Encode(&b, m); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func encodeGIF(t testing.TB, g *gif.GIF) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := gif.EncodeAll(&b, g); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// tinyFiles returns a sound file of each format of the standard library and of each
// kind of its pixels.
func tinyFiles(t testing.TB) map[string][]byte {
	r := image.Rect(0, 0, 5, 3)
	files := map[string][]byte{}
	for _, c := range pictures(r) {
		switch c.picture.(type) {
		case *image.YCbCr, *image.NYCbCrA, *image.CMYK: // not of PNG
		case *image.RGBA:
		default:
			files["png/"+c.name] = encodePNG(t, c.picture)
		}
	}
	files["jpeg/grey"] = encodeJPEG(t, pictures(r)[0].picture)
	files["jpeg/colour"] = encodeJPEG(t, noise(5, 3).ToImage())
	p := image.NewPaletted(r, color.Palette{color.White, color.Black, color.Transparent})
	p.Pix[4], p.Pix[5] = 1, 2
	files["gif"] = encodeGIF(t, &gif.GIF{Image: []*image.Paletted{p, p}, Delay: []int{0, 0}})
	return files
}

func TestDecode(t *testing.T) {
	for name, data := range tinyFiles(t) {
		picture, _, err := image.Decode(bytes.NewReader(data))
		if err != nil {
			t.Fatal(err)
		}
		want := FromImage(picture)
		m, err := Decode(bytes.NewReader(data))
		if err != nil {
			t.Errorf("%s: %v", name, err)
		} else if m.W != 5 || m.H != 3 || !bytes.Equal(m.Pix, want.Pix) {
			t.Errorf("%s: not what FromImage makes of the picture", name)
		}
		// A reader that gives a byte at a time.
		if slow, err := Decode(iotest.OneByteReader(bytes.NewReader(data))); err != nil || !bytes.Equal(slow.Pix, want.Pix) {
			t.Errorf("%s: byte by byte: %v", name, err)
		}
	}
}

// Files of Pillow, and what it sees in them. JPEG decoders may differ: both are within
// a level of the exact cosine transform, and both round the colours then.
func TestDecodeAsPillow(t *testing.T) {
	cases := 0
	for _, line := range fixture(t, "files.txt") {
		var format, file, pixels string
		var o, w, h int
		if _, err := fmt.Sscan(line, &format, &o, &file, &w, &h, &pixels); err != nil {
			t.Fatal(err)
		}
		data, want := unhex(t, file), unhex(t, pixels)
		if got := orientation(format, bytesSource(data)); got != o {
			t.Errorf("%s: orientation %d, want %d", format, got, o)
		}
		cases++
		tolerance := map[string]int{"png": 0, "jpeg": 3}[format]
		if format == "webp" || format == "tiff" {
			continue // the command has their decoders
		}
		m, err := Decode(bytes.NewReader(data))
		if err != nil {
			t.Errorf("%s, orientation %d: %v", format, o, err)
			continue
		}
		if m.W != w || m.H != h {
			t.Errorf("%s, orientation %d: %d×%d, want %d×%d", format, o, m.W, m.H, w, h)
			continue
		}
		for i, v := range m.Pix {
			if distance(int(v), int(want[i])) > tolerance {
				t.Errorf("%s, orientation %d: byte %d is %d, want %d", format, o, i, v, want[i])
				break
			}
		}
	}
	if cases != 8*4+4 {
		t.Errorf("%d files", cases)
	}
}

// The bits of a decoded JPEG depend on the release of Go: 1.26 brought new cosine
// transforms. If this fails after a change of release, models trained before see
// images that differ by a level here and there.
func TestDecodeBits(t *testing.T) {
	hash := sha256.New()
	for _, line := range fixture(t, "files.txt") {
		var format, file string
		var o int
		if _, err := fmt.Sscan(line, &format, &o, &file); err != nil {
			t.Fatal(err)
		}
		if format != "jpeg" {
			continue
		}
		m, err := Decode(bytes.NewReader(unhex(t, file)))
		if err != nil {
			t.Fatal(err)
		}
		hash.Write(m.Pix)
	}
	const want = "43173eb5ad8b3dec3e95ec7890d67f25401e1d6b7eaead0a0825c446a06111ee"
	if got := hex.EncodeToString(hash.Sum(nil)); got != want {
		t.Errorf("digest %s, want %s", got, want)
	}
}

// pngOf is the start of a PNG that claims a size.
func pngOf(w, h uint32) []byte {
	b := []byte("\x89PNG\r\n\x1a\n\x00\x00\x00\x0dIHDR")
	b = binary.BigEndian.AppendUint32(b, w)
	b = binary.BigEndian.AppendUint32(b, h)
	b = append(b, 16, 6, 0, 0, 0)
	return binary.BigEndian.AppendUint32(b, crc32.ChecksumIEEE(b[12:]))
}

// patch overwrites the bytes behind a mark.
func patch(data []byte, mark string, offset int, b ...byte) []byte {
	p := bytes.Clone(data)
	copy(p[bytes.Index(p, []byte(mark))+len(mark)+offset:], b)
	return p
}

func TestDecodeErrors(t *testing.T) {
	files := tinyFiles(t)
	jpg, gif := files["jpeg/colour"], files["gif"]
	sof := "\xff\xc0" // then length, precision, height, width
	for _, c := range []struct {
		what, want string
		data       []byte
	}{
		{"no bytes", "the image file is empty", nil},
		{"text", "image: unknown format: text: replace it by the picture", []byte("hello")},
		{"other bytes", `image: unknown format: a file that starts with "\x01\x02\x03", unlike any`, []byte{1, 2, 3}},
		{"a PNG of 2⁵⁰ pixels", "the png claims 1073741824×1048576 pixels, more than 134217728", pngOf(1<<30, 1<<20)},
		{"one pixel too many", "the png claims 134217729×1 pixels", pngOf(MaxPixels+1, 1)},
		{"one column too many", "the png claims 16385×8192 pixels", pngOf(1<<14+1, 1<<13)},
		{"a JPEG of 65535²", "the jpeg claims 65535×65535 pixels", patch(jpg, sof, 3, 0xff, 0xff, 0xff, 0xff)},
		{"a GIF of 65535²", "the gif claims 65535×65535 pixels", patch(gif, "GIF89a", 0, 0xff, 0xff, 0xff, 0xff)},
		{"a PNG of 0×3", "broken png: png: invalid format: non-positive dimension", pngOf(0, 3)},
		{"a JPEG of 0×3", "the jpeg has no pixels: 0×3", patch(jpg, sof, 3, 0, 3, 0, 0)},
		{"a GIF of 0×3", "the gif has no pixels: 0×3", patch(gif, "GIF89a", 0, 0, 0)},
		{"a PNG with a wrong checksum", "broken png: png: invalid format: invalid checksum", patch(files["png/Gray"], "IEND", 0, 0)},
		{"a header alone", "the png is cut off", pngOf(5, 3)},
	} {
		m, err := Decode(bytes.NewReader(c.data))
		if err == nil || m != nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v, want an error with %q", c.what, err, c.want)
		}
	}
}

// No part of a file decodes but one that lacks nothing of the first picture; from the
// signature on the error says that the file is cut off.
func TestDecodeTruncated(t *testing.T) {
	for name, data := range tinyFiles(t) {
		format, _, _ := strings.Cut(name, "/")
		whole := len(data)
		if format == "gif" {
			// Its second picture does not count: up to the start of that.
			whole = bytes.LastIndex(data, []byte("\x21\xf9"))
		}
		for n := range whole {
			m, err := Decode(bytes.NewReader(data[:n]))
			if err == nil || m != nil {
				t.Errorf("%s: decodes from %d of %d bytes", name, n, len(data))
			} else if n >= 8 && !strings.Contains(err.Error(), "the "+format+" is cut off") {
				t.Errorf("%s: %d of %d bytes: %v", name, n, len(data), err)
			}
		}
	}
}

// Formats whose decoders fail in ways of their own.
func init() {
	r := image.Rect(0, 0, 2, 2)
	register := func(name string, w, h int, decode func() image.Image) {
		image.RegisterFormat(name, strings.ToUpper(name),
			func(io.Reader) (image.Image, error) { return decode(), nil },
			func(io.Reader) (image.Config, error) { return image.Config{Width: w, Height: h}, nil })
	}
	register("panicking", 2, 2, func() image.Image { panic("slice bounds out of range") })
	register("growing", 2, 2, func() image.Image { return image.NewGray(image.Rect(0, 0, 3, 2)) })
	register("vanishing", 2, 2, func() image.Image { return image.NewGray(image.Rectangle{}) })
	register("colourless", 2, 2, func() image.Image {
		p := image.NewPaletted(r, color.Palette{color.Black, color.White})
		p.Pix[3] = 2
		return p
	})
}

func TestDecodersThatFail(t *testing.T) {
	for format, want := range map[string]string{
		"panicking":  "the decoder panicked, the image must be broken: slice bounds out of range",
		"growing":    "broken growing: the picture covers (0,0)-(3,2), the header says (0,0)-(2,2)",
		"vanishing":  "broken vanishing: the picture covers (0,0)-(0,0), the header says (0,0)-(2,2)",
		"colourless": "broken colourless: pixel (1, 1) has colour 2 of a palette of 2",
	} {
		m, err := Decode(strings.NewReader(strings.ToUpper(format)))
		if err == nil || m != nil || err.Error() != want {
			t.Errorf("%s: error %v, want %q", format, err, want)
		}
	}
}

// A GIF whose first picture is smaller than its screen: the rest is white.
func TestDecodeSmallFrame(t *testing.T) {
	p := image.NewPaletted(image.Rect(1, 2, 3, 3), color.Palette{color.Black, color.Gray{90}})
	p.Pix[1] = 1
	m, err := Decode(bytes.NewReader(encodeGIF(t, &gif.GIF{
		Image: []*image.Paletted{p}, Delay: []int{0}, Config: image.Config{Width: 4, Height: 4},
	})))
	if err != nil {
		t.Fatal(err)
	}
	want := NewImage(4, 4)
	for i := range want.Pix {
		want.Pix[i] = 255
	}
	copy(want.Pix[3*(4*2+1):], []byte{0, 0, 0, 90, 90, 90})
	if m.W != 4 || m.H != 4 || !bytes.Equal(m.Pix, want.Pix) {
		t.Errorf("%v, want %v", m, want)
	}
}

func TestReadAtMost(t *testing.T) {
	if b, err := readAtMost(strings.NewReader("12345"), 5); err != nil || string(b) != "12345" {
		t.Errorf("%q, %v", b, err)
	}
	if _, err := readAtMost(strings.NewReader("123456"), 5); err == nil || err.Error() != "the image file is longer than 5 bytes" {
		t.Error(err)
	}
	lost := errors.New("the disk is gone")
	if _, err := readAtMost(iotest.ErrReader(lost), 5); !errors.Is(err, lost) {
		t.Error(err)
	}
}

func TestDecodeFile(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "a.png")
	data := tinyFiles(t)["png/RGBA64"]
	for _, c := range []struct {
		path string
		data []byte
		want string // nothing for success
	}{
		{path, data, ""},
		{path, data[:len(data)-1], path + ": the png is cut off: unexpected EOF"},
		{path, nil, path + ": the image file is empty"},
	} {
		if err := os.WriteFile(path, c.data, 0o644); err != nil {
			t.Fatal(err)
		}
		m, err := DecodeFile(path)
		if c.want == "" && (err != nil || m.W != 5) || c.want != "" && (err == nil || err.Error() != c.want) {
			t.Errorf("%v, %v, want error %q", m, err, c.want)
		}
	}
	if _, err := DecodeFile(filepath.Join(dir, "b.png")); !errors.Is(err, os.ErrNotExist) || strings.Count(err.Error(), "b.png") != 1 {
		t.Errorf("missing: %v", err)
	}
	if _, err := DecodeFile(dir); err == nil || strings.Count(err.Error(), dir) != 1 {
		t.Errorf("a folder: %v", err)
	}
}

// FuzzDecode: nothing panics, an image is whole, and what claims too much is refused.
func FuzzDecode(f *testing.F) {
	for _, data := range tinyFiles(f) {
		f.Add(data)
		f.Add(data[:len(data)/2])
	}
	jpg := encodeJPEG(f, noise(5, 7).ToImage())
	f.Add(withSegments(jpg, app1(oriented(binary.BigEndian, 5))))
	f.Add(withSegments(jpg, app1(oriented(binary.LittleEndian, 77)[:15])))
	f.Add(pngOf(MaxPixels, 2))
	f.Fuzz(func(t *testing.T, data []byte) {
		config, _, err := image.DecodeConfig(bytes.NewReader(data))
		claims := int64(config.Width) * int64(config.Height)
		if err == nil && claims > 1<<20 && claims <= MaxPixels {
			t.Skip("large, but allowed")
		}
		m, err := Decode(bytes.NewReader(data))
		if err != nil {
			if m != nil || strings.Contains(err.Error(), "panicked") && !bytes.HasPrefix(data, []byte("PANICKING")) {
				t.Errorf("%v, %v", m, err)
			}
			return
		}
		if claims > MaxPixels || m.W < 1 || m.H < 1 || int64(m.W)*int64(m.H) != claims || len(m.Pix) != 3*m.W*m.H {
			t.Errorf("%d×%d, %d bytes of an image of %d×%d", m.W, m.H, len(m.Pix), config.Width, config.Height)
		}
	})
}
