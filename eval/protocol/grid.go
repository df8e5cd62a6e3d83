package protocol

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"anomem/baseline"
	"anomem/dataset"
	"anomem/internal/setting"
)

// Grid is what a plan is made from: a run for each combination.
type Grid struct {
	Protocol  string
	Data      Data
	Out       []Data   // of ood
	Normal    []string // one-vs-all: the classes to take for normal in turn, none: all; ood: together
	Gammas    []float64
	Known     string // the class that known anomalies are drawn from; "": all
	Draws     int    // draws of known anomalies for each γ above 0
	Seeds     int
	Detectors []string // ids
	Set       []string // settings, for the detectors that take some
	Vary      string   // sweep: a setting, NAME=VALUE,VALUE..., that each detector takes
	Budget    Duration
	Train     int
	Test      int

	// New returns a detector by its id; nil: registry.New.
	New func(id string) (baseline.Detector, error)
}

// setter is a detector that takes settings by name.
type setter interface{ Set(assignment string) error }

// setterOf returns d as a setter, if it takes settings.
func setterOf(d baseline.Detector) (setter, bool) {
	if c, ok := d.(baseline.Configurable); ok {
		return configurable{c}, true
	}
	s, ok := d.(setter)
	return s, ok
}

// configurable sets the parameters of a detector.
type configurable struct{ baseline.Configurable }

func (c configurable) Set(assignment string) error { return setting.Set(c.Settings(), assignment) }

// Plan returns the runs, sorted so that after the first part of them each detector has seen
// the same: by seed, draw, γ, task and detector. It looks at what the data hold, and fails
// where they cannot be read, and for what no run could do.
func (g *Grid) Plan() ([]Run, error) {
	if len(g.Detectors) == 0 || len(g.Gammas) == 0 || g.Draws < 1 || g.Seeds < 1 {
		return nil, errors.New("protocol: a plan needs a detector, a share of known anomalies, a draw and a seed, each at least once")
	}
	sets, err := g.settings()
	if err != nil {
		return nil, err
	}
	variants, err := g.variants(sets)
	if err != nil {
		return nil, err
	}
	tasks, err := g.tasks()
	if err != nil {
		return nil, err
	}
	var plan []Run
	for seed := range g.Seeds {
		for draw := range g.Draws {
			for _, gamma := range g.Gammas {
				if gamma == 0 && draw > 0 {
					continue // nothing is drawn
				}
				for _, task := range tasks {
					if g.Protocol == CrossType && (gamma == 0) != (task.Unseen == "") {
						continue // without known anomalies all kinds are unseen
					}
					r := task
					r.Protocol, r.Source, r.Out, r.Gamma, r.Draw, r.Seed = g.Protocol, g.Data.name(), g.Out, gamma, uint64(draw+1), uint64(seed+1)
					r.Budget, r.Train, r.Test = g.Budget, g.Train, g.Test
					if gamma > 0 {
						r.Known = g.Known
					}
					for _, v := range variants {
						if r.Detector, r.Set, r.Vary, r.Value = v.detector, v.set, v.vary, v.value; r.check() != nil {
							return nil, fmt.Errorf("protocol: %w", r.check())
						}
						plan = append(plan, r)
					}
				}
			}
		}
	}
	return plan, nil
}

// settings returns the settings of each detector, which it tries.
func (g *Grid) settings() (map[string][]string, error) {
	sets := map[string][]string{}
	taken := len(g.Set) == 0
	for _, id := range g.Detectors {
		d, err := newDetector(g.New, id)
		if err != nil {
			return nil, err
		}
		s, ok := setterOf(d)
		if !ok {
			continue
		}
		for _, assignment := range g.Set {
			if err := s.Set(assignment); err != nil {
				return nil, fmt.Errorf("protocol: detector %s: %w", id, err)
			}
		}
		sets[id], taken = g.Set, true
	}
	if !taken {
		return nil, fmt.Errorf("protocol: %s: none of the detectors takes settings", strings.Join(g.Set, ", "))
	}
	return sets, nil
}

// tasks returns a run for each task, with data, normal classes and name.
func (g *Grid) tasks() ([]Run, error) {
	if g.Protocol == Folder {
		return g.parts()
	}
	classes, err := dataset.ClassesOf(g.Data.Path, g.Data.options(nil))
	if err != nil {
		return nil, err
	}
	for _, name := range append([]string{g.Known}, g.Normal...) {
		if name != "" && !slices.Contains(classes, name) {
			return nil, fmt.Errorf("protocol: %q is no class of %s; its classes are %s", name, g.Data.Path, strings.Join(classes, ", "))
		}
	}
	if g.Protocol == CrossType {
		return g.kinds()
	}
	if g.Protocol == OOD {
		normal := g.Normal
		if len(normal) == 0 && len(g.Out) == 0 {
			return nil, fmt.Errorf("protocol: ood: name the normal classes of %s, or another set whose images are anomalous", g.Data.Path)
		}
		if len(normal) == 0 {
			normal = classes
		}
		return []Run{{Data: g.Data, Task: g.Data.name(), Normal: normal}}, nil
	}
	if len(classes) < 2 {
		return nil, fmt.Errorf("protocol: %s needs several classes, and %s has %d", g.Protocol, g.Data.Path, len(classes))
	}
	if g.Protocol == LinearEvaluation {
		if len(g.Normal) > 0 {
			return nil, fmt.Errorf("protocol: %s learns from all classes: name no normal ones", g.Protocol)
		}
		return []Run{{Data: g.Data, Task: g.Data.name(), Normal: classes}}, nil
	}
	normal := g.Normal
	if len(normal) == 0 {
		normal = classes
	}
	var tasks []Run
	for _, class := range normal {
		if class == g.Known {
			return nil, fmt.Errorf("protocol: known anomalies of class %s cannot be drawn where it is the normal one: name others with Normal", class)
		}
		tasks = append(tasks, Run{Data: g.Data, Task: class, Normal: []string{class}})
	}
	return tasks, nil
}

// parts returns a run for each object of an industrial set.
func (g *Grid) parts() ([]Run, error) {
	if len(g.Normal) > 0 {
		return nil, errors.New("protocol: folder: the names of the folders say which images are normal")
	}
	parts, err := dataset.PartsOf(g.Data.Path, g.Data.options(nil))
	if err != nil {
		return nil, err
	}
	var tasks []Run
	for _, part := range parts {
		d := g.Data
		d.Path, d.Object = part.Path, part.Object
		if _, err := dataset.Open(d.Path, d.options(nil)); err != nil {
			return nil, err
		}
		tasks = append(tasks, Run{Data: d, Task: part.Name})
	}
	return tasks, nil
}
