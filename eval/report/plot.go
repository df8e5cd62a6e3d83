package report

import (
	"fmt"
	"math"
	"strings"
)

// Plot is a chart of lines over one horizontal axis.
type Plot struct {
	Title string
	X     string // the name of the horizontal axis
	Lines []Line
}

// Line is a sequence of points ordered by X; X and Y have one length. The line is broken
// where a coordinate is not finite.
type Line struct {
	Name string
	X, Y []float64
}

// most is the number of points drawn of a line: two for each column of pixels of a phone.
const most = 800

// curve draws the plot.
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

// thinned returns a line of at most `most` points. It keeps the lowest and the highest of
// each run of points, so that no spike is lost.
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
