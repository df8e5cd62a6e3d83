package report

import (
	"fmt"
	"math"

	"anomem/eval"
)

// rocChart draws the ROC curve, with a dot at the threshold unless that is NaN.
func rocChart(scores []float64, anomalous []bool, threshold float64) (chart, error) {
	points, err := eval.ROC(scores, anomalous)
	if err != nil {
		return chart{}, err
	}
	auroc, err := eval.AUROC(scores, anomalous)
	if err != nil {
		return chart{}, err
	}
	c := chart{
		Title: fmt.Sprintf("ROC curve, area %.1f %%", 100*auroc),
		XName: "false alarms, % of normals",
	}
	if low, high, err := eval.Interval(0.95, scores, anomalous); err == nil {
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
		at, err := eval.At(threshold, scores, anomalous)
		if err != nil {
			return chart{}, err
		}
		about := fmt.Sprintf("the threshold recalls %.1f %% of the anomalies at %.1f %% false alarms", 100*at.Recall, 100*at.FalseAlarms)
		c.Dot = &dot{px(c.Frame.x(100 * at.FalseAlarms)), px(c.Frame.y(100 * at.Recall)), about}
		c.About += "; " + about
	}
	return c, nil
}
