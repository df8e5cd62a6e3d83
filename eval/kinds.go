package eval

import (
	"fmt"
	"math"
	"slices"
)

// The classes that the page gives its colours for normals and anomalies by.
const classNormals, classAnomalies = "normals", "anomalies"

// roc is the chart of the ROC curve, with a dot where the threshold is.
func roc(scores []float64, anomalous []bool, threshold float64) (chart, error) {
	points, err := ROC(scores, anomalous)
	if err != nil {
		return chart{}, err
	}
	auroc, err := AUROC(scores, anomalous)
	if err != nil {
		return chart{}, err
	}
	c := chart{
		Title: fmt.Sprintf("ROC curve, area %.1f %%", 100*auroc),
		XName: "false alarms, % of normals",
	}
	if low, high, err := Interval(0.95, scores, anomalous); err == nil {
		c.Title += fmt.Sprintf(" (%.1f to %.1f)", 100*low, 100*high)
	}
	c.axes(0, 100, 0, 100)
	var x, y []float64
	for _, p := range points {
		x, y = append(x, 100*p.FalseAlarms), append(y, 100*p.Recall)
	}
	c.Paths = []path{
		{"chance", c.Frame.path([]float64{0, 100}, []float64{0, 100})},
		{"line " + classAnomalies, c.Frame.path(x, y)},
	}
	c.About = c.Title
	if !math.IsNaN(threshold) {
		at, err := At(threshold, scores, anomalous)
		if err != nil {
			return chart{}, err
		}
		about := fmt.Sprintf("the threshold recalls %.1f %% of the anomalies at %.1f %% false alarms", 100*at.Recall, 100*at.FalseAlarms)
		c.Dot = &dot{px(c.Frame.x(100 * at.FalseAlarms)), px(c.Frame.y(100 * at.Recall)), about}
		c.About += "; " + about
	}
	return c, nil
}

const bins = 40

// histogram is the chart of the scores, of each kind as parts of its own number;
// anomalous is nil where no label is known.
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
