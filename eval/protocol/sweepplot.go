package protocol

import (
	"fmt"
	"slices"
	"strconv"

	"anomem/eval/report"
)

// sweepPlots returns for each setting that varies AUROC against its value, as the paper's figures
// 3 and 4: a line for each detector and γ. Values that are no numbers stand beside each other.
func sweepPlots(rows []*Summary) []report.Plot {
	var plots []report.Plot
	var seen []string
	for _, s := range rows {
		if !slices.Contains(seen, s.Vary) {
			seen = append(seen, s.Vary)
			plots = append(plots, sweepPlot(rows, s.Vary))
		}
	}
	return plots
}

func sweepPlot(rows []*Summary, name string) report.Plot {
	p := report.Plot{Title: "AUROC against " + name + ", %", X: name, Points: true}
	var values []string
	numbers := true
	for _, s := range rows {
		if s.Vary == name && !slices.Contains(values, s.Value) {
			values = append(values, s.Value)
			_, err := strconv.ParseFloat(s.Value, 64)
			numbers = numbers && err == nil
		}
	}
	if !numbers {
		p.Places = values
	}
	several := len(gammasOf(rows)) > 1
	lines := map[string]int{}
	for _, s := range rows {
		if s.Vary != name {
			continue
		}
		line := s.alike
		if several {
			line += fmt.Sprintf(", γ %v", s.Gamma)
		}
		at, ok := lines[line]
		if !ok {
			at = len(p.Lines)
			lines[line] = at
			p.Lines = append(p.Lines, report.Line{Name: line})
		}
		x := float64(slices.Index(values, s.Value))
		if numbers {
			x, _ = strconv.ParseFloat(s.Value, 64)
		}
		l := &p.Lines[at]
		i, _ := slices.BinarySearch(l.X, x)
		l.X, l.Y = slices.Insert(l.X, i, x), slices.Insert(l.Y, i, 100*s.Mean)
	}
	return p
}
