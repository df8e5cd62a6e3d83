package dataset

import (
	"bytes"
	"image"
	"image/png"
	"path/filepath"
	"testing"

	"anomem/internal/layoutsdoc"
)

// black returns a PNG of 2×3 pixels, which as a mask marks nothing.
func black(t testing.TB) string {
	var b bytes.Buffer
	if err := png.Encode(&b, image.NewGray(image.Rect(0, 0, 2, 3))); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// Every tree of the documentation is read as it says.
func TestDocumentedLayouts(t *testing.T) {
	all, err := layoutsdoc.Read(filepath.Join("..", "docs", "layouts.md"), IsImage)
	if err != nil {
		t.Fatal(err)
	}
	if len(all) < 12 {
		t.Errorf("only %d trees", len(all))
	}
	for _, c := range all {
		t.Run(c.Title, func(t *testing.T) {
			content := map[string]string{}
			for name, f := range c.Files {
				if content[name] = f.Text; f.Blank {
					content[name] = black(t)
				}
			}
			d := mustOpen(t, filepath.Join(files(t, content), filepath.FromSlash(c.Give)), Options{})
			if got := d.Summary(); got != c.Line {
				t.Errorf("got  %s\nwant %s", got, c.Line)
			}
			if _, err := mustRead(t, d, ReadOptions{}).CheckMasks(t.Context(), 1); err != nil {
				t.Error(err)
			}
		})
	}
}
