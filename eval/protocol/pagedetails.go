package protocol

import (
	"cmp"
	"fmt"
	"slices"

	"anomem/eval/report"
)

// scatter returns the scores at the last scale against those at the first; nil: there are not two
// scales. d may be nil.
func (d *Details) scatter() []report.Scatter {
	if d == nil || len(d.Scales) < 2 {
		return nil
	}
	last := len(d.Scales) - 1
	a, b := d.Scales[0], d.Scales[last]
	return []report.Scatter{{
		Title:     fmt.Sprintf("Scores at scale %d against scale 1", last+1),
		X:         "score at scale 1",
		Normal:    report.Points{X: a.Normal, Y: b.Normal},
		Anomalous: report.Points{X: a.Anomalous, Y: b.Anomalous},
	}}
}

// mostRanks is the most places of a chart of patterns, of which several then share one.
const mostRanks = 128

// usage returns a chart of how often each pattern is used, for each scale. d may be nil.
func (d *Details) usage() []report.Plot {
	if d == nil {
		return nil
	}
	var plots []report.Plot
	for s := range d.Memory {
		normal, anomalous := d.Memory[s].shares()
		order, unused := make([]int, len(normal)), 0
		for n := range order {
			order[n] = n
			if normal[n] == 0 {
				unused++
			}
		}
		slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(normal[b], normal[a]) })
		plots = append(plots, report.Plot{
			Title: fmt.Sprintf("Use of the %d patterns of scale %d, %% of positions; normal images use all but %d", len(order), s+1, unused),
			X:     "patterns, from the most used by normal images",
			Lines: []report.Line{ranked("normal images", normal, order), ranked("anomalies", anomalous, order)},
		})
	}
	return plots
}

// ranked returns shares in an order in percent, of many patterns the mean of some at a time.
func ranked(name string, shares []float64, order []int) report.Line {
	l := report.Line{Name: name}
	each := (len(order) + mostRanks - 1) / mostRanks
	for from := 0; from < len(order); from += each {
		some := order[from:min(from+each, len(order))]
		sum := 0.
		for _, n := range some {
			sum += shares[n]
		}
		l.X, l.Y = append(l.X, float64(from)+float64(len(some)+1)/2), append(l.Y, 100*sum/float64(len(some)))
	}
	return l
}

// patches returns what some patterns of each scale stand for, as long as left holds their bytes.
// d may be nil.
func (d *Details) patches(left *int) []report.Patches {
	if d == nil {
		return nil
	}
	var all []report.Patches
	for s := range d.Memory {
		m := &d.Memory[s]
		normal, anomalous := m.shares()
		p := report.Patches{Title: fmt.Sprintf("Patterns of scale %d: the nearest parts of training images, and the share of positions that use it", s+1)}
		for _, pattern := range m.Patterns {
			if !take(left, pattern.JPEG) {
				continue
			}
			p.Rows = append(p.Rows, report.Patch{
				JPEG: pattern.JPEG, Name: fmt.Sprintf("pattern %d", pattern.Number),
				Normal: "normal " + percent(normal[pattern.Number]) + " %", Anomalous: "anomalies " + percent(anomalous[pattern.Number]) + " %",
			})
		}
		if len(p.Rows) > 0 {
			all = append(all, p)
		}
	}
	return all
}

// take takes the bytes that a file has on a page from left, and reports whether they were there.
func take(left *int, file []byte) bool {
	*left -= (len(file) + 2) / 3 * 4
	return *left >= 0
}
