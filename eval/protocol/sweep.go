package protocol

import (
	"fmt"
	"slices"
	"strings"
)

// variant is a detector with settings.
type variant struct {
	detector    string
	set         []string
	vary, value string // of a sweep
}

// variants returns the detectors with their settings: in a sweep, each with every value of the
// setting that varies, which it tries.
func (g *Grid) variants(sets map[string][]string) ([]variant, error) {
	var all []variant
	switch g.Protocol {
	case Ablation:
		return g.ablated(sets, ablations())
	case LinearEvaluation:
		return g.ablated(sets, representations())
	}
	if g.Protocol != Sweep {
		if g.Vary != "" {
			return nil, fmt.Errorf("protocol: the setting %q varies: only the protocol %s has one", g.Vary, Sweep)
		}
		for _, id := range g.Detectors {
			all = append(all, variant{detector: id, set: sets[id]})
		}
		return all, nil
	}
	name, values, ok := strings.Cut(g.Vary, "=")
	if !ok {
		return nil, fmt.Errorf("protocol: sweep: the setting that varies is %q: want NAME=VALUE,VALUE", g.Vary)
	}
	for _, id := range g.Detectors {
		for value := range strings.SplitSeq(values, ",") {
			assignment := name + "=" + value
			d, err := newDetector(g.New, id)
			if err != nil {
				return nil, err
			}
			s, takes := setterOf(d)
			if !takes {
				return nil, fmt.Errorf("protocol: sweep: detector %s takes no settings, such as %s", id, assignment)
			}
			if err := s.Set(assignment); err != nil {
				return nil, fmt.Errorf("protocol: sweep: detector %s: %w", id, err)
			}
			all = append(all, variant{id, append(slices.Clone(sets[id]), assignment), name, value})
		}
	}
	return all, nil
}
