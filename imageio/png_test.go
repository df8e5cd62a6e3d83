package imageio

import (
	"bytes"
	"image/png"
	"os"
	"path/filepath"
	"testing"
)

func TestWritePNG(t *testing.T) {
	dir := t.TempDir()
	img, path := noise(9, 5), filepath.Join(dir, "a.png")
	for _, level := range []png.CompressionLevel{png.DefaultCompression, png.BestSpeed, png.NoCompression} {
		if err := WritePNGLevel(path, img.ToImage(), level); err != nil {
			t.Fatal(err)
		}
		got, err := DecodeFile(path)
		if err != nil || got.W != 9 || got.H != 5 || !bytes.Equal(got.Pix, img.Pix) {
			t.Errorf("level %d: read back another image, %v", level, err)
		}
	}
	if err := WritePNG(path, img.ToImage()); err != nil {
		t.Fatal(err)
	}
	// A file holds what the encoder of image/png writes by default.
	file, err := os.ReadFile(path)
	if err != nil || !bytes.Equal(file, encodePNG(t, img.ToImage())) {
		t.Errorf("other bytes than png.Encode, %v", err)
	}
	if err := WritePNG(filepath.Join(dir, "none", "a.png"), img.ToImage()); !os.IsNotExist(err) {
		t.Errorf("in no folder: %v", err)
	}
}

func TestMaskToImage(t *testing.T) {
	mask := NewMask(4, 2)
	mask.Pix[1], mask.Pix[7] = true, true
	path := filepath.Join(t.TempDir(), "mask.png")
	if err := WritePNG(path, mask.ToImage()); err != nil {
		t.Fatal(err)
	}
	got, err := DecodeMaskFile(path)
	if err != nil || got.W != 4 || got.H != 2 || marks(got) != marks(mask) {
		t.Errorf("%v, %v", got, err)
	}
}
