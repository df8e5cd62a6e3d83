package report

import (
	"bytes"
	_ "embed"
	"encoding/base64"
	"fmt"
	"html/template"
	"image"
	"image/png"
	"io"
	"os"
	"slices"

	"anomem/imageio"
)

//go:embed report.html
var page string

var pageTemplate = template.Must(template.New("report").Parse(page))

// view is what the template shows.
type view struct {
	*Report
	Charts    []chart // of the scores
	Curves    []chart // of the training
	Cards     []card
	Parts     []sectionView
	Palette   template.URL
	Low, High string // the values of the palette's ends
	Masks     bool   // an example has a mask
}

// WriteHTML writes the page: one file that needs nothing else, with no script, for
// screens of any width, light and dark. The same report gives the same bytes.
//
// An error says which part cannot be shown, or is w's.
func (r *Report) WriteHTML(w io.Writer) error {
	v := view{Report: r}
	if len(r.Scores) > 0 {
		charts, err := r.charts()
		if err != nil {
			return err
		}
		v.Charts = charts
	}
	for _, p := range r.Plots {
		v.Curves = append(v.Curves, p.curve())
	}
	if len(r.Gallery) > 0 {
		if err := v.addGallery(r); err != nil {
			return err
		}
	}
	var err error
	if v.Parts, err = r.sectionsOf(); err != nil {
		return err
	}
	var out bytes.Buffer
	if err := pageTemplate.Execute(&out, v); err != nil {
		return fmt.Errorf("report: %w", err)
	}
	_, err = w.Write(out.Bytes())
	return err
}

// WriteFile writes the page to a file, as WriteHTML does.
func (r *Report) WriteFile(path string) error {
	f, err := os.Create(path)
	if err != nil {
		return err
	}
	if err := r.WriteHTML(f); err != nil {
		f.Close()
		return err
	}
	return f.Close()
}

// charts draws the scores: the histogram and, given labels of both kinds, the ROC curve.
func (r *Report) charts() ([]chart, error) {
	if r.Anomalous != nil && len(r.Anomalous) != len(r.Scores) {
		return nil, fmt.Errorf("report: %d scores with %d labels", len(r.Scores), len(r.Anomalous))
	}
	for i, s := range r.Scores {
		if !finite(s) {
			return nil, fmt.Errorf("report: score %d of %d is %g", i, len(r.Scores), s)
		}
	}
	charts := []chart{histogram(r.Scores, r.Anomalous, r.Threshold)}
	if slices.Contains(r.Anomalous, true) && slices.Contains(r.Anomalous, false) {
		c, err := rocChart(r.Scores, r.Anomalous, r.Threshold)
		if err != nil {
			return nil, err
		}
		charts = append(charts, c)
	}
	return charts, nil
}

// addGallery adds the examples of r and the scale of their colours.
func (v *view) addGallery(r *Report) error {
	lo, hi := r.colours()
	v.Low, v.High = number(float64(lo)), number(float64(hi))
	var err error
	if v.Palette, err = dataURI(paletteStrip()); err != nil {
		return err
	}
	for _, e := range r.sorted() {
		c, err := e.card(lo, hi)
		if err != nil {
			return err
		}
		v.Cards = append(v.Cards, c)
		v.Masks = v.Masks || e.Mask != nil
	}
	return nil
}

// paletteStrip draws the palette, one pixel high.
func paletteStrip() image.Image {
	img := imageio.NewImage(len(palette), 1)
	for i, c := range palette {
		copy(img.Pix[3*i:], c[:])
	}
	return img.ToImage()
}

// dataURI returns an image as the page holds it, a PNG file in its address.
func dataURI(img image.Image) (template.URL, error) {
	var file bytes.Buffer
	if err := png.Encode(&file, img); err != nil {
		return "", err
	}
	return template.URL("data:image/png;base64," + base64.StdEncoding.EncodeToString(file.Bytes())), nil
}
