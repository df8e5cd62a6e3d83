package main

import (
	"fmt"
	"os"
	"slices"
	"text/tabwriter"

	"gonum.org/v1/gonum/stat"
)

// agreement returns, for each candidate, the mean rank correlation of its scores with those
// of the others, in per cent.
func agreement(scores [][]float64) []float64 {
	ranked := make([][]float64, len(scores))
	for k, s := range scores {
		ranked[k] = ranks(s)
	}
	out := make([]float64, len(scores))
	for a := range ranked {
		for b := range ranked {
			if a != b {
				out[a] += 100 * stat.Correlation(ranked[a], ranked[b], nil) / float64(len(ranked)-1)
			}
		}
	}
	return out
}

// ranks returns the rank of each value; equal values share the mean of theirs.
func ranks(v []float64) []float64 {
	order := make([]int, len(v))
	for i := range order {
		order[i] = i
	}
	slices.SortFunc(order, func(a, b int) int {
		switch {
		case v[a] < v[b]:
			return -1
		case v[a] > v[b]:
			return 1
		}
		return 0
	})
	out := make([]float64, len(v))
	for i := 0; i < len(order); {
		j := i + 1
		for j < len(order) && v[order[j]] == v[order[i]] {
			j++
		}
		for k := i; k < j; k++ {
			out[order[k]] = float64(i+j-1) / 2
		}
		i = j
	}
	return out
}

// print writes the table of one model.
func (t *table) print(classes string) {
	w := tabwriter.NewWriter(os.Stdout, 0, 0, 2, ' ', 0)
	fmt.Fprintf(w, "%s\ttruth", classes)
	for _, p := range t.proxies {
		fmt.Fprintf(w, "\t%s", p)
	}
	fmt.Fprintln(w)
	for c, name := range t.candidates {
		fmt.Fprintf(w, "%s\t%.1f", name, t.truth[c])
		for p := range t.proxies {
			fmt.Fprintf(w, "\t%.1f", t.byProxy[p][c])
		}
		fmt.Fprintln(w)
	}
	w.Flush()
	fmt.Println()
}

// rule is how one way of choosing does.
type rule struct {
	name        string
	correlation []float64 // with the truth, one a model; nil: the rule ranks nothing
	cost        []float64
}

// summary collects how each rule does over the models.
type summary struct {
	rules []rule
}

func (s *summary) add(t *table) {
	best := slices.Max(t.truth)
	for p, name := range t.proxies {
		r := s.of(name)
		r.correlation = append(r.correlation, stat.Correlation(ranks(t.byProxy[p]), ranks(t.truth), nil))
		first := slices.Index(t.byProxy[p], slices.Max(t.byProxy[p]))
		r.cost = append(r.cost, best-t.truth[first])
	}
	for c, name := range t.candidates {
		r := s.of("always " + name)
		r.cost = append(r.cost, best-t.truth[c])
	}
}

func (s *summary) of(name string) *rule {
	for i := range s.rules {
		if s.rules[i].name == name {
			return &s.rules[i]
		}
	}
	s.rules = append(s.rules, rule{name: name})
	return &s.rules[len(s.rules)-1]
}

func (s *summary) print() {
	w := tabwriter.NewWriter(os.Stdout, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "choice by\trank correlation, mean\tleast\tcost in AUROC, mean\tmost")
	for _, r := range s.rules {
		correlation, least := "", ""
		if r.correlation != nil {
			correlation = fmt.Sprintf("%.2f", stat.Mean(r.correlation, nil))
			least = fmt.Sprintf("%.2f", slices.Min(r.correlation))
		}
		fmt.Fprintf(w, "%s\t%s\t%s\t%.2f\t%.2f\n", r.name, correlation, least, stat.Mean(r.cost, nil), slices.Max(r.cost))
	}
	w.Flush()
}
