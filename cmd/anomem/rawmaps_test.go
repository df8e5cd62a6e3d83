package main

import (
	"bytes"
	"encoding/binary"
	"hash/crc32"
	"image"
	"image/png"
	"math"
	"os"
	"testing"

	"anomem/imageio"
)

// gradient is the heatmap of testdata/raw/generate.py.
func gradient() *imageio.Map {
	return &imageio.Map{W: 3, H: 2, Value: []float32{-1, 0, 0.25, 0.5, 1, 2}}
}

// NumPy writes the same file.
func TestNPYFile(t *testing.T) {
	want, err := os.ReadFile("testdata/raw/gradient.npy")
	if err != nil {
		t.Fatal(err)
	}
	if got := npyFile(gradient()); !bytes.Equal(got, want) {
		t.Errorf("%q, want %q", got, want)
	}
}

func TestGrey16File(t *testing.T) {
	heat := gradient()
	heat.Value[0] = float32(math.NaN())
	file, err := grey16File(heat, 0, 1)
	if err != nil {
		t.Fatal(err)
	}
	m, err := png.Decode(bytes.NewReader(file))
	if err != nil {
		t.Fatal(err)
	}
	grey, ok := m.(*image.Gray16)
	if !ok {
		t.Fatalf("%T", m)
	}
	for i, want := range []uint16{0, 0, 16384, 32768, 65535, 65535} {
		if got := grey.Gray16At(i%3, i/3).Y; got != want {
			t.Errorf("%g is %d, want %d", heat.Value[i], got, want)
		}
	}
	text := []byte("tEXtanomem:range\x000 1")
	at := bytes.Index(file, text)
	if at != 8+25+4 {
		t.Fatalf("the text is at %d", at)
	}
	if got := binary.BigEndian.Uint32(file[at-4:]); int(got) != len(text)-4 {
		t.Errorf("the text's length is %d", got)
	}
	if got := binary.BigEndian.Uint32(file[at+len(text):]); got != crc32.ChecksumIEEE(text) {
		t.Errorf("the text's checksum is %x", got)
	}
}

// A heatmap of one value is black.
func TestGrey16OfOneValue(t *testing.T) {
	for _, v := range []float32{-1, 0, 3} {
		if got := grey16(v, v, v); got != 0 {
			t.Errorf("%g is %d", v, got)
		}
	}
}
