package protocol

import (
	"fmt"
	"slices"

	"anomem/eval/report"
)

// quotation is a row of the paper's table 1, mean AUROC in percent over all normal classes,
// by γ = 0, 0.01, 0.05 and 0.10; 0: the paper has none.
type quotation struct {
	name     string
	id       string // of the detector here
	cifar10  [4]float64
	cifar100 [4]float64 // the 20 super-classes
}

var quotedGammas = [4]float64{0, 0.01, 0.05, 0.10}

// The paper's table 1. Its SSD and Reverse Distillation have no figure for all sets.
var quotations = []quotation{
	{"MemAE", "memae", [4]float64{60.9}, [4]float64{57.4}},
	{"OC-SVM", "ocsvm", [4]float64{64.7}, [4]float64{62.6}},
	{"PIAD", "piad", [4]float64{79.9}, [4]float64{78.8}},
	{"GOAD", "goad", [4]float64{88.2}, [4]float64{74.5}},
	{"MHRot", "mhrot", [4]float64{89.5}, [4]float64{83.6}},
	{"Reverse Distillation", "reversedistillation", [4]float64{86.5}, [4]float64{}},
	{"SSD", "ssd", [4]float64{90.0}, [4]float64{85.1}},
	{"CSI", "csi", [4]float64{94.3}, [4]float64{85.8}},
	{"Supervised", "supervised", [4]float64{0, 55.6, 63.5, 67.7}, [4]float64{0, 53.8, 58.4, 62.5}},
	{"SS-DGM", "ssdgm", [4]float64{0, 49.7, 50.8, 52.0}, [4]float64{}},
	{"Elsa", "elsa", [4]float64{0, 80.0, 85.7, 87.1}, [4]float64{0, 81.3, 84.6, 86.0}},
	{"DeepSAD", "deepsad", [4]float64{60.9, 72.6, 77.9, 79.8}, [4]float64{56.3, 67.7, 71.6, 73.2}},
	{"DP-VAE", "dpvae", [4]float64{52.7, 74.5, 79.1, 81.1}, [4]float64{56.7, 68.5, 73.4, 75.8}},
	{"AnoMem", "anomem", [4]float64{91.5, 92.5, 97.1, 97.6}, [4]float64{86.1, 90.9, 92.3, 94.7}},
}

// quotedLinear are the rows of the paper's table 4a for CIFAR-10, in percent. Of CIFAR-100 it does not
// say how many classes were told.
var quotedLinear = []struct {
	name    string
	cifar10 float64
}{{"no memory, last scale", 88.2}, {"memory, last scale", 91.4}, {"memory, all scales", 91.9}}

// quoteLinear adds them to a table of all of CIFAR-10.
func quoteLinear(t *report.Table, rows []*Summary) {
	if rows[0].layout != "cifar10" {
		return
	}
	column := slices.Index(t.Columns, "mean")
	for _, q := range quotedLinear {
		row := make([]string, len(t.Columns))
		row[0], row[1], row[column] = "AnoMem "+q.name+" (quoted from the paper)", "0", fmt.Sprintf("%.1f", q.cifar10)
		t.Rows = append(t.Rows, row)
	}
}

// quote adds the paper's rows of the detectors of a table, where the protocol is the paper's:
// one-vs-all with every class of CIFAR-10 or CIFAR-100, and known anomalies of all classes.
func quote(t *report.Table, rows []*Summary) {
	if rows[0].Protocol == LinearEvaluation {
		quoteLinear(t, rows)
		return
	}
	column := slices.Index(t.Columns, "mean")
	for _, q := range quotations {
		for i, gamma := range quotedGammas {
			value := q.beside(rows, i)
			if value == 0 {
				continue
			}
			row := make([]string, len(t.Columns))
			row[0], row[1], row[column] = q.name+" (quoted from the paper)", fmt.Sprint(gamma), fmt.Sprintf("%.1f", value)
			t.Rows = append(t.Rows, row)
		}
	}
}

// beside returns the figure at quotedGammas[i] if there are rows that it can be compared with; 0:
// there is none.
func (q *quotation) beside(rows []*Summary, i int) float64 {
	if !slices.ContainsFunc(rows, func(s *Summary) bool {
		return s.Detector == q.id && s.Gamma == quotedGammas[i] && s.known == "" && s.isPapers()
	}) {
		return 0
	}
	if rows[0].layout == "cifar100" {
		return q.cifar100[i]
	}
	return q.cifar10[i]
}

// isPapers reports whether the tasks of s are those of the paper's table 1.
func (s *Summary) isPapers() bool {
	if s.Protocol != OneVsAll {
		return false
	}
	return s.layout == "cifar10" && len(s.Tasks) == 10 || s.layout == "cifar100" && len(s.Tasks) == 20
}
