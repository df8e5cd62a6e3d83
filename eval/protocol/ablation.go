package protocol

import (
	"fmt"
	"slices"
	"strings"
)

// Row is the name of what varies in an ablation.
const Row = "row"

// ablated is the model that an ablation changes.
const ablated = "anomem"

// ablation is a row of an ablation: what is changed, and the settings that do it.
type ablation struct {
	name string
	set  []string
}

// oneScale leaves the first scale out of the loss and of the score.
const oneScale = "scales.0.lambda=0"

// centres leaves the memories out of stage 1, and fills them with the k-means centres of
// features afterwards.
var centres = []string{"train.memoryless=true", "train.patterns=kmeans"}

// queued contrasts features with the nearest of the last 4096 normal ones in place of a
// memory's retrieval (section 2.1).
var queued = []string{"train.queue=4096", "train.patterns=kmeans"}

// ablations are the rows of the paper's table 4b and of section 4.4. All learn by eq. 7, which
// the presets leave out for some kinds of images. Each result has the false rejections of atypical
// normal images, too (Metrics.Atypical).
func ablations() []ablation {
	with := func(name string, sets ...[]string) ablation {
		return ablation{name, slices.Concat(append([][]string{{"train.uncontrasted=false"}}, sets...)...)}
	}
	rows := []ablation{
		with("k-means, last scale", centres, []string{oneScale}),
		with("k-means, all scales", centres),
		with("memory, last scale", []string{oneScale}),
		with("memory, all scales"),
		with("queue, all scales", queued),
		with("memory, Barlow Twins", []string{"train.loss.Contrast.Pair=barlow"}),
		with("memory, VICReg", []string{"train.loss.Contrast.Pair=vicreg"}),
	}
	for _, n := range []string{"64", "256"} {
		batch := []string{"train.batch=" + n}
		rows = append(rows, with("k-means, batch "+n, centres, batch), with("memory, batch "+n, batch))
	}
	return rows
}

// ablated returns a variant for each of rows.
func (g *Grid) ablated(sets map[string][]string, rows []ablation) ([]variant, error) {
	if len(g.Detectors) != 1 || g.Detectors[0] != ablated {
		return nil, fmt.Errorf("protocol: %s changes %s alone, not %s", g.Protocol, ablated, strings.Join(g.Detectors, ", "))
	}
	if g.Vary != "" {
		return nil, fmt.Errorf("protocol: the setting %q varies: only the protocol %s has one", g.Vary, Sweep)
	}
	var all []variant
	for _, row := range rows {
		d, err := newDetector(g.New, ablated)
		if err != nil {
			return nil, err
		}
		s, ok := setterOf(d)
		if !ok {
			return nil, fmt.Errorf("protocol: %s: detector %s takes no settings", g.Protocol, ablated)
		}
		set := append(slices.Clone(sets[ablated]), row.set...)
		for _, assignment := range set {
			if err := s.Set(assignment); err != nil {
				return nil, fmt.Errorf("protocol: %s: %s: %w", g.Protocol, row.name, err)
			}
		}
		all = append(all, variant{ablated, set, Row, row.name})
	}
	return all, nil
}
