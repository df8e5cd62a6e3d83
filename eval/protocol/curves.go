package protocol

import (
	"sort"

	"anomem/eval"
	"anomem/eval/report"
)

// gridSteps is the number of steps of the grid that curves are averaged on.
const gridSteps = 100

// grid100 returns 0 to 100 percent.
func grid100() []float64 {
	x := make([]float64, gridSteps+1)
	for i := range x {
		x[i] = 100 * float64(i) / gridSteps
	}
	return x
}

// curve returns a curve of scores on the grid of shares.
type curve func(scores []float64, anomalous []bool) ([]float64, error)

// rocOf returns the recall at each share of false alarms, linear between thresholds: the area
// below it is the AUROC.
func rocOf(scores []float64, anomalous []bool) ([]float64, error) {
	points, err := eval.ROC(scores, anomalous)
	if err != nil {
		return nil, err
	}
	y := make([]float64, gridSteps+1)
	for i := range y {
		x := float64(i) / gridSteps
		// The first point beyond x, and the last one up to it.
		k := sort.Search(len(points), func(k int) bool { return points[k].FalseAlarms > x })
		y[i] = points[k-1].Recall
		if k < len(points) {
			a, b := points[k-1], points[k]
			y[i] += (b.Recall - a.Recall) * (x - a.FalseAlarms) / (b.FalseAlarms - a.FalseAlarms)
		}
	}
	return y, nil
}

// precisionOf returns the precision at the highest threshold that reaches each recall: the area
// below it is the average precision.
func precisionOf(scores []float64, anomalous []bool) ([]float64, error) {
	points, err := eval.PrecisionRecall(scores, anomalous)
	if err != nil {
		return nil, err
	}
	y := make([]float64, gridSteps+1)
	for i := range y {
		k := sort.Search(len(points), func(k int) bool { return points[k].Recall >= float64(i)/gridSteps })
		y[i] = points[k].Precision
	}
	return y, nil
}

// meanCurve returns the mean of a curve over the runs of each task and then over tasks, in
// percent: the area below is that of the mean.
func (s *Summary) meanCurve(of curve) ([]float64, error) {
	runs := map[string]float64{}
	for _, t := range s.Tasks {
		runs[t.Name] = float64(t.Runs)
	}
	mean := make([]float64, gridSteps+1)
	for _, r := range s.results {
		y, err := of(r.all())
		if err != nil {
			return nil, err
		}
		for i, v := range y {
			mean[i] += 100 * v / (runs[r.Run.Task] * float64(len(s.Tasks)))
		}
	}
	return mean, nil
}

// all returns the scores of all classes, and which are of anomalies.
func (r *Result) all() (scores []float64, anomalous []bool) { return scoresOf(r.Scores) }

// scoresOf returns the scores of classes, and which are of anomalies.
func scoresOf(classes []Class) (scores []float64, anomalous []bool) {
	for _, c := range classes {
		for _, s := range c.Scores {
			scores, anomalous = append(scores, s), append(anomalous, c.Anomalous)
		}
	}
	return scores, anomalous
}

// mostLines is the most lines of a chart.
const mostLines = 16

// curvePlots returns the ROC and the precision-recall curves of rows of one γ.
func curvePlots(rows []*Summary, gamma string) ([]report.Plot, error) {
	roc := report.Plot{Title: "Recall, %" + gamma, X: "false alarms, % of normal images", Percent: true, Chance: true}
	pr := report.Plot{Title: "Precision, %" + gamma, X: "recall, %", Percent: true}
	for _, s := range rows {
		for _, c := range []struct {
			to *report.Plot
			of curve
		}{{&roc, rocOf}, {&pr, precisionOf}} {
			y, err := s.meanCurve(c.of)
			if err != nil {
				return nil, err
			}
			c.to.Lines = append(c.to.Lines, report.Line{Name: s.Title, X: grid100(), Y: y})
		}
	}
	return []report.Plot{roc, pr}, nil
}
