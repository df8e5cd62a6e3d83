package report

import (
	"fmt"
	"math"
	"slices"
)

// The classes that give the page its colours for normals and anomalies.
const classNormals, classAnomalies = "normals", "anomalies"

const bins = 40

// histogram draws the scores of normals and anomalies, each bin as a share of its kind.
// With anomalous nil, no label is known and all scores are of one kind. The threshold is
// drawn unless it is NaN.
func histogram(scores []float64, anomalous []bool, threshold float64) chart {
	c := chart{Title: "Scores", XName: "score"}
	low, high := widened(slices.Min(scores), slices.Max(scores))
	from, to := low, high
	if !math.IsNaN(threshold) {
		from, to = min(low, threshold), max(high, threshold)
	}
	var of [2][bins]int
	var n [2]int
	for i, s := range scores {
		kind := 0
		if anomalous != nil && anomalous[i] {
			kind = 1
		}
		of[kind][min(int(bins*((s-low)/(high-low))), bins-1)]++
		n[kind]++
	}
	highest := 0.
	for kind := range of {
		highest = max(highest, 100*float64(slices.Max(of[kind][:]))/float64(max(n[kind], 1)))
	}
	c.axes(from, to, 0, highest)
	names := [2]legend{{classNormals, fmt.Sprintf("%d normals, %% of them", n[0])}, {classAnomalies, fmt.Sprintf("%d anomalies, %% of them", n[1])}}
	if anomalous == nil {
		names[0].Text = fmt.Sprintf("%d images, %% of them", n[0])
	}
	for kind := range of {
		if n[kind] == 0 {
			continue
		}
		c.Legend = append(c.Legend, names[kind])
		for i, k := range of[kind] {
			if k == 0 {
				continue
			}
			a, b := low+(high-low)*float64(i)/bins, low+(high-low)*float64(i+1)/bins
			share := 100 * float64(k) / float64(n[kind])
			x, y := c.Frame.x(a), c.Frame.y(share)
			c.Bars = append(c.Bars, bar{
				Class: names[kind].Class,
				About: fmt.Sprintf("%d from %s to %s", k, number(a), number(b)),
				X:     px(x), Y: px(y), W: px(max(c.Frame.x(b)-x-0.5, 0.5)), H: px(bottom - y),
			})
		}
	}
	c.About = fmt.Sprintf("scores from %s to %s", number(low), number(high))
	if !math.IsNaN(threshold) {
		x, anchor := c.Frame.x(threshold), "start"
		if x > (left+right)/2 {
			anchor = "end"
		}
		c.Rule = &rule{px(x), "threshold " + number(threshold), anchor}
		c.About += ", threshold " + number(threshold)
	}
	return c
}
