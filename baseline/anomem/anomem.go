// Package anomem fits the project's own model as a detector, so that it is compared with
// others on the same terms.
package anomem

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"anomem"
	"anomem/baseline"
	"anomem/baseline/internal/normals"
	"anomem/dataset"
	"anomem/imageio"
	"anomem/internal/setting"
	"anomem/train"
	"anomem/train/augment"
)

// defaultBudget is the budget of anomem train.
const defaultBudget = 12 * time.Minute

// Detector trains a model by train.Run. Nothing is held out: no verdict is asked for, and
// scores are ranked alone.
type Detector struct {
	preset train.Preset
	kind   *augment.Kind  // nil: what the normal images tell
	align  string         // auto, always or never
	shift  *augment.Shift // nil: that of the kind
	sets   []string       // of other settings
	timed  bool           // the budget says how long to train
	score  bool           // the kind of score was set

	model *anomem.Model
}

// New returns a detector that is not fitted, of the preset small.
func New() *Detector { return &Detector{preset: train.Small, align: alignAuto, timed: true} }

// Name implements baseline.Detector.
func (*Detector) Name() string { return "anomem" }

// settings are what Set names beside kind, preset and shift, as train --set does.
type settings struct {
	*anomem.Config
	Train *train.Options `json:"train"`
}

// Set sets what the training does, before Fit: kind, align, preset or shift, by the options of
// anomem train, or a field of the configuration or the training, such as "memory.beta=4" or
// "train.epochs=2". With train.epochs, train.steps or train.schedule the budget does not
// count.
func (d *Detector) Set(assignment string) error {
	name, value, _ := strings.Cut(assignment, "=")
	switch name {
	case "kind":
		if d.kind = nil; value == "auto" {
			return nil
		}
		kind, err := augment.ParseKind(value)
		d.kind = &kind
		return err
	case "align":
		if d.align = value; value != alignAuto && value != alignAlways && value != alignNever {
			return fmt.Errorf("align %q: want %s, %s or %s", value, alignAuto, alignAlways, alignNever)
		}
		return nil
	case "preset":
		preset, err := train.ParsePreset(value)
		d.preset = preset
		return err
	case "shift":
		shift, err := augment.ParseShift(value)
		d.shift = &shift
		return err
	}
	c, o := anomem.DefaultConfig(), train.DefaultOptions(32)
	s := settings{&c, &o}
	if err := setting.Set(&s, assignment); err != nil {
		return err
	}
	entry, err := setting.Get(&s, name)
	if err != nil {
		return err
	}
	switch entry.Name {
	case "train.epochs", "train.steps", "train.schedule":
		d.timed = false
	case "score.kind":
		d.score = true
	}
	d.sets = append(d.sets, assignment)
	return nil
}

// Fit implements baseline.Detector. Budget 0 is twelve minutes.
func (d *Detector) Fit(ctx context.Context, src dataset.Source, o baseline.Options) error {
	err := normals.Each(ctx, d.Name(), src, func(i int) error {
		_, err := normals.Image(d.Name(), src, i)
		return err
	})
	if err != nil {
		return err
	}
	seen, template, err := d.aligned(ctx, src)
	if err != nil {
		return err
	}
	kind, why, err := d.kindOf(ctx, src, template != nil)
	if err != nil {
		return err
	}
	r, err := d.plan(seen, kind, o)
	if err != nil {
		return fmt.Errorf("baseline: %s: %w", d.Name(), err)
	}
	r.Template, r.Kind, r.KindWhy = template, kind.String(), why
	if o.Note != nil {
		o.Note(fmt.Sprintf("kind: %v, %s", kind, why))
	}
	m, err := r.Train(ctx, o.Pool)
	if ended := ctx.Err(); ended != nil {
		return ended
	}
	if err != nil {
		return fmt.Errorf("baseline: %s: %w", d.Name(), err)
	}
	d.model = m
	return nil
}

// kindOf returns the kind of the images and why it is so. Those that pay to align are parts.
func (d *Detector) kindOf(ctx context.Context, src dataset.Source, aligned bool) (augment.Kind, string, error) {
	switch {
	case d.kind != nil:
		return *d.kind, "as was asked for", nil
	case aligned && d.align == alignAuto:
		return augment.Part, "whose pose is found", nil
	}
	kind, why, err := train.KindOf(ctx, src)
	return kind, why.String(), err
}

// plan returns the training, with the settings that Set was given.
func (d *Detector) plan(src dataset.Source, kind augment.Kind, o baseline.Options) (*train.Run, error) {
	longest, shortest := dataset.Sides(src)
	c, t := train.Settings(d.preset, kind, longest, shortest)
	t.Seed = o.Seed
	if d.shift != nil {
		t = t.WithShift(*d.shift)
	}
	train.LimitPlaces(&c)
	train.FitShape(&c.Input, t, src)
	byKind := c.Score.Kind
	for _, text := range d.sets {
		if err := setting.Set(&settings{&c, &t}, text); err != nil {
			return nil, err
		}
	}
	r := &train.Run{Data: src, OnNote: o.Note}
	if d.timed {
		r.Budget = cmp.Or(o.Budget, defaultBudget)
	}
	if d.score { // else Train decides it by what it trains
		r.Score, c.Score.Kind = c.Score.Kind, byKind
	}
	if err := errors.Join(c.Validate(), t.Validate()); err != nil {
		return nil, err
	}
	train.LimitPatterns(&c, t, src)
	r.Config, r.Options = c, t
	return r, nil
}

// Score implements baseline.Detector.
func (d *Detector) Score(img *imageio.Image) float64 { return d.fitted("Score").Score(img).Score }

// ScoreBatch returns the scores of images, which are those of Score.
func (d *Detector) ScoreBatch(imgs []*imageio.Image) []float64 {
	scores, _ := d.ScoreScales(imgs)
	return scores
}

// ScoreScales returns the scores of images, which are those of Score, and of each image those at
// each scale of the model, which are merged to it.
func (d *Detector) ScoreScales(imgs []*imageio.Image) (scores []float64, scales [][]float64) {
	scores, scales = make([]float64, len(imgs)), make([][]float64, len(imgs))
	for i, r := range d.fitted("ScoreScales").ScoreBatch(imgs) {
		scores[i], scales[i] = r.Score, r.Scales
	}
	return scores, scales
}

// Map implements baseline.Detector: the model's heatmap.
func (d *Detector) Map(img *imageio.Image) *imageio.Map { return d.fitted("Map").Heatmap(img) }

func (d *Detector) fitted(method string) *anomem.Model {
	if d.model == nil {
		panic("baseline: anomem: " + method + " before Fit")
	}
	return d.model
}
