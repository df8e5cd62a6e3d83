package synthetic

import (
	"bytes"
	"context"
	"fmt"
	"image"
	"image/png"
	"io/fs"
	"os"
	"path/filepath"
	"testing"

	"anomem/imageio"
)

// channels returns the pixels of a picture, n of its channels each.
func channels(m image.Image, n int) (pix []byte) {
	b := m.Bounds()
	for i := range b.Dx() * b.Dy() {
		red, green, blue, _ := m.At(i%b.Dx(), i/b.Dx()).RGBA()
		pix = append(pix, []byte{byte(red >> 8), byte(green >> 8), byte(blue >> 8)}[:n]...)
	}
	return pix
}

// whites returns 255 for each pixel that a mask marks and 0 for the others.
func whites(m *imageio.Mask) []byte {
	b := bits(m.Pix)
	for i := range b {
		b[i] *= 255
	}
	return b
}

// TestWriteFolder reads back what was written: the files of the layout, no others, with
// the samples' pixels and masks.
func TestWriteFolder(t *testing.T) {
	dir, o := filepath.Join(t.TempDir(), "set"), Options{Scene: Texture}
	if err := WriteFolder(context.Background(), dir, o, 4, Counts{Train: 2, Good: 1, Each: 2, Known: 4}); err != nil {
		t.Fatal(err)
	}
	want := map[string][]byte{
		"train/good/000.png": o.Normal(4, 0).Image.Pix,
		"train/good/001.png": o.Normal(4, 1).Image.Pix,
		"test/good/000.png":  o.Normal(4, 2).Image.Pix,
	}
	for _, k := range o.Kinds() {
		for i := range 2 {
			s := o.Anomaly(4, i, k)
			want[fmt.Sprintf("test/%s/%03d.png", k, i)] = s.Image.Pix
			want[fmt.Sprintf("ground_truth/%s/%03d_mask.png", k, i)] = whites(s.Mask)
		}
	}
	for i, s := range []Sample{o.Anomaly(4, 2, Object), o.Anomaly(4, 2, Style), o.Anomaly(4, 2, Local), o.Anomaly(4, 3, Object)} {
		want[fmt.Sprintf("known/defects/%03d.png", i)] = s.Image.Pix
		want[fmt.Sprintf("known/masks/%03d_mask.png", i)] = whites(s.Mask)
	}
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		file, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		m, err := png.Decode(bytes.NewReader(file))
		if err != nil {
			return err
		}
		name, err := filepath.Rel(dir, path)
		if err != nil {
			return err
		}
		name = filepath.ToSlash(name)
		pix, ok := want[name]
		if !ok {
			t.Errorf("%s does not belong here", name)
			return nil
		}
		if !bytes.Equal(channels(m, len(pix)/(32*32)), pix) {
			t.Errorf("%s holds another picture", name)
		}
		delete(want, name)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	for name := range want {
		t.Errorf("%s is not there", name)
	}
}

func TestWriteFolderRefuses(t *testing.T) {
	dir := t.TempDir()
	if err := WriteFolder(context.Background(), dir, Options{}, 1, Counts{Each: -1}); err == nil {
		t.Error("takes a count below zero")
	}
	if err := os.Mkdir(filepath.Join(dir, "ground_truth"), 0o777); err != nil {
		t.Fatal(err)
	}
	if err := WriteFolder(context.Background(), dir, Options{}, 1, Counts{Train: 1}); err == nil {
		t.Error("writes among the files of another set")
	}
	if _, err := os.Stat(filepath.Join(dir, "train")); err == nil {
		t.Error("leaves files behind where it refuses")
	}
	ended, cancel := context.WithCancel(context.Background())
	cancel()
	if err := WriteFolder(ended, filepath.Join(dir, "late"), Options{}, 1, Counts{Train: 1}); err != context.Canceled {
		t.Errorf("a context that has ended: %v", err)
	}
	file := filepath.Join(dir, "file")
	if err := os.WriteFile(file, nil, 0o666); err != nil {
		t.Fatal(err)
	}
	if err := WriteFolder(context.Background(), file, Options{}, 1, Counts{Train: 1}); err == nil {
		t.Error("takes a file for a folder")
	}
}
