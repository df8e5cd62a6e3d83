package protocol

import (
	"context"

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

// score scores the images of the test, and sets the scores of their classes and the metrics
// of heatmaps where masks say what is anomalous.
func (im *images) score(ctx context.Context, d baseline.Detector, p *pool.Pool, result *Result) error {
	located, err := im.located()
	if err != nil {
		return err
	}
	var px pixels
	var together groups
	var odd *atypical
	if result.Run.Protocol == Ablation {
		odd = new(atypical)
	}
	for _, t := range im.test {
		for from := 0; from < t.Len(); from += batch {
			if err := ctx.Err(); err != nil {
				return err
			}
			b := newScoring(d, t, from, located)
			if err := b.run(p); err != nil {
				return err
			}
			for k, score := range b.scores {
				class, anomalous := t.class(from+k), !t.Normal(from+k)
				if t.group != nil {
					together.add(groupKey{class, t.group(from + k), anomalous}, score)
				} else {
					result.add(class, anomalous, score)
				}
				if odd != nil {
					odd.add(b.images[k], anomalous, score)
				}
				if err := result.Extremes.add(Shown{Name: t.name(from + k), Class: class, Anomalous: anomalous, Score: score}, b.images[k]); err != nil {
					return err
				}
			}
			if err := px.add(b); err != nil {
				return err
			}
		}
	}
	together.flush(result)
	if odd != nil {
		share, err := odd.measure(ctx, im.learn, p)
		if err != nil {
			return err
		}
		result.Metrics.Atypical = &share
	}
	return px.measure(result)
}

// add adds the score of an image of a class.
func (r *Result) add(class string, anomalous bool, score float64) {
	for i := range r.Scores {
		if c := &r.Scores[i]; c.Name == class && c.Anomalous == anomalous {
			c.Scores = append(c.Scores, score)
			return
		}
	}
	r.Scores = append(r.Scores, Class{class, anomalous, []float64{score}})
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
	if all, ok := b.detector.(batcher); ok {
		copy(b.scores, all.ScoreBatch(b.images))
	} else {
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
