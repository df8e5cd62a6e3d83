package eval

import (
	"fmt"
	"iter"
	"math"
	"strconv"
	"strings"
)

// Plot is some lines over one axis, drawn by themselves.
type Plot struct {
	Title string
	X     string // what the horizontal axis is
	Lines []Line
}

// Line is points in the order of their X, as many as of Y. Where one is not finite the
// line is broken.
type Line struct {
	Name string
	X, Y []float64
}

// A chart is what the template draws, in the units of its view, 400×260.
type chart struct {
	Title, About string
	XName        string
	Frame        frame
	Across, Up   []tick
	Legend       []legend
	Bars         []bar
	Paths        []path
	Rule         *rule // a threshold
	Dot          *dot
}

type (
	tick   struct{ At, Text string }
	legend struct{ Class, Text string }
	bar    struct{ Class, About, X, Y, W, H string }
	path   struct{ Class, D string }
	rule   struct{ X, Text, Anchor string }
	dot    struct{ X, Y, About string }
)

// frame maps data to the view.
type frame struct{ x0, x1, y0, y1 float64 }

const left, right, top, bottom = 48, 388, 12, 220

func (f frame) x(v float64) float64 { return left + (right-left)*(v-f.x0)/(f.x1-f.x0) }
func (f frame) y(v float64) float64 { return bottom - (bottom-top)*(v-f.y0)/(f.y1-f.y0) }

// px writes a place of the view to a tenth.
func px(v float64) string { return strconv.FormatFloat(math.Round(10*v)/10, 'f', -1, 64) }

// axes sets the frame to ranges of data and puts ticks at round numbers.
func (c *chart) axes(x0, x1, y0, y1 float64) {
	x0, x1 = widened(x0, x1)
	y0, y1 = widened(y0, y1)
	c.Frame = frame{x0, x1, y0, y1}
	for v, text := range ticks(x0, x1, 5) {
		c.Across = append(c.Across, tick{px(c.Frame.x(v)), text})
	}
	for v, text := range ticks(y0, y1, 5) {
		c.Up = append(c.Up, tick{px(c.Frame.y(v)), text})
	}
}

// widened makes a range of a single number, or of none, one that can be drawn.
func widened(low, high float64) (float64, float64) {
	if !(low <= high) {
		return 0, 1
	}
	if step := math.Abs(low) * 1e-6; high-low <= step {
		return low - max(step, 0.5), high + max(step, 0.5)
	}
	return low, high
}

// ticks yields the multiples within [low, high] of 1, 2 or 5 times a power of ten, at
// most one more than wanted, and each with the digits that tell it from the next.
func ticks(low, high float64, wanted int) iter.Seq2[float64, string] {
	rough := (high - low) / float64(wanted)
	power := math.Floor(math.Log10(rough))
	step := math.Pow(10, power)
	for _, m := range []float64{1, 2, 5, 10} {
		if m*step >= rough {
			step *= m
			break
		}
	}
	digits := 1 + int(math.Log10(max(math.Abs(low), math.Abs(high)))-power)
	return func(yield func(float64, string) bool) {
		for i := math.Ceil(low/step - 1e-9); i*step <= high+1e-9*step; i++ {
			if !yield(i*step, rounded(i*step, max(digits, 1))) {
				return
			}
		}
	}
}

// number writes a number for people.
func number(v float64) string { return rounded(v, 4) }

// rounded writes a number with so many digits, without those that are 0 at its end.
func rounded(v float64, digits int) string {
	s := strconv.FormatFloat(v, 'g', digits, 64)
	if r, err := strconv.ParseFloat(s, 64); err == nil && (math.Abs(r) >= 1e-4 && math.Abs(r) < 1e7 || r == 0) {
		s = strconv.FormatFloat(r+0, 'f', -1, 64)
	}
	return strings.ReplaceAll(s, "-", "\u2212")
}

// most is how many points of a line are drawn: two for each column of pixels of a
// phone.
const most = 800

// curve is the chart of a plot.
func (p Plot) curve() chart {
	c := chart{Title: p.Title, XName: p.X}
	x0, x1, y0, y1 := math.Inf(1), math.Inf(-1), math.Inf(1), math.Inf(-1)
	lines := make([]Line, len(p.Lines))
	for i, l := range p.Lines {
		lines[i] = l.thinned()
		for j, x := range lines[i].X {
			if y := lines[i].Y[j]; finite(x) && finite(y) {
				x0, x1, y0, y1 = min(x0, x), max(x1, x), min(y0, y), max(y1, y)
			}
		}
	}
	c.axes(x0, x1, y0, y1)
	var about []string
	for i, l := range lines {
		class := fmt.Sprintf("series%d", i%4)
		c.Paths = append(c.Paths, path{"line " + class, c.Frame.path(l.X, l.Y)})
		if len(lines) > 1 {
			c.Legend = append(c.Legend, legend{class, l.Name})
		}
		if n := len(l.Y); n > 0 {
			about = append(about, fmt.Sprintf("%s from %s to %s", l.Name, number(l.Y[0]), number(l.Y[n-1])))
		}
	}
	c.About = strings.Join(about, "; ")
	return c
}

func finite(v float64) bool { return !math.IsNaN(v) && !math.IsInf(v, 0) }

// thinned returns a line of at most `most` points that has the lowest and the highest
// of each run of the original's, so that no spike is lost.
func (l Line) thinned() Line {
	n := min(len(l.X), len(l.Y))
	if n <= most {
		return Line{l.Name, l.X[:n], l.Y[:n]}
	}
	thin := Line{Name: l.Name}
	for run := range most / 2 {
		from, to := run*n/(most/2), (run+1)*n/(most/2)
		low, high := from, from
		for i := from; i < to; i++ {
			// The first comparison takes a broken point, too.
			if l.Y[i] < l.Y[low] || !finite(l.Y[i]) {
				low = i
			}
			if l.Y[i] > l.Y[high] {
				high = i
			}
		}
		for _, i := range []int{min(low, high), max(low, high)} {
			thin.X, thin.Y = append(thin.X, l.X[i]), append(thin.Y, l.Y[i])
		}
	}
	return thin
}

// path writes the points as an SVG path, without those that would be drawn at the same
// place.
func (f frame) path(xs, ys []float64) string {
	var d strings.Builder
	pen, last := "M", ""
	for i, x := range xs {
		if !finite(x) || !finite(ys[i]) {
			pen, last = "M", ""
			continue
		}
		at := px(f.x(x)) + " " + px(f.y(ys[i]))
		if at != last {
			d.WriteString(pen + at)
			pen, last = "L", at
		}
	}
	return d.String()
}
