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

	Percent bool     // both axes run from 0 to 100
	Chance  bool     // and the diagonal is drawn
	Points  bool     // each point of a line is marked
	Places  []string // names of the places 0, 1, ... on the horizontal axis; nil: it has numbers
}

// Line is a sequence of points ordered by X; X and Y have one length. The line is broken
// where a coordinate is not finite.
type Line struct {
	Name   string
	X, Y   []float64
	Dashed bool
	Colour int // lines with the same one belong together; 0: its number in the plot, from 1
}

// colours is the number of colours of lines.
const colours = 8

// class returns the style of line i of a plot. Beyond the last colour the first returns, dashed.
func (l Line) class(i int) string {
	at := l.Colour
	if at == 0 {
		at = i + 1
	}
	class := fmt.Sprintf("series%d", (at-1)%colours)
	if l.Dashed != ((at-1)/colours%2 == 1) {
		class += " dashed"
	}
	return class
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
	p.setAxes(&c, x0, x1, y0, y1)
	if p.Chance {
		c.Paths = append(c.Paths, path{"chance", c.Frame.path([]float64{0, 100}, []float64{0, 100})})
	}
	var about []string
	for i, l := range lines {
		class := l.class(i)
		if p.Points {
			c.addMarks(l, class)
		}
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

// setAxes sets the axes of a chart whose lines are within the given ranges.
func (p Plot) setAxes(c *chart, x0, x1, y0, y1 float64) {
	switch {
	case p.Percent:
		c.axes(0, 100, 0, 100)
	case len(p.Places) > 0:
		c.axes(-0.5, float64(len(p.Places))-0.5, y0, y1)
		c.Across = nil
		for i, name := range p.Places {
			c.Across = append(c.Across, tick{px(c.Frame.x(float64(i))), shortened(name, max(3, 56/len(p.Places)))})
		}
	default:
		c.axes(x0, x1, y0, y1)
	}
}

// addMarks marks the points of a line.
func (c *chart) addMarks(l Line, class string) {
	for i, x := range l.X {
		if y := l.Y[i]; finite(x) && finite(y) {
			about := fmt.Sprintf("%s: %s", l.Name, number(y))
			c.Marks = append(c.Marks, mark{class, about, px(c.Frame.x(x)), px(c.Frame.y(y))})
		}
	}
}

// thinned returns a line of at most `most` points. It keeps the lowest and the highest of
// each run of points, so that no spike is lost.
func (l Line) thinned() Line {
	n := min(len(l.X), len(l.Y))
	if n <= most {
		l.X, l.Y = l.X[:n], l.Y[:n]
		return l
	}
	thin := l
	thin.X, thin.Y = nil, nil
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
