package dataset

import (
	"bytes"
	"errors"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"anomem/imageio"
)

// mustRead reads all items of d.
func mustRead(t *testing.T, d *Dataset, o ReadOptions) *Images {
	t.Helper()
	im, err := d.Read(t.Context(), d.all(), o)
	if err != nil {
		t.Fatal(err)
	}
	return im
}

// The error for a missing file has its path once.
func TestBrokenErrorNamesThePathOnce(t *testing.T) {
	_, err := os.Open("gone.png")
	got := (&BrokenError{Path: "gone.png", Err: err}).Error()
	if strings.Count(got, "gone.png") != 1 || !errors.Is(&BrokenError{Err: err}, os.ErrNotExist) {
		t.Error(got)
	}
}

// Read decodes each item once, whatever is kept, and then knows its size.
func TestRead(t *testing.T) {
	d, decoded := sized(t, 4, 2, 3, 5)
	for _, keep := range []int64{0, 3 * 6, 1 << 20} {
		decoded.Store(0)
		im, err := d.Read(t.Context(), []int{3, 0, 2}, ReadOptions{Keep: keep, Threads: 2})
		if err != nil {
			t.Fatal(err)
		}
		if n := decoded.Load(); n != 3 || im.Len() != 3 {
			t.Errorf("keep %d: decoded %d for %d images", keep, n, im.Len())
		}
		for k, i := range []int{3, 0, 2} {
			if im.Item(k) != &d.Items[i] || !im.Normal(k) {
				t.Errorf("image %d is %+v", k, im.Item(k))
			}
			want, err := NewLoader(d, LoaderOptions{}).Load(i)
			if err != nil {
				t.Fatal(err)
			}
			got, err := im.Image(k)
			if err != nil || got.W != want.W || !bytes.Equal(got.Pix, want.Pix) {
				t.Errorf("image %d: %v, %v", k, got, err)
			}
			if w, h := im.Size(k); w != want.W || h != 1 {
				t.Errorf("image %d is %d×%d", k, w, h)
			}
		}
	}
}

// Broken images end a Read, or are left out and noted, in the order of the items.
func TestReadSkipsBrokenImages(t *testing.T) {
	d, _ := sized(t, 1, 0, 2, 0, 3)
	_, err := d.Read(t.Context(), d.all(), ReadOptions{Threads: 3})
	var b *BrokenError
	if !errors.As(err, &b) || b.Index != 1 {
		t.Errorf("got %v", err)
	}
	var notes []string
	im := mustRead(t, d, ReadOptions{SkipBroken: true, Note: func(s string) { notes = append(notes, s) }})
	var widths []int
	for k := range im.Len() {
		w, _ := im.Size(k)
		widths = append(widths, w)
	}
	if !slices.Equal(widths, []int{1, 2, 3}) {
		t.Errorf("read images of widths %v", widths)
	}
	if len(notes) != 1 || !strings.HasPrefix(notes[0], "skipped 2 of 5 images, which cannot be decoded:\n\t") {
		t.Fatalf("notes %q", notes)
	}
	for _, name := range []string{"001.png", "003.png"} {
		if !strings.Contains(notes[0], name+": image: unknown format") {
			t.Errorf("%s is not in %q", name, notes)
		}
	}
	if im := mustRead(t, d, ReadOptions{SkipBroken: true}); im.Len() != 3 {
		t.Errorf("without Note: %d images", im.Len())
	}
}

func TestReadDefects(t *testing.T) {
	root := files(t, map[string]string{"a.png": "", "sub/b.png": "", "sub/c.png": "broken"})
	im, err := ReadDefects(t.Context(), root, Options{}, ReadOptions{SkipBroken: true})
	if err != nil || im.Len() != 2 || Anomalies(im) != 0 {
		t.Errorf("%+v, %v", im, err)
	}
	_, err = ReadDefects(t.Context(), root, Options{}, ReadOptions{})
	wantError(t, err, "c.png")
	_, err = ReadDefects(t.Context(), files(t, map[string]string{"a.png": "broken"}), Options{}, ReadOptions{SkipBroken: true})
	wantError(t, err, "none of its images can be decoded")
	_, err = ReadDefects(t.Context(), filepath.Join(root, "gone"), Options{}, ReadOptions{})
	wantError(t, err, "gone")
}

func TestPart(t *testing.T) {
	d, decoded := sized(t, 1, 2, 3, 4)
	im, err := d.Read(t.Context(), []int{3, 1, 2}, ReadOptions{Keep: 1 << 20})
	if err != nil {
		t.Fatal(err)
	}
	decoded.Store(0)
	odd := im.Part(func(item int) bool { return item%2 == 1 })
	for k, i := range []int{3, 1} {
		img, err := odd.Image(k)
		if w, h := odd.Size(k); err != nil || odd.Len() != 2 || odd.Item(k) != &d.Items[i] || w != i+1 || h != 1 || img.W != w {
			t.Errorf("image %d of %d: %+v, %v", k, odd.Len(), odd.Item(k), err)
		}
	}
	if decoded.Load() != 0 {
		t.Error("a part does not share what is kept")
	}
	if none := im.Part(func(int) bool { return false }); none.Len() != 0 {
		t.Errorf("an empty part has %d images", none.Len())
	}
}

// masked opens a dataset of one normal image and three known anomalies of 4×2 pixels:
// a with a mask, b with one of another size, c with a broken one, d without.
func masked(t *testing.T) *Dataset {
	root := files(t, map[string]string{
		"good/0.png":       "",
		"bad/a.png":        picture(t, 4, 2, "a"),
		"bad/b.png":        picture(t, 4, 2, "b"),
		"bad/c.png":        picture(t, 4, 2, "c"),
		"bad/d.png":        picture(t, 4, 2, "d"),
		"masks/a.png":      picture(t, 4, 2, "m"),
		"masks/b_mask.png": picture(t, 4, 3, "m"),
		"masks/c.png":      "no PNG",
	})
	return mustOpen(t, filepath.Join(root, "good"), Options{Defects: filepath.Join(root, "bad"), Masks: filepath.Join(root, "masks")})
}

// Masks of another size than their images, and broken ones, are refused by name.
func TestMasks(t *testing.T) {
	d := masked(t)
	im := mustRead(t, d, ReadOptions{})
	for k, want := range []string{"", "", "b_mask.png: a mask of 4×3 pixels for an image of 4×2, " + d.Items[2].Path, "c.png: image: unknown format", ""} {
		m, err := im.Mask(k)
		if want != "" {
			if err == nil || !strings.Contains(err.Error(), want) {
				t.Errorf("image %d: %v, want %q", k, err, want)
			}
			continue
		}
		if has := k == 1; err != nil || (m != nil) != has {
			t.Errorf("image %d: %v, %v", k, m, err)
		}
	}
	m, err := im.Item(1).ReadMask(4, 2)
	if err != nil || m.W != 4 || m.H != 2 || !m.Any() {
		t.Errorf("%v, %v", m, err)
	}
	if _, err := im.Item(1).ReadMask(2, 4); err == nil {
		t.Error("a mask that lies on its side is taken")
	}
}

// A mask drawn on a photograph that decoding turns upright fits it, though the header
// of the photograph has its sides the other way round. It does not fit the picture as
// it lies in the file.
func TestMasksOfTurnedPhotographs(t *testing.T) {
	root := files(t, map[string]string{
		"good/0.png":     "",
		"bad/a.png":      picture(t, 4, 2, "photograph"),
		"bad/a_mask.png": picture(t, 2, 4, "m"),
	})
	turning := func(r io.Reader) (*imageio.Image, error) {
		img, err := imageio.Decode(r)
		if err == nil && img.W == 4 {
			img = img.Rotate90(1)
		}
		return img, err
	}
	for _, c := range []struct {
		decode func(io.Reader) (*imageio.Image, error)
		fits   bool
	}{{turning, true}, {nil, false}} {
		d := mustOpen(t, filepath.Join(root, "good"), Options{Defects: filepath.Join(root, "bad"), Decode: c.decode})
		im := mustRead(t, d, ReadOptions{})
		if m, err := im.Mask(1); (err == nil) != c.fits || c.fits && !m.Any() {
			t.Errorf("%v, %v", m, err)
		}
	}
}
