package eval

import (
	"bytes"
	"cmp"
	_ "embed"
	"encoding/base64"
	"fmt"
	"html/template"
	"image/png"
	"io"
	"math"
	"slices"

	"anomem/imageio"
)

// Report is what a page shows: each part where there is something in it, in this order.
type Report struct {
	Title string
	Lead  string // a sentence or two on what was done

	Figures []Figure
	Tables  []Table

	// The scores of the test's images, which of them are anomalies (nil: not known),
	// and the threshold above which an image is flagged (NaN: none).
	Scores    []float64
	Anomalous []bool
	Threshold float64

	Plots []Plot // of the training

	// Pictures with their heatmaps, shown from the highest score, and the values that
	// the first and the last colour stand for; the lowest and the highest of the
	// heatmaps where both are 0.
	Gallery []Example
	Lo, Hi  float32
}

// Figure is a number worth reading first.
type Figure struct {
	Name, Value string
	Note        string // what it must be seen with: the interval, how many images
}

// Table is text in rows, as many cells in each as there are columns.
type Table struct {
	Caption string
	Columns []string
	Rows    [][]string
}

// Example is a picture in the gallery.
type Example struct {
	Name   string
	Image  *imageio.Image
	Heat   Map
	Mask   []bool // for each pixel of the picture, or nil
	Score  float64
	PValue float64 // NaN: not known
	Label  string  // what it is known to be, such as a kind of defect; "" for not known
	// Whether Label is an anomaly, and whether the picture was flagged.
	Anomalous, Flagged bool
}

// side is the most pixels of a picture in the gallery.
const side = 256

//go:embed report.html
var page string

var pageTemplate = template.Must(template.New("report").Parse(page))

// WriteHTML writes the page: one file that needs nothing else, with no script, for
// screens of any width, light and dark. The same report gives the same bytes.
//
// An error says which number cannot be shown, or what w returned.
func (r *Report) WriteHTML(w io.Writer) error {
	view := struct {
		*Report
		Charts  []chart
		Curves  []chart
		Cards   []card
		Palette template.URL
		Low     string
		High    string
		Masks   bool
	}{Report: r}
	if len(r.Scores) > 0 {
		charts, err := r.charts()
		if err != nil {
			return err
		}
		view.Charts = charts
	}
	for _, p := range r.Plots {
		view.Curves = append(view.Curves, p.curve())
	}
	if len(r.Gallery) > 0 {
		lo, hi := r.colours()
		view.Low, view.High = number(float64(lo)), number(float64(hi))
		view.Palette = dataURI(legendStrip())
		for _, e := range r.sorted() {
			c, err := e.card(lo, hi)
			if err != nil {
				return err
			}
			view.Cards = append(view.Cards, c)
			view.Masks = view.Masks || e.Mask != nil
		}
	}
	var out bytes.Buffer
	if err := pageTemplate.Execute(&out, view); err != nil {
		return fmt.Errorf("eval: report: %w", err)
	}
	_, err := w.Write(out.Bytes())
	return err
}

// charts are those of the scores: the histogram, and the ROC curve where there are
// labels of either kind.
func (r *Report) charts() ([]chart, error) {
	if r.Anomalous != nil && len(r.Anomalous) != len(r.Scores) {
		return nil, fmt.Errorf("eval: report: %d scores with %d labels", len(r.Scores), len(r.Anomalous))
	}
	for i, s := range r.Scores {
		if !finite(s) {
			return nil, fmt.Errorf("eval: report: score %d of %d is %g", i, len(r.Scores), s)
		}
	}
	charts := []chart{histogram(r.Scores, r.Anomalous, r.Threshold)}
	if slices.Contains(r.Anomalous, true) && slices.Contains(r.Anomalous, false) {
		c, err := roc(r.Scores, r.Anomalous, r.Threshold)
		if err != nil {
			return nil, err
		}
		charts = append(charts, c)
	}
	return charts, nil
}

// colours returns the values that the first and the last colour stand for.
func (r *Report) colours() (lo, hi float32) {
	lo, hi = r.Lo, r.Hi
	if lo == 0 && hi == 0 {
		lo, hi = float32(math.Inf(1)), float32(math.Inf(-1))
		for _, e := range r.Gallery {
			for _, v := range e.Heat.Values {
				if finite(float64(v)) {
					lo, hi = min(lo, v), max(hi, v)
				}
			}
		}
	}
	if !(lo < hi) {
		return 0, 1
	}
	return lo, hi
}

// sorted is the gallery from the highest score.
func (r *Report) sorted() []Example {
	order := slices.Clone(r.Gallery)
	slices.SortStableFunc(order, func(a, b Example) int { return cmp.Compare(b.Score, a.Score) })
	return order
}

// card is an example as the page shows it.
type card struct {
	Name, Score, PValue, Label string
	Class, Verdict             string
	Picture                    template.URL
}

func (e Example) card(lo, hi float32) (card, error) {
	if err := sane("report: "+e.Name, e.Image); err != nil {
		return card{}, err
	}
	if e.Heat.W < 1 || e.Heat.H < 1 || len(e.Heat.Values) != e.Heat.W*e.Heat.H {
		return card{}, fmt.Errorf("eval: report: %s: %d values in a heatmap of %d×%d", e.Name, len(e.Heat.Values), e.Heat.W, e.Heat.H)
	}
	if e.Mask != nil && len(e.Mask) != e.Image.W*e.Image.H {
		return card{}, fmt.Errorf("eval: report: %s: a mask of %d values for %d×%d pixels", e.Name, len(e.Mask), e.Image.W, e.Image.H)
	}
	img := reduced(e.Image, side)
	mask := covered(e.Mask, e.Image.W, e.Image.H, img.W, img.H)
	img, mask = enlarged(img, mask, enlargement(img))
	hot := Overlay(img, e.Heat, lo, hi)
	if mask != nil {
		Outline(hot, mask, MaskColour)
	}
	var file bytes.Buffer
	if err := png.Encode(&file, beside(opaque(img), hot)); err != nil {
		return card{}, fmt.Errorf("eval: report: %s: %w", e.Name, err)
	}
	c := card{Name: e.Name, Score: number(e.Score), Label: e.Label, Picture: dataURI(file.Bytes())}
	if !math.IsNaN(e.PValue) {
		c.PValue = number(e.PValue)
	}
	switch {
	case e.Label == "" && e.Flagged:
		c.Class, c.Verdict = "flagged", "flagged"
	case e.Label == "":
		c.Class, c.Verdict = "right", "passed"
	case e.Anomalous && e.Flagged:
		c.Class, c.Verdict = "right", "found"
	case e.Anomalous:
		c.Class, c.Verdict = "wrong", "missed"
	case e.Flagged:
		c.Class, c.Verdict = "wrong", "false alarm"
	default:
		c.Class, c.Verdict = "right", "passed"
	}
	return c, nil
}

// covered takes a mask of w×h to tw×th, no larger: marked is what any marked pixel
// falls into, so that no defect is too small to be seen.
func covered(mask []bool, w, h, tw, th int) []bool {
	if mask == nil || w == tw && h == th {
		return mask
	}
	to := make([]bool, tw*th)
	for i, in := range mask {
		if in {
			to[i/w*th/h*tw+i%w*tw/w] = true
		}
	}
	return to
}

// legendStrip is the palette as a PNG, one pixel high.
func legendStrip() []byte {
	img := imageio.NewImage(256, 1)
	for i, c := range palette {
		copy(img.Pix[3*i:], c[:])
	}
	var file bytes.Buffer
	if err := png.Encode(&file, opaque(img)); err != nil {
		panic(err) // a buffer takes everything
	}
	return file.Bytes()
}

func dataURI(file []byte) template.URL {
	return template.URL("data:image/png;base64," + base64.StdEncoding.EncodeToString(file))
}
