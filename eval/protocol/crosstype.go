package protocol

import (
	"fmt"
	"slices"

	"anomem/dataset"
)

// allKinds names the task of cross-type in which anomalies of all kinds are unseen, as in the
// paper's table 3.
const allKinds = "all"

// kinds returns the tasks of cross-type: one in which all kinds of anomalies are unseen, and one
// for each kind.
func (g *Grid) kinds() ([]Run, error) {
	d, err := dataset.Open(g.Data.Path, g.Data.options(g.Normal))
	if err != nil {
		return nil, err
	}
	tasks := []Run{{Data: g.Data, Task: allKinds, Normal: g.Normal}}
	for _, class := range d.Classes {
		if slices.ContainsFunc(d.Items, func(it dataset.Item) bool { return it.Class == class && !it.Normal }) {
			tasks = append(tasks, Run{Data: g.Data, Task: class, Normal: g.Normal, Unseen: class})
		}
	}
	if len(tasks) < 3 {
		return nil, fmt.Errorf("protocol: cross-type needs several kinds of anomalies, and %s has %d", g.Data.Path, len(tasks)-1)
	}
	return tasks, nil
}

// hide keeps the anomalies of the unseen class from being drawn as known ones.
func (r *Run) hide(d *dataset.Dataset) {
	for i := range d.Items {
		if it := &d.Items[i]; r.Unseen != "" && it.Class == r.Unseen && !it.Normal {
			it.Split = dataset.Test
		}
	}
}

// unseen returns the items that cross-type tests on: the normal images, and the anomalies of the
// unseen class.
func (r *Run) unseen(d *dataset.Dataset, items []int) []int {
	if r.Unseen == "" {
		return items
	}
	return slices.DeleteFunc(slices.Clone(items), func(i int) bool { return !d.Items[i].Normal && d.Items[i].Class != r.Unseen })
}

// groups averages the scores of the images of a group, such as the frames of a video. Its zero
// value is empty.
type groups struct {
	at    map[groupKey]int
	means []groupMean // in the order of their first images
}

type groupKey struct {
	class, group string
	anomalous    bool
}

type groupMean struct {
	groupKey
	sum    float64
	images int
}

// add adds the score of an image. An image without a group is one of its own.
func (s *groups) add(k groupKey, score float64) {
	i, ok := s.at[k]
	if !ok || k.group == "" {
		i = len(s.means)
		s.means = append(s.means, groupMean{groupKey: k})
		if s.at == nil {
			s.at = map[groupKey]int{}
		}
		s.at[k] = i
	}
	s.means[i].sum += score
	s.means[i].images++
}

// flush adds the mean of each group, as a score of its class, and empties s.
func (s *groups) flush(to *byClass) {
	for _, m := range s.means {
		to.addTo(m.class, m.anomalous, m.sum/float64(m.images))
	}
	*s = groups{}
}
