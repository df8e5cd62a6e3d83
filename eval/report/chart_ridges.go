package report

import (
	"fmt"
	"slices"
	"strings"
)

// Ridges is a chart with a histogram for each class of images, one below the other.
type Ridges struct {
	Title string
	Rows  []Ridge
}

// Ridge is the scores of a class.
type Ridge struct {
	Name      string
	Anomalous bool
	Scores    []float64
	Note      string // at the right end, such as an AUROC
}

// ridgeChart is what the template draws, 400 units wide.
type ridgeChart struct {
	Title, About  string
	Height, Floor string
	Across        []tick
	Rows          []ridgeRow
}

type ridgeRow struct{ Name, Short, Note, Class, Y, Middle, D string }

// The measures of ridges, in units of the view.
const (
	ridgeLeft   = 110
	ridgeRight  = 345
	ridgeTop    = 8
	ridgeHeight = 22 // of a row
	ridgeTall   = 19 // of its highest bin
	ridgeFoot   = 24
	ridgeName   = 15 // letters
)

// tail is the share of scores at each end that stand in the outermost bins, so that a few far
// ones do not press all others into one.
const tail = 0.005

// chart draws the histograms, each scaled to its highest bin.
func (r Ridges) chart() (ridgeChart, error) {
	var all []float64
	for _, row := range r.Rows {
		if len(row.Scores) == 0 {
			return ridgeChart{}, fmt.Errorf("report: %s: %s has no scores", r.Title, row.Name)
		}
		all = append(all, row.Scores...)
	}
	if len(all) == 0 {
		return ridgeChart{}, fmt.Errorf("report: %s: no classes", r.Title)
	}
	slices.Sort(all)
	for _, s := range []float64{all[0], all[len(all)-1]} { // NaN is sorted first
		if !finite(s) {
			return ridgeChart{}, fmt.Errorf("report: %s: a score is %g", r.Title, s)
		}
	}
	low, high := widened(middle(all))
	x := func(v float64) float64 { return ridgeLeft + (ridgeRight-ridgeLeft)*(v-low)/(high-low) }
	floor := ridgeTop + ridgeHeight*len(r.Rows)
	c := ridgeChart{Title: r.Title, Height: fmt.Sprint(floor + ridgeFoot), Floor: fmt.Sprint(floor)}
	for v, text := range ticks(low, high, 4) {
		c.Across = append(c.Across, tick{px(x(v)), text})
	}
	for i, row := range r.Rows {
		base := float64(ridgeTop + ridgeHeight*(i+1))
		v := ridgeRow{Name: row.Name, Short: shortened(row.Name, ridgeName), Note: row.Note, Class: classNormals, Y: px(base), Middle: px(base - 5)}
		if row.Anomalous {
			v.Class = classAnomalies
		}
		v.D = outline(row.Scores, low, high, base)
		c.Rows = append(c.Rows, v)
	}
	c.About = fmt.Sprintf("%d classes, scores from %s to %s", len(r.Rows), number(all[0]), number(all[len(all)-1]))
	return c, nil
}

// outline returns the histogram of scores as the path of an area above base.
func outline(scores []float64, low, high, base float64) string {
	var of [bins]int
	for _, s := range scores {
		of[min(max(int(bins*((s-low)/(high-low))), 0), bins-1)]++
	}
	most := slices.Max(of[:])
	const wide = float64(ridgeRight-ridgeLeft) / bins
	var d strings.Builder
	fmt.Fprintf(&d, "M%d %s", ridgeLeft, px(base))
	before := 0
	for i, n := range of {
		if n != before {
			at := px(ridgeLeft + wide*float64(i))
			fmt.Fprintf(&d, "H%sV%s", at, px(base-ridgeTall*float64(n)/float64(most)))
			before = n
		}
	}
	fmt.Fprintf(&d, "H%dV%sZ", ridgeRight, px(base))
	return d.String()
}

// shortened returns a text of at most so many letters.
func shortened(text string, most int) string {
	letters := []rune(text)
	if len(letters) <= most {
		return text
	}
	return string(letters[:most-1]) + "…"
}
