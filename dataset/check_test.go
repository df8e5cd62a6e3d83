package dataset

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"anomem/imageio"
)

func TestCheck(t *testing.T) {
	root := files(t, map[string]string{
		"good/0.png":       "",
		"good/broken.png":  "no PNG",
		"bad/a.png":        picture(t, 4, 2, "a"),
		"bad/b.png":        picture(t, 4, 2, "b"),
		"bad/c.png":        picture(t, 4, 2, "c"),
		"bad/empty.png":    " ",
		"masks/a.png":      picture(t, 4, 2, "m"),
		"masks/b_mask.png": picture(t, 4, 3, "m"),
		"masks/c.png":      "no PNG",
		"masks/empty.png":  "",
	})
	d := mustOpen(t, filepath.Join(root, "good"), Options{Defects: filepath.Join(root, "bad"), Masks: filepath.Join(root, "masks")})
	for _, workers := range []int{1, 4, 0} {
		broken, err := d.Check(t.Context(), workers)
		if len(broken) != 2 || broken[0].Index != 1 || broken[1].Index != 5 {
			t.Errorf("broken %v", broken)
		}
		wantError(t, broken[0], filepath.Join("good", "broken.png")+": image: unknown format")
		want := fmt.Sprintf("dataset: mask %s is 4×3 pixels, its image %s is 4×2\ndataset: mask %s: image: unknown format",
			filepath.Join(root, "masks", "b_mask.png"), filepath.Join(root, "bad", "b.png"), filepath.Join(root, "masks", "c.png"))
		if err == nil || err.Error() != want {
			t.Errorf("got %v, want %s", err, want)
		}
	}
}

// A missing file is told by path once.
func TestBrokenErrorNamesThePathOnce(t *testing.T) {
	_, err := os.Open("gone.png")
	got := (&BrokenError{Path: "gone.png", Err: err}).Error()
	if strings.Count(got, "gone.png") != 1 || !errors.Is(&BrokenError{Err: err}, os.ErrNotExist) {
		t.Error(got)
	}
}

func TestCheckListsTenFaults(t *testing.T) {
	content := map[string]string{"good/0.png": ""}
	for i := range 12 {
		content[fmt.Sprintf("bad/%02d.png", i)] = ""
		content[fmt.Sprintf("bad/%02d_mask.png", i)] = picture(t, 9, 9, "m")
	}
	root := files(t, content)
	d := mustOpen(t, filepath.Join(root, "good"), Options{Defects: filepath.Join(root, "bad")})
	_, err := d.Check(t.Context(), 2)
	wantError(t, err, "09_mask.png", "\nand 2 more")
	if strings.Contains(err.Error(), "10_mask.png") {
		t.Error(err)
	}
}

// A mask drawn on a photograph that decoding turns upright fits it, though the
// header of the photograph has its sides the other way round; one for the picture as
// it lies in the file does not.
func TestCheckOfTurnedPhotographs(t *testing.T) {
	root := files(t, map[string]string{
		"good/0.png":     "",
		"bad/a.png":      picture(t, 4, 2, "photograph"),
		"bad/a_mask.png": picture(t, 2, 4, "m"),
	})
	turning := func(r io.Reader) (*imageio.Image, error) {
		img, err := imageio.Decode(r)
		if err == nil && img.W == 4 {
			img.W, img.H = img.H, img.W
		}
		return img, err
	}
	for _, c := range []struct {
		decode func(io.Reader) (*imageio.Image, error)
		fits   bool
	}{{turning, true}, {nil, false}} {
		d := mustOpen(t, filepath.Join(root, "good"), Options{Defects: filepath.Join(root, "bad"), Decode: c.decode})
		if _, err := d.Check(t.Context(), 1); (err == nil) != c.fits {
			t.Error(err)
		}
	}
}
