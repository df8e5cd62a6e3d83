package pnm

import (
	"bytes"
	"image"
	"strings"
	"testing"

	"anomem/imageio"
)

// All kinds, with the white space and comments that the format allows.
func TestDecode(t *testing.T) {
	for _, c := range []struct {
		file string
		want []byte // red, green and blue of 2×1 pixels
	}{
		{"P1 2 1 01", []byte{255, 255, 255, 0, 0, 0}},
		{"P1\n2\n1\n0 1\n", []byte{255, 255, 255, 0, 0, 0}},
		{"P2 2 1 4 1 4", []byte{64, 64, 64, 255, 255, 255}},
		{"P2#a comment\n# another\n2 1#\n4\t1\r\n4#", []byte{64, 64, 64, 255, 255, 255}},
		{"P2 2 1 65535 128 65535", []byte{0, 0, 0, 255, 255, 255}},
		{"P2 2 1 4095 2048 4095", []byte{128, 128, 128, 255, 255, 255}},
		{"P3 2 1 255 1 2 3 4 5 6", []byte{1, 2, 3, 4, 5, 6}},
		{"P4 2 1 \x40", []byte{255, 255, 255, 0, 0, 0}},
		{"P5 2 1 255 \x07\xff", []byte{7, 7, 7, 255, 255, 255}},
		{"P5 2 1 65535 \x12\x12\x34\x34", []byte{0x12, 0x12, 0x12, 0x34, 0x34, 0x34}},
		{"P5 2 1 255\n\n\n", []byte{10, 10, 10, 10, 10, 10}},
		{"P6 2 1 255 \x01\x02\x03\x04\x05\x06", []byte{1, 2, 3, 4, 5, 6}},
		{"P6 2 1 1023 \x00\x00\x03\xff\x01\xff\x02\x00\x00\x01\x03\xfe", []byte{0, 255, 127, 128, 0, 255}},
	} {
		m, err := Decode(strings.NewReader(c.file))
		if err != nil {
			t.Errorf("%q: %v", c.file, err)
		} else if got := imageio.FromImage(m); got.W != 2 || got.H != 1 || !bytes.Equal(got.Pix, c.want) {
			t.Errorf("%q: %v, want %v", c.file, got, c.want)
		}
	}
}

func TestErrors(t *testing.T) {
	for file, want := range map[string]string{
		"P":                 "unexpected EOF",
		"P7 ":               "not the header",
		"P5 2":              "unexpected EOF",
		"P5 2 1 255 \x01":   "unexpected EOF",
		"P5 2 1 0 \x01\x01": "white has the value 0",
		"P5 2 1 4 \x01\x05": "the value 5, above white, 4",
		"P5 2 1 70000 \x01": "a number above 65535",
		"P5 2 x 255 ":       `'x' where a number should be`,
		"P1 2 1 02":         `'2' where 0 or 1 should be`,
		"P5 0 1 255 ":       "0×1 pixels",
		"P5 99999 99999 1 ": "99999×99999 pixels",
		"P3 2 1 255 1 2 3":  "unexpected EOF",
	} {
		m, err := Decode(strings.NewReader(file))
		if err == nil || m != nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v, %v, want an error with %q", file, m, err, want)
		}
	}
}

// FuzzDecode: nothing panics, and a picture has the size that the header says.
func FuzzDecode(f *testing.F) {
	for _, s := range []string{"P1 2 1 01", "P2 2 1 4 1 4", "P3#\n2 1 255 1 2 3 4 5 6", "P4 9 1 \x40\x80", "P5 2 1 255 \x07\xff", "P6 1 1 1023 \x00\x00\x03\xff\x01\xff"} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		c, err := DecodeConfig(bytes.NewReader(data))
		if err == nil && c.Width > 0 && c.Height > 1<<18/c.Width {
			t.Skip("large")
		}
		m, err2 := Decode(bytes.NewReader(data))
		if err2 != nil {
			if m != nil {
				t.Errorf("%v, %v", m, err2)
			}
			return
		}
		if err != nil || m.Bounds() != image.Rect(0, 0, c.Width, c.Height) {
			t.Errorf("%v of %d×%d, %v", m.Bounds(), c.Width, c.Height, err)
		}
	})
}
