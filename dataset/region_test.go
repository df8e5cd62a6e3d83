package dataset

import (
	"image"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"anomem/imageio"
)

// box returns a mask of w×h with a box, less its first pixel.
func box(w, h int, r image.Rectangle) *imageio.Mask {
	m := imageio.NewMask(w, h)
	for y := r.Min.Y; y < r.Max.Y; y++ {
		for x := r.Min.X; x < r.Max.X; x++ {
			m.Pix[y*w+x] = true
		}
	}
	m.Pix[r.Min.Y*w+r.Min.X] = false
	return m
}

// An image with a region of interest is the part that the region bounds, grey outside.
func TestImagesInRegion(t *testing.T) {
	region := box(8, 6, image.Rect(2, 1, 6, 5))
	root := files(t, map[string]string{"good/a.png": picture(t, 8, 6, "a"), "good/b.png": picture(t, 8, 6, "b")})
	plain, err := mustOpen(t, root, Options{Layout: Classes}).Read(t.Context(), []int{0, 1}, ReadOptions{})
	if err != nil {
		t.Fatal(err)
	}
	d := mustOpen(t, root, Options{Layout: Classes, Region: region})
	im, err := d.Read(t.Context(), []int{0, 1}, ReadOptions{})
	if err != nil {
		t.Fatal(err)
	}
	taken := d.Images([]int{0, 1})
	for k := range 2 {
		img, err := im.Image(k)
		full, _ := plain.Image(k)
		want, inside := full.Within(region)
		if w, h := im.Size(k); err != nil || w != 4 || h != 4 || !slices.Equal(img.Pix, want.Pix) {
			t.Fatalf("%d×%d, %v", w, h, err)
		}
		if got, err := im.Region(k); err != nil || !slices.Equal(got.Pix, inside.Pix) {
			t.Errorf("region %v, %v", got, err)
		}
		if got, err := taken.Take(k); err != nil || !slices.Equal(got.Pix, want.Pix) {
			t.Errorf("taken: %v", err)
		}
		if of, err := plain.Region(k); of != nil || err != nil {
			t.Errorf("without a region: %v, %v", of, err)
		}
	}
	if of, err := im.CommonRegion(); of != region || err != nil {
		t.Errorf("%v, %v", of, err)
	}
	if some, err := HasRegions(plain); some || err != nil {
		t.Errorf("%t, %v", some, err)
	}
	_, err = mustOpen(t, root, Options{Layout: Classes, Region: box(6, 8, image.Rect(0, 0, 2, 2))}).Read(t.Context(), []int{0}, ReadOptions{SkipBroken: true})
	if err == nil || !strings.Contains(err.Error(), "a region of interest of 6×8 pixels for an image of 8×6") {
		t.Errorf("another size: %v", err)
	}
}

// Regions of files are found by the rules of Open, and are no images.
func TestFilesIn(t *testing.T) {
	root := files(t, images("a.png", "sub/b.png", "sub/c.png", "roi/a.png", "roi/sub/b_mask.png"))
	in := func(name string) string { return filepath.Join(root, filepath.FromSlash(name)) }
	got, regions, _, err := FilesIn(root, in("roi"))
	if err != nil || !slices.Equal(got, []string{in("a.png"), in("sub/b.png"), in("sub/c.png")}) ||
		!slices.Equal(regions, []string{in("roi/a.png"), in("roi/sub/b_mask.png"), ""}) {
		t.Errorf("%q, %q, %v", got, regions, err)
	}
	got, regions, _, err = FilesIn(in("a.png"), in("roi"))
	if err != nil || !slices.Equal(got, []string{in("a.png")}) || !slices.Equal(regions, []string{in("roi/a.png")}) {
		t.Errorf("a file: %q, %q, %v", got, regions, err)
	}
	_, regions, _, err = FilesIn(in("sub"), in("a.png"))
	if err != nil || !slices.Equal(regions, []string{in("a.png"), in("a.png")}) {
		t.Errorf("one for all: %q, %v", regions, err)
	}
	_, _, _, err = FilesIn(in("sub"), files(t, images("z.png")))
	wantError(t, err, "no region of interest for any image")
}
