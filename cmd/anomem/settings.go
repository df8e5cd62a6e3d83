package main

import (
	"fmt"
	"strings"

	"anomem"
	"anomem/internal/setting"
	"anomem/train"
)

// settings are the configuration of a model and the options of its training, as --set and
// inspect --config name them: "memory.beta", "train.batch".
type settings struct {
	*anomem.Config
	Train *train.Options `json:"train"`
}

// assignments are the values of --set, in order.
type assignments struct {
	texts []string
	names []string // of the settings, in full
}

func (a *assignments) String() string { return strings.Join(a.texts, " ") }

// Set takes an assignment that the settings of a preset could take.
func (a *assignments) Set(text string) error {
	c, o := anomem.DefaultConfig(), train.DefaultOptions(32)
	s := settings{&c, &o}
	if err := s.apply(a.texts); err != nil {
		return err
	}
	if err := setting.Set(&s, text); err != nil {
		return err
	}
	name, _, _ := strings.Cut(text, "=")
	entry, err := setting.Get(&s, name)
	if err != nil {
		return err
	}
	a.texts, a.names = append(a.texts, text), append(a.names, entry.Name)
	return nil
}

// value returns the value that is assigned to a setting, if one is.
func (a *assignments) value(name string) (value string, ok bool) {
	for i, n := range a.names {
		if n == name {
			_, value, _ = strings.Cut(a.texts[i], "=")
			ok = true
		}
	}
	return value, ok
}

// covers reports that a setting, or a list that it is in, is assigned.
func (a *assignments) covers(name string) bool {
	for _, n := range a.names {
		if n == name || strings.HasPrefix(name, n+".") {
			return true
		}
	}
	return false
}

// apply makes assignments.
func (s *settings) apply(texts []string) error {
	for _, text := range texts {
		if err := setting.Set(s, text); err != nil {
			return fmt.Errorf("--set %s: %w", text, err)
		}
	}
	return nil
}

// notKept returns a line for each of the assigned settings that a training has changed.
func (a *assignments) notKept(planned, trained *settings) []string {
	var lines []string
	for _, name := range a.names {
		was, err := setting.Get(planned, name)
		if err != nil {
			continue
		}
		if is, err := setting.Get(trained, name); err == nil && is != was {
			lines = append(lines, fmt.Sprintf("%s was set, but training decides it by itself: it is %s", was, is.Value))
		}
	}
	return lines
}
