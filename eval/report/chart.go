package report

import (
	"math"
	"strconv"
	"strings"
)

// chart is what the template draws, in the units of its view, 400×260.
type chart struct {
	Title, About string
	XName        string
	Frame        frame
	Across, Up   []tick
	Legend       []legend
	Bars         []bar
	Paths        []path
	Marks        []mark
	Rule         *rule // a threshold
	Dot          *dot
}

type (
	tick   struct{ At, Text string }
	legend struct{ Class, Text string }
	bar    struct{ Class, About, X, Y, W, H string }
	path   struct{ Class, D string }
	mark   struct{ Class, About, X, Y string }
	rule   struct{ X, Text, Anchor string }
	dot    struct{ X, Y, About string }
)

// frame maps data to the view.
type frame struct{ x0, x1, y0, y1 float64 }

const left, right, top, bottom = 48, 388, 12, 220

func (f frame) x(v float64) float64 { return left + (right-left)*(v-f.x0)/(f.x1-f.x0) }
func (f frame) y(v float64) float64 { return bottom - (bottom-top)*(v-f.y0)/(f.y1-f.y0) }

// px writes a coordinate of the view, rounded to a tenth.
func px(v float64) string { return strconv.FormatFloat(math.Round(10*v)/10, 'f', -1, 64) }

// axes sets the frame to the given ranges of data and puts ticks at round numbers.
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

// widened returns a range that can be drawn, even if low and high are one number or none.
func widened(low, high float64) (float64, float64) {
	if !(low <= high) {
		return 0, 1
	}
	if step := math.Abs(low) * 1e-6; high-low <= step {
		return low - max(step, 0.5), high + max(step, 0.5)
	}
	return low, high
}

// path writes the points as an SVG path. It drops a point at the same place as the last
// one, and breaks the line where a coordinate is not finite.
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

func finite(v float64) bool { return !math.IsNaN(v) && !math.IsInf(v, 0) }
