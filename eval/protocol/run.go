package protocol

import (
	"bytes"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"anomem/dataset"
)

// The protocols.
const (
	OneVsAll = "one-vs-all"
	OOD      = "ood"
	Folder   = "folder"
	Sweep    = "sweep"

	CrossType        = "cross-type"
	Ablation         = "ablation"
	LinearEvaluation = "linear"
)

// About is a protocol and what it does, in a line.
type About struct{ Name, Summary string }

// Protocols returns the protocols.
func Protocols() []About {
	return []About{
		{OneVsAll, "each class of a set as the normal one, the others as anomalies"},
		{OOD, "a set or some of its classes as normal, other sets or its other classes as anomalies"},
		{Folder, "an industrial set in the layout of MVTec AD or VisA, of one object or several"},
		{CrossType, "each kind of anomalies as the one that no known anomaly is of; scores of a group are averaged"},
		{Sweep, "one-vs-all with each of some values of a setting, such as the size of a memory"},
		{Ablation, "one-vs-all with parts of this project's model changed: its memories, its scales, the batch"},
		{LinearEvaluation, "accuracy of a linear classifier of this project's features, learned with and without memories"},
	}
}

// names returns the names of the protocols for an error.
func names() string {
	var all []string
	for _, p := range Protocols() {
		all = append(all, p.Name)
	}
	return strings.Join(all[:len(all)-1], ", ") + " or " + all[len(all)-1]
}

// Data says where images are and how they are read.
type Data struct {
	Path    string            `json:"path"`
	Layout  string            `json:"layout,omitempty"` // as dataset.Options.Layout, and so on
	Fine    bool              `json:"fine,omitempty"`
	Object  string            `json:"object,omitempty"`
	Columns map[string]string `json:"columns,omitempty"`
	Grey    bool              `json:"grey,omitempty"` // images lose their colours
	Side    int               `json:"side,omitempty"` // images become squares of so many pixels; 0: they stay
}

func (d *Data) options(normal []string) dataset.Options {
	return dataset.Options{Layout: d.Layout, Fine: d.Fine, Object: d.Object, Columns: d.Columns, Normal: normal}
}

// name returns the data's name for tables.
func (d *Data) name() string {
	name := filepath.Base(filepath.Clean(d.Path))
	if d.Object != "" {
		name += " " + d.Object
	}
	return name
}

// Run is one training of one detector, and its test.
type Run struct {
	Protocol string   `json:"protocol"`
	Data     Data     `json:"data"`
	Out      []Data   `json:"out,omitempty"`         // ood: the sets that are anomalous; none: the other classes of Data
	Source   string   `json:"source"`                // what the tasks are parts of, for tables
	Task     string   `json:"task"`                  // what results are averaged over: the normal class, the object or the set
	Normal   []string `json:"normal,omitempty"`      // the normal classes; none: as dataset.Open decides
	Gamma    float64  `json:"gamma"`                 // share of known anomalies among the images trained on
	Known    string   `json:"known_class,omitempty"` // they are of this class alone; "": of all
	Unseen   string   `json:"unseen,omitempty"`      // cross-type: the class that no known anomaly is of, and all tested anomalies are; "": all are tested
	Draw     uint64   `json:"draw"`                  // seed of what is drawn of the data
	Seed     uint64   `json:"seed"`                  // of the detector
	Detector string   `json:"detector"`              // its id in package registry
	Set      []string `json:"set,omitempty"`         // settings of a detector that takes some, NAME=VALUE
	Vary     string   `json:"vary,omitempty"`        // sweep: the name of the setting that has another value in other runs; Set has this run's; ablation and linear: Row
	Value    string   `json:"value,omitempty"`       // sweep: that value; ablation and linear: what was changed
	Budget   Duration `json:"budget,omitzero"`       // of Fit; 0: the detector's default
	Train    int      `json:"train,omitempty"`       // the most normal images to train on; 0: all
	Test     int      `json:"test,omitempty"`        // the most images of a class to test on; 0: all
}

// Duration is a time that JSON has as text, such as "5m0s".
type Duration time.Duration

// String returns the duration as time.Duration does.
func (d Duration) String() string { return time.Duration(d).String() }

// MarshalText implements encoding.TextMarshaler.
func (d Duration) MarshalText() ([]byte, error) { return []byte(d.String()), nil }

// UnmarshalText implements encoding.TextUnmarshaler.
func (d *Duration) UnmarshalText(text []byte) error {
	v, err := time.ParseDuration(string(text))
	*d = Duration(v)
	return err
}

// check returns an error if r cannot be run.
func (r *Run) check() error {
	switch {
	case !slices.ContainsFunc(Protocols(), func(a About) bool { return a.Name == r.Protocol }):
		return fmt.Errorf("protocol %q: want %s", r.Protocol, names())
	case (r.Protocol == Sweep || r.changesModel()) != (r.Vary != ""):
		return fmt.Errorf("the setting %q varies: only the protocols %s, %s and %s have one, and need it", r.Vary, Sweep, Ablation, LinearEvaluation)
	case r.Protocol == LinearEvaluation && r.Gamma > 0:
		return fmt.Errorf("a share %v of known anomalies: the protocol %s has no anomalies", r.Gamma, LinearEvaluation)
	case r.Unseen != "" && (r.Protocol != CrossType || r.Unseen == r.Known):
		return fmt.Errorf("no known anomaly is of class %q: only the protocol %s has such a class and known anomalies are of another", r.Unseen, CrossType)
	case r.Data.Path == "" || slices.ContainsFunc(r.Out, func(d Data) bool { return d.Path == "" }):
		return fmt.Errorf("no path of the data")
	case r.Detector == "":
		return fmt.Errorf("no detector")
	case len(r.Out) > 0 && r.Protocol != OOD:
		return fmt.Errorf("anomalies from other sets: the protocol %s has none", r.Protocol)
	case len(r.Out) > 0 && r.Gamma > 0:
		return fmt.Errorf("a share %v of known anomalies: none can be drawn where the anomalies are other sets", r.Gamma)
	case !(r.Gamma >= 0 && r.Gamma < 1):
		return fmt.Errorf("a share %v of known anomalies: want one from 0 to below 1", r.Gamma)
	case r.Budget < 0 || r.Train < 0 || r.Test < 0 || r.Data.Side < 0:
		return fmt.Errorf("a budget of %v, %d images to train on, %d to test on, a side of %d pixels: want none below 0", r.Budget, r.Train, r.Test, r.Data.Side)
	}
	return nil
}

// changesModel reports whether r changes parts of this project's model.
func (r *Run) changesModel() bool { return r.Protocol == Ablation || r.Protocol == LinearEvaluation }

// Name returns a name for files that says what r is. Different runs have different names.
func (r *Run) Name() string {
	text, err := json.Marshal(r)
	if err != nil {
		panic(err) // texts and numbers
	}
	parts := []string{r.Detector, r.Task, fmt.Sprintf("g%v", r.Gamma), fmt.Sprintf("d%d", r.Draw), fmt.Sprintf("s%d", r.Seed)}
	name := strings.Map(func(c rune) rune {
		if c == '.' || c == '-' || c >= '0' && c <= '9' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' {
			return c
		}
		return '_'
	}, strings.Join(parts, "-"))
	return fmt.Sprintf("%s-%x", name[:min(len(name), 80)], sha256.Sum256(text))[:min(len(name), 80)+17]
}

// MarshalPlan returns a plan as JSON: a list with a run a line.
func MarshalPlan(plan []Run) ([]byte, error) {
	var b bytes.Buffer
	for i := range plan {
		text, err := json.Marshal(&plan[i])
		if err != nil {
			return nil, err
		}
		b.WriteString(map[bool]string{true: "[\n", false: ",\n"}[i == 0])
		b.Write(text)
	}
	if len(plan) == 0 {
		b.WriteString("[")
	}
	b.WriteString("\n]\n")
	return b.Bytes(), nil
}

// ParsePlan is the inverse of MarshalPlan, for a list in any form. It is an error if a run has
// an unknown field or cannot be run.
func ParsePlan(text []byte) ([]Run, error) {
	in := json.NewDecoder(bytes.NewReader(text))
	in.DisallowUnknownFields()
	var plan []Run
	if err := in.Decode(&plan); err != nil {
		return nil, fmt.Errorf("protocol: not a plan: %w", err)
	}
	if in.More() {
		return nil, fmt.Errorf("protocol: not a plan: there is more after the list")
	}
	for i := range plan {
		if err := plan[i].check(); err != nil {
			return nil, fmt.Errorf("protocol: run %d of the plan: %w", i, err)
		}
	}
	return plan, nil
}
