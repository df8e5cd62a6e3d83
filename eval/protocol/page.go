package protocol

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"anomem/eval/report"
)

// Page returns a page of results: for each protocol and data the tables of [Tables], ROC and
// precision-recall curves, AUROC against γ where there are several, and for each row the scores
// by class, the images with the highest and the lowest scores, and what its details tell, of the run
// whose task has the lowest AUROC. details returns those of a result, or nil if there are none, as
// ReadDetails does; a nil function: nobody has any. Curves and histograms are left out where results
// have lost their scores.
func Page(results []*Result, details func(*Result) (*Details, error), against string) (*report.Report, error) {
	all := Summarise(results)
	if _, err := Tables(all, against); err != nil {
		return nil, err
	}
	page := &report.Report{Title: "Detectors compared", Lead: leadOf(results)}
	left, rest := mostPictures, len(all)
	for _, rows := range grouped(all) {
		part, err := head(rows, against)
		if err != nil {
			return nil, err
		}
		page.Sections = append(page.Sections, part)
		for _, s := range rows {
			own := left / rest // of the bytes of pictures
			left, rest = left-own, rest-1
			if s.Protocol == LinearEvaluation {
				left += own
				continue // no scores, and no images with the highest
			}
			var d *Details
			if details != nil {
				if d, err = details(s.worst()); err != nil {
					return nil, err
				}
			}
			page.Sections = append(page.Sections, s.section(d, &own))
			left += max(own, 0)
		}
	}
	return page, nil
}

// head returns the tables and the charts of a protocol and data.
func head(rows []*Summary, against string) (report.Section, error) {
	part := report.Section{Title: fmt.Sprintf("%s, %s", rows[0].Protocol, rows[0].Data), Tables: tablesOf(rows, against)}
	var err error
	if part.Plots, err = plotsOf(rows); err != nil {
		return part, err
	}
	if len(part.Plots) > 0 {
		part.Note = "Curves are means over runs and tasks."
	}
	if without := scoreless(rows); len(without) > 0 {
		part.Note += fmt.Sprintf(" Results of %s hold no scores: their curves are left out.", strings.Join(without, ", "))
	}
	part.Note = strings.TrimSpace(part.Note)
	return part, nil
}

// scoreless returns the titles of the rows that have no curves because results of theirs hold no
// scores.
func scoreless(rows []*Summary) (titles []string) {
	for _, s := range rows {
		if s.Protocol != LinearEvaluation && !s.scored() && !slices.Contains(titles, s.Title) {
			titles = append(titles, s.Title)
		}
	}
	return titles
}

// scored reports whether all results of a row hold scores, which may be taken out of their files to
// make them small.
func (s *Summary) scored() bool {
	return !slices.ContainsFunc(s.results, func(r *Result) bool { return len(r.Scores) == 0 })
}

// leadOf says what the results are of.
func leadOf(results []*Result) string {
	versions := map[string]bool{}
	for _, r := range results {
		versions[r.Version] = true
	}
	text := fmt.Sprintf("%d runs.", len(results))
	if v := results[0].Version; len(versions) == 1 && v != "" {
		text = fmt.Sprintf("%d runs of anomem %s.", len(results), v)
	}
	return text + " A run fits a detector to normal images and, where γ is above 0, to known anomalies, and scores images that it has not seen."
}

// gammasOf returns the shares of known anomalies of rows, in their order.
func gammasOf(rows []*Summary) []float64 {
	var all []float64
	for _, s := range rows {
		if !slices.Contains(all, s.Gamma) {
			all = append(all, s.Gamma)
		}
	}
	slices.Sort(all)
	return all
}

// plotsOf returns the charts of a protocol and data.
func plotsOf(rows []*Summary) ([]report.Plot, error) {
	var plots []report.Plot
	gammas := gammasOf(rows)
	switch rows[0].Protocol {
	case Sweep:
		return sweepPlots(rows), nil
	case LinearEvaluation:
		return nil, nil
	}
	if len(gammas) > 1 {
		plots = append(plots, gammaPlot(rows, gammas))
	}
	for _, gamma := range gammas {
		var some []*Summary
		for _, s := range rows {
			if s.Gamma == gamma && s.scored() {
				some = append(some, s)
			}
		}
		if len(some) == 0 {
			continue
		}
		text := ""
		if len(gammas) > 1 {
			text = fmt.Sprintf(", γ %v", gamma)
		}
		more, err := curvePlots(best(some), text)
		if err != nil {
			return nil, err
		}
		plots = append(plots, more...)
	}
	return plots, nil
}

// best returns at most mostLines rows, those with the highest AUROC, in their order.
func best(rows []*Summary) []*Summary {
	if len(rows) <= mostLines {
		return rows
	}
	order := slices.Clone(rows)
	slices.SortStableFunc(order, func(a, b *Summary) int { return cmp.Compare(b.Mean, a.Mean) })
	return slices.DeleteFunc(slices.Clone(rows), func(s *Summary) bool { return !slices.Contains(order[:mostLines], s) })
}

// gammaPlot returns AUROC against γ, the paper's figure 1: a line for each detector, and one for
// what the paper has of it.
func gammaPlot(rows []*Summary, gammas []float64) report.Plot {
	p := report.Plot{Title: "AUROC against γ, %", X: "γ, known anomalies among the images trained on", Points: true}
	colour := 0
	for _, s := range rows {
		if slices.ContainsFunc(p.Lines, func(l report.Line) bool { return l.Name == s.Title }) || len(p.Lines) >= mostLines {
			continue
		}
		colour++
		line := report.Line{Name: s.Title, Colour: colour}
		for _, gamma := range gammas {
			for _, o := range rows {
				if o.Title == s.Title && o.Gamma == gamma {
					line.X, line.Y = append(line.X, gamma), append(line.Y, 100*o.Mean)
				}
			}
		}
		p.Lines = append(p.Lines, line)
		if quoted := quotedLine(rows, s.Detector); len(quoted.X) > 0 {
			quoted.Colour = colour
			p.Lines = append(p.Lines, quoted)
		}
	}
	return p
}

// quotedLine returns what the paper has of a detector beside rows.
func quotedLine(rows []*Summary, id string) report.Line {
	l := report.Line{Dashed: true}
	for i := range quotations {
		q := &quotations[i]
		if q.id != id {
			continue
		}
		l.Name = q.name + " (quoted)"
		for k, gamma := range quotedGammas {
			if v := q.beside(rows, k); v > 0 {
				l.X, l.Y = append(l.X, gamma), append(l.Y, v)
			}
		}
	}
	return l
}

// mostPictures is the most bytes of pictures on a page.
const mostPictures = 1 << 20

// section returns what is shown of a row: of the first run of its worst task, with the details of
// that, which may be nil. It takes the bytes of pictures from left, and shows none once there are none
// left.
func (s *Summary) section(d *Details, left *int) report.Section {
	r := s.worst()
	part := report.Section{Title: fmt.Sprintf("%s, γ %v, %s: AUROC %s %%", s.Title, s.Gamma, r.Run.Task, percent(r.Metrics.AUROC)), Folded: true}
	var notes []string
	if len(s.Tasks) > 1 || s.Runs > 1 {
		notes = append(notes, fmt.Sprintf("The task with the lowest AUROC, its first run of %d.", s.Worst.Runs))
	}
	if len(r.Scores) > 0 {
		part.Ridges = []report.Ridges{r.ridges()}
	} else {
		notes = append(notes, "The result holds no scores: the histograms are left out.")
	}
	part.Scatters, part.Plots = d.scatter(), d.usage()
	part.Thumbnails = r.thumbnails(left)
	if addHeat(part.Thumbnails, d, left) {
		notes = append(notes, "Below images are their heatmaps, the same colours for the same values, with the outlines of masks where there are some.")
	}
	part.Patches = d.patches(left)
	if *left < 0 {
		notes = append(notes, "The page holds no more pictures.")
	}
	part.Note = strings.Join(notes, " ")
	return part
}

// thumbnails returns the images with the highest and the lowest scores, as long as left holds their
// bytes.
func (r *Result) thumbnails(left *int) []report.Thumbnails {
	var all []report.Thumbnails
	e := &r.Extremes
	for _, row := range []struct {
		title string
		of    []Shown
	}{
		{"Normal images with the highest scores", e.HighNormal},
		{"Anomalies with the lowest scores", e.LowAnomaly},
		{"Normal images with the lowest scores", e.LowNormal},
		{"Anomalies with the highest scores", e.HighAnomaly},
	} {
		thumbs := report.Thumbnails{Title: row.title}
		for _, p := range row.of {
			if take(left, p.JPEG) {
				thumbs.Pictures = append(thumbs.Pictures, report.Thumbnail{JPEG: p.JPEG, Name: p.Name, Label: p.Class, Anomalous: p.Anomalous, Score: p.Score})
			}
		}
		if len(thumbs.Pictures) > 0 {
			all = append(all, thumbs)
		}
	}
	return all
}

// addHeat adds heatmaps to thumbnails as long as left holds their bytes, and reports whether there
// is one.
func addHeat(all []report.Thumbnails, d *Details, left *int) (some bool) {
	for i := range all {
		for k := range all[i].Pictures {
			p := &all[i].Pictures[k]
			if heat := d.heatOf(p.Name, p.Score); heat != nil && take(left, heat) {
				p.Heat, some = heat, true
			}
		}
	}
	return some
}

// worst returns the first result of the task with the lowest AUROC.
func (s *Summary) worst() *Result {
	i := slices.IndexFunc(s.results, func(r *Result) bool { return r.Run.Task == s.Worst.Name })
	return s.results[i]
}

// mostRidges is the most classes of a chart of histograms.
const mostRidges = 24

// ridges returns the scores by class, the normal ones first.
func (r *Result) ridges() report.Ridges {
	c := report.Ridges{Title: "Scores by class, and the AUROC of each against all normal images in %"}
	for _, anomalous := range []bool{false, true} {
		for _, class := range r.Scores {
			if class.Anomalous != anomalous || len(c.Rows) == mostRidges {
				continue
			}
			row := report.Ridge{Name: class.Name, Anomalous: anomalous, Scores: class.Scores}
			for _, k := range r.Kinds {
				if anomalous && k.Name == class.Name {
					row.Note = percent(k.AUROC)
				}
			}
			c.Rows = append(c.Rows, row)
		}
	}
	return c
}
