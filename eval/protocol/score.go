package protocol

import (
	"context"
	"fmt"

	"anomem/baseline"
	"anomem/eval"
	"anomem/imageio"
	"anomem/simd/pool"
)

// batch is how many images are decoded and scored at once.
const batch = 32

// batcher is a detector that scores several images in less time than one by one.
type batcher interface {
	ScoreBatch(imgs []*imageio.Image) []float64
}

// scaled is a batcher whose scores are each made of those at several scales, [image][scale].
type scaled interface {
	ScoreScales(imgs []*imageio.Image) (scores []float64, scales [][]float64)
}

// score scores the images of the test, and sets the scores of their classes and the metrics
// of scales and, where masks say what is anomalous, of heatmaps.
func (im *images) score(ctx context.Context, d baseline.Detector, p *pool.Pool, result *Result) error {
	located, err := im.located()
	if err != nil {
		return err
	}
	s := scored{result: result}
	if result.Run.Protocol == Ablation {
		s.odd = new(atypical)
	}
	for set, t := range im.test {
		for from := 0; from < t.Len(); from += batch {
			if err := ctx.Err(); err != nil {
				return err
			}
			b := newScoring(d, t, from, located)
			if err := b.run(p); err != nil {
				return err
			}
			if err := s.add(b, set); err != nil {
				return err
			}
		}
	}
	result.Scores = s.merged.all()
	if s.odd != nil {
		share, err := s.odd.measure(ctx, im.learn, p)
		if err != nil {
			return err
		}
		result.Metrics.Atypical = &share
	}
	if err := s.measureScales(); err != nil {
		return err
	}
	return s.px.measure(result)
}

// scored collects what a test is measured by.
type scored struct {
	result *Result
	merged byClass
	scales []byClass // the scores at each scale; nil: there are none
	px     pixels
	odd    *atypical // nil: not wanted
}

// add adds a batch of the test's set of that number.
func (s *scored) add(b *scoring, set int) error {
	for k, score := range b.scores {
		at := b.from + k
		s.merged.add(b.set, at, score)
		if b.scales != nil {
			s.scales = append(s.scales, make([]byClass, len(b.scales[k])-len(s.scales))...)
			for i, v := range b.scales[k] {
				s.scales[i].add(b.set, at, v)
			}
		}
		anomalous := !b.set.Normal(at)
		if s.odd != nil {
			s.odd.add(b.images[k], anomalous, score)
		}
		shown := Shown{Name: b.set.name(at), Class: b.set.class(at), Anomalous: anomalous, Score: score, from: place{set, at}}
		if err := s.result.Extremes.add(shown, b.images[k]); err != nil {
			return err
		}
	}
	return s.px.add(b)
}

// measureScales sets the AUROC of each of several scales, and keeps some of their scores.
func (s *scored) measureScales() error {
	if len(s.scales) < 2 {
		return nil
	}
	for i := range s.scales {
		classes := s.scales[i].all()
		scores, anomalous := scoresOf(classes)
		a, err := eval.AUROC(scores, anomalous)
		if err != nil {
			return fmt.Errorf("scale %d: %w", i+1, err)
		}
		s.result.Metrics.ScaleAUROC = append(s.result.Metrics.ScaleAUROC, a)
		s.result.details().addScale(scores, anomalous)
	}
	return nil
}

// byClass collects scores by class, of groups their means. Its zero value is empty.
type byClass struct {
	classes  []Class
	together groups
}

// add adds the score of image k of a set.
func (b *byClass) add(t testSet, k int, score float64) {
	class, anomalous := t.class(k), !t.Normal(k)
	if t.group != nil {
		b.together.add(groupKey{class, t.group(k), anomalous}, score)
		return
	}
	b.addTo(class, anomalous, score)
}

// addTo adds a score to a class.
func (b *byClass) addTo(name string, anomalous bool, score float64) {
	for i := range b.classes {
		if c := &b.classes[i]; c.Name == name && c.Anomalous == anomalous {
			c.Scores = append(c.Scores, score)
			return
		}
	}
	b.classes = append(b.classes, Class{name, anomalous, []float64{score}})
}

// all returns the scores of all classes, once all were added.
func (b *byClass) all() []Class {
	b.together.flush(b)
	return b.classes
}

// located reports whether masks say of some anomaly of the test where it is.
func (im *images) located() (bool, error) {
	for _, t := range im.test {
		for k := range t.Len() {
			mask, known, err := eval.Truth(t, k)
			if err != nil || known && mask.Any() {
				return known, err
			}
		}
	}
	return false, nil
}

// scoring is a batch of images that are being scored.
type scoring struct {
	detector baseline.Detector
	set      testSet
	from     int
	located  bool // maps and masks are wanted

	images []*imageio.Image
	scores []float64
	scales [][]float64     // [image][scale]; nil: the detector has none
	maps   []*imageio.Map  // at the resolution of the image; nil: none, or not known where it is anomalous
	masks  []*imageio.Mask // nil: nothing is anomalous
	errs   []error
}

func newScoring(d baseline.Detector, set testSet, from int, located bool) *scoring {
	n := min(batch, set.Len()-from)
	return &scoring{
		detector: d, set: set, from: from, located: located,
		images: make([]*imageio.Image, n), scores: make([]float64, n),
		maps: make([]*imageio.Map, n), masks: make([]*imageio.Mask, n), errs: make([]error, n),
	}
}

// run decodes and scores the images.
func (b *scoring) run(p *pool.Pool) error {
	n := len(b.images)
	p.Run(chunks(func(k int) { b.images[k], b.errs[k] = b.set.Image(b.from + k) }), n)
	if err := first(b.errs); err != nil {
		return err
	}
	switch all := b.detector.(type) {
	case scaled:
		b.scores, b.scales = all.ScoreScales(b.images)
	case batcher:
		copy(b.scores, all.ScoreBatch(b.images))
	default:
		p.Run(chunks(func(k int) { b.scores[k] = b.detector.Score(b.images[k]) }), n)
	}
	if b.located {
		p.Run(chunks(b.locate), n)
	}
	return first(b.errs)
}

// locate makes the map of image k, if it is known where that is anomalous.
func (b *scoring) locate(k int) {
	mask, known, err := eval.Truth(b.set, b.from+k)
	if b.errs[k] = err; err != nil || !known {
		return
	}
	if m := b.detector.Map(b.images[k]); m != nil {
		b.maps[k], b.masks[k] = m.Resize(b.images[k].W, b.images[k].H), mask
	}
}

// chunks makes a task of a function.
type chunks func(k int)

// Chunk implements pool.Task.
func (f chunks) Chunk(k int) { f(k) }

// first returns the first error.
func first(errs []error) error {
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
}

// pixels collects heatmaps. Its zero value is empty.
type pixels struct {
	auroc *eval.PixelAUROC // nil: none yet
	pro   *eval.PixelPRO
	masks int
}

// add adds the maps of a batch, in the order of the images, so that sums have the same bits.
func (px *pixels) add(b *scoring) error {
	for k, m := range b.maps {
		if m == nil {
			continue
		}
		if px.auroc == nil {
			px.auroc, px.pro = new(eval.PixelAUROC), new(eval.PixelPRO)
		}
		if b.masks[k] != nil {
			px.masks++
		}
		if err := px.auroc.Add(m, b.masks[k]); err != nil {
			return err
		}
		if err := px.pro.Add(m, b.masks[k]); err != nil {
			return err
		}
	}
	return nil
}

// proShare is the customary share of normal pixels up to which PRO is measured.
const proShare = 0.3

// measure sets the metrics of the maps, if there are any.
func (px *pixels) measure(result *Result) error {
	if px.auroc == nil {
		return nil
	}
	auroc, _, err := px.auroc.AUROC()
	if err != nil {
		return err
	}
	pro, err := px.pro.Area(proShare)
	if err != nil {
		return err
	}
	result.Masks, result.Metrics.PixelAUROC, result.Metrics.PRO = px.masks, &auroc, &pro
	return nil
}
