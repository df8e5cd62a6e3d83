package protocol

import (
	"fmt"
	"math"
	"slices"
	"strings"
)

// Summary is what the runs of a detector with one share γ of known anomalies have measured
// together. Shares are from 0 to 1.
type Summary struct {
	Protocol string   `json:"protocol"`
	Data     string   `json:"data"`
	Detector string   `json:"detector"` // its id
	Title    string   `json:"title"`    // for tables, with what tells it from others of its name
	Gamma    float64  `json:"gamma"`
	Runs     int      `json:"runs"`
	Tasks    []Task   `json:"tasks"`
	Measure  string   `json:"measure,omitempty"` // of Mean, Tasks and Worst; "": AUROC
	Mean     float64  `json:"mean"`              // of Measure: the mean over tasks of the mean over their runs
	Spread   *float64 `json:"spread"`            // of the mean over tasks, from draw to draw and seed to seed; nil: there are not two
	Worst    Task     `json:"worst"`             // the task with the lowest AUROC

	Precision  float64   `json:"average_precision"` // means as Mean
	FPR95      float64   `json:"false_alarms_at_95"`
	F1         float64   `json:"f1"`
	Balanced   float64   `json:"balanced_accuracy"`
	Scales     []float64 `json:"scale_auroc,omitempty"` // AUROC of the scores at each scale
	PixelAUROC *float64  `json:"pixel_auroc,omitempty"`
	PRO        *float64  `json:"pro,omitempty"`
	Atypical   *float64  `json:"atypical_false_alarms_at_95,omitempty"`

	Vary  string `json:"vary,omitempty"` // of a sweep: the setting that varies, and its value
	Value string `json:"value,omitempty"`

	layout  string
	known   string
	alike   string // rows of a sweep that differ in the value alone have the same
	results []*Result
}

// Task is the mean over the runs of a task.
type Task struct {
	Name  string  `json:"name"`
	AUROC float64 `json:"auroc"` // or what Summary.Measure says
	Runs  int     `json:"runs"`
	Kinds []Kind  `json:"kinds"` // of anomalies, with the mean AUROC
}

// Summarise returns what results say together, in the order in which they first come, for
// each protocol, data, detector with its settings, and γ.
func Summarise(results []*Result) []*Summary {
	var keys []string
	groups := map[string][]*Result{}
	for _, r := range results {
		key := strings.Join([]string{r.Run.Protocol, r.Run.source(), fmt.Sprint(r.Run.Gamma), r.Run.variant(true)}, "\x00")
		if groups[key] == nil {
			keys = append(keys, key)
		}
		groups[key] = append(groups[key], r)
	}
	var all []*Summary
	for _, key := range keys {
		all = append(all, summaryOf(groups[key]))
	}
	variants := map[string]map[string]bool{} // of each detector
	for _, r := range results {
		if variants[r.Run.Detector] == nil {
			variants[r.Run.Detector] = map[string]bool{}
		}
		variants[r.Run.Detector][r.Run.variant(true)] = true
	}
	for i, s := range all {
		if first := groups[keys[i]][0].Run; len(variants[s.Detector]) > 1 {
			s.Title += strings.TrimPrefix(first.variant(true), first.Detector)
		}
	}
	return all
}

// source names what the tasks of r are parts of.
func (r *Run) source() string {
	parts := []string{r.Source}
	for i := range r.Out {
		parts = append(parts, r.Out[i].name())
	}
	text := strings.Join(parts, " against ")
	if r.Data.Grey {
		text += ", grey"
	}
	if r.Data.Fine {
		text += ", 100 classes"
	}
	return text
}

// variant returns the detector with all that tells it from others in a table; of a sweep with
// the setting that varies only if that is asked for.
func (r *Run) variant(varying bool) string {
	text := r.Detector
	sets := r.Set
	if r.changesModel() {
		sets = []string{r.Value} // which says what is changed
	}
	for i, set := range sets {
		if r.Vary == "" || i+1 < len(sets) || varying {
			text += " " + set
		}
	}
	if r.Budget > 0 {
		text += " " + shortTime(r.Budget)
	}
	if r.Known != "" {
		text += " known " + r.Known
	}
	return text
}

// shortTime returns a duration without parts that are 0, such as "5m".
func shortTime(d Duration) string {
	text := d.String()
	if strings.HasSuffix(text, "m0s") {
		text = strings.TrimSuffix(text, "0s")
	}
	if strings.HasSuffix(text, "h0m") {
		text = strings.TrimSuffix(text, "0m")
	}
	return text
}

// summaryOf returns what the results of one row say.
func summaryOf(results []*Result) *Summary {
	first := results[0]
	s := &Summary{
		Protocol: first.Run.Protocol, Data: first.Run.source(), Detector: first.Run.Detector, Title: first.Title,
		Gamma: first.Run.Gamma, Runs: len(results), layout: first.Layout, known: first.Run.Known, results: results,
		Vary: first.Run.Vary, Value: first.Run.Value, alike: first.Run.variant(false),
	}
	if name, _ := first.Figure(); name != auroc {
		s.Measure = name
	}
	var names []string
	tasks := map[string][]*Result{}
	for _, r := range results {
		if tasks[r.Run.Task] == nil {
			names = append(names, r.Run.Task)
		}
		tasks[r.Run.Task] = append(tasks[r.Run.Task], r)
	}
	of := func(value func(*Result) *float64) *float64 {
		var means []float64
		for _, name := range names {
			if m := meanOf(tasks[name], value); m != nil {
				means = append(means, *m)
			}
		}
		return average(means)
	}
	for _, name := range names {
		t := Task{name, *meanOf(tasks[name], figure), len(tasks[name]), kindsOf(tasks[name])}
		if s.Worst.Name == "" || t.AUROC < s.Worst.AUROC {
			s.Worst = t
		}
		s.Tasks = append(s.Tasks, t)
	}
	s.Mean, s.Spread = *of(figure), spreadOf(results, len(names))
	s.Precision = *of(func(r *Result) *float64 { return &r.Metrics.Precision })
	s.FPR95 = *of(func(r *Result) *float64 { return &r.Metrics.FPR95 })
	s.F1 = *of(func(r *Result) *float64 { return &r.Metrics.F1 })
	s.Balanced = *of(func(r *Result) *float64 { return &r.Metrics.Balanced })
	for i := range scalesOf(results) {
		s.Scales = append(s.Scales, *of(func(r *Result) *float64 { return &r.Metrics.ScaleAUROC[i] }))
	}
	s.PixelAUROC = of(func(r *Result) *float64 { return r.Metrics.PixelAUROC })
	s.Atypical = of(func(r *Result) *float64 { return r.Metrics.Atypical })
	s.PRO = of(func(r *Result) *float64 { return r.Metrics.PRO })
	return s
}

// scalesOf returns the number of scales of all results; 0 if results differ in it.
func scalesOf(results []*Result) int {
	n := len(results[0].Metrics.ScaleAUROC)
	if slices.ContainsFunc(results, func(r *Result) bool { return len(r.Metrics.ScaleAUROC) != n }) {
		return 0
	}
	return n
}

func figure(r *Result) *float64 {
	_, v := r.Figure()
	return &v
}

// meanOf returns the mean of a value of results, of those that have it; nil: none has.
func meanOf(results []*Result, value func(*Result) *float64) *float64 {
	var all []float64
	for _, r := range results {
		if v := value(r); v != nil {
			all = append(all, *v)
		}
	}
	return average(all)
}

// average returns the mean; nil of nothing.
func average(all []float64) *float64 {
	if len(all) == 0 {
		return nil
	}
	var sum float64
	for _, v := range all {
		sum += v
	}
	sum /= float64(len(all))
	return &sum
}

// kindsOf returns the kinds of the results of a task, with their mean AUROC.
func kindsOf(results []*Result) []Kind {
	var kinds []Kind
	for _, k := range results[0].Kinds {
		mean := meanOf(results, func(r *Result) *float64 {
			for i := range r.Kinds {
				if r.Kinds[i].Name == k.Name {
					return &r.Kinds[i].AUROC
				}
			}
			return nil
		})
		kinds = append(kinds, Kind{k.Name, k.Images, *mean})
	}
	return kinds
}

// spreadOf returns the standard deviation of the mean over the tasks, from repetition to
// repetition (a draw with a seed), of those in which no task is missing; nil: there are not
// two.
func spreadOf(results []*Result, tasks int) *float64 {
	type repetition struct{ draw, seed uint64 }
	of := map[repetition][]float64{}
	var order []repetition
	for _, r := range results {
		k := repetition{r.Run.Draw, r.Run.Seed}
		if of[k] == nil {
			order = append(order, k)
		}
		of[k] = append(of[k], *figure(r))
	}
	var means []float64
	for _, k := range order {
		if len(of[k]) == tasks {
			means = append(means, *average(of[k]))
		}
	}
	if len(means) < 2 {
		return nil
	}
	mean := *average(means)
	var square float64
	for _, m := range means {
		square += (m - mean) * (m - mean)
	}
	sd := math.Sqrt(square / float64(len(means)-1))
	return &sd
}

// tasksOf returns the names of the tasks of summaries, in the order in which they first come.
func tasksOf(all []*Summary) []string {
	var names []string
	for _, s := range all {
		for _, t := range s.Tasks {
			if !slices.Contains(names, t.Name) {
				names = append(names, t.Name)
			}
		}
	}
	return names
}
