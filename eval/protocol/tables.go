package protocol

import (
	"cmp"
	"fmt"
	"slices"

	"anomem/eval"
	"anomem/eval/report"
)

// mostColumns is the most tasks that have a column each.
const mostColumns = 20

// Tables returns the tables of summaries: for each protocol and data one of AUROCs (linear: of
// accuracies, and no other), one of other metrics, one of the AUROC at each scale of detectors that
// have several, and for industrial and other sets one by kind of anomalies. Figures are in
// percent. Beside figures of the paper's protocols stand the paper's own, marked as quoted.
//
// With against, the id of a detector, a column says by which share the error 1-AUROC is less
// than that detector's with the same γ (eval.ErrorReduction).
func Tables(all []*Summary, against string) ([]report.Table, error) {
	if against != "" && !slices.ContainsFunc(all, func(s *Summary) bool { return s.Detector == against }) {
		return nil, fmt.Errorf("protocol: there is no result of detector %q to compare with", against)
	}
	var tables []report.Table
	for _, rows := range grouped(all) {
		tables = append(tables, tablesOf(rows, against)...)
	}
	return tables, nil
}

// grouped returns the summaries of each protocol and data.
func grouped(all []*Summary) [][]*Summary {
	var groups [][]*Summary
	at := map[[2]string]int{}
	for _, s := range all {
		key := [2]string{s.Protocol, s.Data}
		if _, ok := at[key]; !ok {
			at[key] = len(groups)
			groups = append(groups, nil)
		}
		groups[at[key]] = append(groups[at[key]], s)
	}
	return groups
}

// tablesOf returns the tables of a protocol and data.
func tablesOf(rows []*Summary, against string) []report.Table {
	if rows[0].Protocol == LinearEvaluation {
		return []report.Table{mainTable(rows, against)}
	}
	tables := []report.Table{mainTable(rows, against), otherTable(rows)}
	if slices.ContainsFunc(rows, func(s *Summary) bool { return len(s.Scales) > 0 }) {
		tables = append(tables, scaleTable(rows))
	}
	if rows[0].Protocol == OOD || rows[0].Protocol == Folder {
		tables = append(tables, kindTables(rows)...)
	}
	return tables
}

// percent returns a share in percent with one decimal.
func percent(v float64) string { return fmt.Sprintf("%.1f", 100*v) }

// percentOr is percent for a value that may be missing.
func percentOr(v *float64) string {
	if v == nil {
		return ""
	}
	return percent(*v)
}

// mainTable returns the table of AUROCs or, of the protocol linear, of accuracies.
func mainTable(rows []*Summary, against string) report.Table {
	names := tasksOf(rows)
	t := report.Table{
		Caption: fmt.Sprintf("%s, %s: %s in %%, the mean over runs; spread: its standard deviation from repetition to repetition", rows[0].Protocol, rows[0].Data, cmp.Or(rows[0].Measure, auroc)),
		Columns: []string{"detector", "γ"},
	}
	single := len(names) == 1
	if !single && len(names) <= mostColumns {
		t.Columns = append(t.Columns, names...)
	}
	t.Columns = append(t.Columns, "mean", "spread")
	if !single {
		t.Columns = append(t.Columns, "worst")
	}
	t.Columns = append(t.Columns, "runs")
	if against != "" {
		t.Columns = append(t.Columns, "error less than "+against+"'s by")
	}
	for _, s := range rows {
		row := []string{s.Title, fmt.Sprint(s.Gamma)}
		if !single && len(names) <= mostColumns {
			for _, name := range names {
				row = append(row, s.task(name))
			}
		}
		row = append(row, percent(s.Mean), percentOr(s.Spread))
		if !single {
			row = append(row, fmt.Sprintf("%s %s", s.Worst.Name, percent(s.Worst.AUROC)))
		}
		row = append(row, fmt.Sprint(s.Runs))
		if against != "" {
			row = append(row, s.reduction(rows, against))
		}
		t.Rows = append(t.Rows, row)
	}
	quote(&t, rows)
	return t
}

// task returns the AUROC of a task; "" if there is none.
func (s *Summary) task(name string) string {
	for _, t := range s.Tasks {
		if t.Name == name {
			return percent(t.AUROC)
		}
	}
	return ""
}

// reduction returns by how much the error is less than that of another detector with the same
// γ; "" where that has none, or other tasks.
func (s *Summary) reduction(rows []*Summary, against string) string {
	for _, o := range rows {
		if o.Detector != against || o.Gamma != s.Gamma || len(o.Tasks) != len(s.Tasks) || o == s {
			continue
		}
		if by, err := eval.ErrorReduction(o.Mean, s.Mean); err == nil {
			return percent(by)
		}
	}
	return ""
}

// otherTable returns the table of other metrics.
func otherTable(rows []*Summary) report.Table {
	t := report.Table{
		Caption: fmt.Sprintf("%s, %s: other metrics in %%, the mean over runs and then over tasks", rows[0].Protocol, rows[0].Data),
		Columns: []string{"detector", "γ", "average precision", "FPR at 95", "best F1", "best balanced accuracy"},
	}
	maps := slices.ContainsFunc(rows, func(s *Summary) bool { return s.PixelAUROC != nil })
	if maps {
		t.Columns = append(t.Columns, "pixel AUROC", "PRO to 30")
	}
	odd := slices.ContainsFunc(rows, func(s *Summary) bool { return s.Atypical != nil })
	if odd {
		t.Columns = append(t.Columns, "FPR at 95 of atypical")
	}
	for _, s := range rows {
		row := []string{s.Title, fmt.Sprint(s.Gamma), percent(s.Precision), percent(s.FPR95), percent(s.F1), percent(s.Balanced)}
		if maps {
			row = append(row, percentOr(s.PixelAUROC), percentOr(s.PRO))
		}
		if odd {
			row = append(row, percentOr(s.Atypical))
		}
		t.Rows = append(t.Rows, row)
	}
	return t
}

// scaleTable returns the table of the AUROC of the scores at each scale, of rows that have several.
func scaleTable(rows []*Summary) report.Table {
	t := report.Table{
		Caption: fmt.Sprintf("%s, %s: AUROC in %% of the scores at each scale and of all together, the mean over runs and then over tasks", rows[0].Protocol, rows[0].Data),
		Columns: []string{"detector", "γ"},
	}
	most := 0
	for _, s := range rows {
		most = max(most, len(s.Scales))
	}
	for i := range most {
		t.Columns = append(t.Columns, fmt.Sprintf("scale %d", i+1))
	}
	t.Columns = append(t.Columns, "all")
	for _, s := range rows {
		if len(s.Scales) == 0 {
			continue
		}
		row := make([]string, 2+most, 3+most)
		row[0], row[1] = s.Title, fmt.Sprint(s.Gamma)
		for i, v := range s.Scales {
			row[2+i] = percent(v)
		}
		t.Rows = append(t.Rows, append(row, percent(s.Mean)))
	}
	return t
}

// kindTables returns a table of the kinds of anomalies of each task.
func kindTables(rows []*Summary) []report.Table {
	var tables []report.Table
	for _, name := range tasksOf(rows) {
		t := report.Table{
			Caption: fmt.Sprintf("%s, %s: AUROC in %% of %s by kind of anomalies, each against all normal images", rows[0].Protocol, rows[0].Data, name),
			Columns: []string{"detector", "γ"},
		}
		var kinds []string
		for _, s := range rows {
			for _, k := range s.kinds(name) {
				if !slices.Contains(kinds, k.Name) {
					kinds = append(kinds, k.Name)
				}
			}
		}
		t.Columns = append(t.Columns, kinds...)
		for _, s := range rows {
			row := []string{s.Title, fmt.Sprint(s.Gamma)}
			of := s.kinds(name)
			for _, kind := range kinds {
				cell := ""
				if i := slices.IndexFunc(of, func(k Kind) bool { return k.Name == kind }); i >= 0 {
					cell = percent(of[i].AUROC)
				}
				row = append(row, cell)
			}
			t.Rows = append(t.Rows, row)
		}
		tables = append(tables, t)
	}
	return tables
}

// kinds returns the kinds of a task; none if s has not that task.
func (s *Summary) kinds(task string) []Kind {
	for _, t := range s.Tasks {
		if t.Name == task {
			return t.Kinds
		}
	}
	return nil
}
