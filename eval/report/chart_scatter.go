package report

import (
	"fmt"
	"math"
	"slices"
	"strings"
)

// Scatter is a chart of images as points: one score against another.
type Scatter struct {
	Title             string
	X                 string // the name of the horizontal axis
	Normal, Anomalous Points
}

// Points are the coordinates of images; X and Y have one length.
type Points struct{ X, Y []float64 }

// chart draws the points. Those of the outermost ones that would press all others together stand
// at the edge.
func (s Scatter) chart() (chart, error) {
	xs, ys := slices.Concat(s.Normal.X, s.Anomalous.X), slices.Concat(s.Normal.Y, s.Anomalous.Y)
	if len(xs) != len(ys) || len(s.Normal.X) != len(s.Normal.Y) {
		return chart{}, fmt.Errorf("report: %s: %d places across for %d up", s.Title, len(xs), len(ys))
	}
	if len(xs) == 0 {
		return chart{}, fmt.Errorf("report: %s: no points", s.Title)
	}
	if v := slices.Concat(xs, ys); slices.ContainsFunc(v, func(v float64) bool { return !finite(v) }) {
		return chart{}, fmt.Errorf("report: %s: a score is no number", s.Title)
	}
	c := chart{Title: s.Title, XName: s.X}
	x0, x1 := middle(xs)
	y0, y1 := middle(ys)
	c.axes(x0, x1, y0, y1)
	for _, of := range []struct {
		Points
		class, name string
	}{{s.Normal, classNormals, "normal images"}, {s.Anomalous, classAnomalies, "anomalies"}} {
		if len(of.X) == 0 {
			continue
		}
		c.Paths = append(c.Paths, path{"dots " + of.class, c.Frame.dots(of.Points)})
		c.Legend = append(c.Legend, legend{of.class, fmt.Sprintf("%d %s", len(of.X), of.name)})
	}
	c.About = fmt.Sprintf("%d normal images and %d anomalies", len(s.Normal.X), len(s.Anomalous.X))
	return c, nil
}

// middle returns the range of all values but the share tail at each end.
func middle(all []float64) (low, high float64) {
	order := slices.Sorted(slices.Values(all))
	last := float64(len(order) - 1)
	return order[int(tail*last)], order[int(math.Ceil((1-tail)*last))]
}

// dots writes points as an SVG path of lines without length, which round ends make dots. Points
// beyond the frame stand at its edge.
func (f frame) dots(p Points) string {
	var d strings.Builder
	for i, x := range p.X {
		fmt.Fprintf(&d, "M%s %sh0", px(f.x(min(max(x, f.x0), f.x1))), px(f.y(min(max(p.Y[i], f.y0), f.y1))))
	}
	return d.String()
}
