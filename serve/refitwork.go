package serve

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"strings"

	"anomem"
	"anomem/dataset"
	"anomem/describe"
	"anomem/eval"
	"anomem/imageio"
	"anomem/train"
)

// keptPixels is how many bytes of decoded images a refit keeps.
const keptPixels = 256 << 20

// refitSeed is that of the training of heads.
const refitSeed = 1

// refitWork makes a refitted model and says what would change.
type refitWork struct {
	r           *refits
	job         *refit
	files       *Files
	labels      *Labels
	limits      Limits
	phase, note func(string)
}

// marked is an image that is compared.
type marked struct {
	path    string
	label   string
	learned bool
}

func (w *refitWork) do(ctx context.Context) error {
	m, version, err := w.files.loadWhole(w.job.answer.Model)
	if err != nil {
		return err
	}
	w.r.tell(func() { w.job.answer.Version = version })
	if err := refittable(m); err != nil {
		return err
	}
	decoder := &imageio.Decoder{Range: m.Config().Input.Range, Allow: func(x, y int) error {
		if int64(x)*int64(y) > int64(w.limits.Pixels) {
			return fmt.Errorf("the image has %d×%d pixels, more than %d", x, y, w.limits.Pixels)
		}
		return nil
	}}
	defects, prints, err := w.newDefects(ctx, m, decoder)
	if err != nil {
		return err
	}
	images, err := w.marked(defects)
	if err != nil {
		return err
	}
	w.phase("scoring by the model before")
	before, err := scoresOf(ctx, m, decoder, images)
	if err != nil {
		return err
	}
	w.phase("training heads")
	next, err := train.Refit(ctx, m, dataset.AllAnomalous(defects), headOptions(m), w.note, w.files.pool)
	if err != nil {
		return err
	}
	next.SetSeen(m.Seen().WithTrained(prints))
	w.phase("scoring by the refitted model")
	after, err := scoresOf(ctx, next, decoder, images)
	if err != nil {
		return err
	}
	c, err := changeOf(m, next, images, before, after)
	if err != nil {
		return err
	}
	w.r.tell(func() { w.job.next, w.job.answer.Change = next, c })
	return nil
}

// refittable returns why a model cannot be refitted.
func refittable(m *anomem.Model) error {
	if err := m.ReplayError(); errors.Is(err, anomem.ErrNoReplay) {
		return fmt.Errorf("%w: train it again, with what refit needs", err)
	} else if err != nil {
		return err
	}
	if m.Calibration() != nil && train.KeptHeld(m) == 0 {
		return errors.New("the model keeps none of the images that it was calibrated by: refit it by the command, with other normal images")
	}
	return nil
}

// headOptions returns the options with which the heads of m were trained.
func headOptions(m *anomem.Model) train.Options {
	o := train.DefaultOptions(m.Config().Input.Size)
	if trained, ok := describe.Training(m); ok && trained.Heads.Epochs > 0 {
		o = trained
	}
	o.Seed = refitSeed
	return o
}

// newDefects returns the marked defects that m was not trained on yet, and their fingerprints.
func (w *refitWork) newDefects(ctx context.Context, m *anomem.Model, decoder *imageio.Decoder) (*dataset.Images, []anomem.Fingerprint, error) {
	dir := filepath.Join(w.labels.Dir(), defectFolder)
	files, _, err := dataset.Files(dir)
	if removed(err) == nil && len(files) == 0 {
		return nil, nil, errors.New("no image is marked as a defect: refit learns from defects")
	}
	if err != nil {
		return nil, nil, err
	}
	all, err := dataset.ReadDefects(ctx, dir, dataset.Options{Decode: decoder.Decode, Region: m.Region()},
		dataset.ReadOptions{SkipBroken: true, Note: w.note, Keep: keptPixels})
	if err != nil {
		return nil, nil, err
	}
	warnings, err := all.CheckMasks(ctx, 0)
	for _, text := range warnings {
		w.note(text)
	}
	if err != nil {
		return nil, nil, err
	}
	prints, err := all.Fingerprints(ctx, 0)
	if err != nil {
		return nil, nil, err
	}
	known := map[int]bool{} // by their index in the dataset
	var fresh []anomem.Fingerprint
	for k, f := range prints {
		if m.Seen().TrainedOn(f) {
			known[all.Index(k)] = true
		} else {
			fresh = append(fresh, f)
		}
	}
	if len(fresh) == 0 {
		return nil, nil, errors.New("the model has been trained on all images that are marked as defects")
	}
	if len(known) > 0 {
		w.note(fmt.Sprintf("%d marked defects are passed over: the model has been trained on them", len(known)))
	}
	return all.Part(func(i int) bool { return !known[i] }), fresh, nil
}

// marked returns all images that are marked, normal ones first.
func (w *refitWork) marked(learned *dataset.Images) ([]marked, error) {
	is := map[string]bool{}
	for k := range learned.Len() {
		is[filepath.Base(learned.Item(k).Path)] = true
	}
	var all []marked
	for _, label := range []string{labelNormal, labelDefect} {
		files, _, err := dataset.Files(filepath.Join(w.labels.Dir(), folderOf(label)))
		if removed(err) != nil {
			return nil, err
		}
		for _, path := range files {
			all = append(all, marked{path, label, label == labelDefect && is[filepath.Base(path)]})
		}
	}
	return all, nil
}

// scoresOf returns what m says of the images; nil for one that cannot be read.
func scoresOf(ctx context.Context, m *anomem.Model, decoder *imageio.Decoder, images []marked) ([]*judged, error) {
	all := make([]*judged, len(images))
	for i, of := range images {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		img, err := decoder.DecodeFile(of.path)
		if err != nil {
			continue
		}
		r := m.ScoreBatch([]*anomem.Image{img})[0]
		d := describe.Scored("", r)
		all[i] = &judged{d.Score, d.PValue, d.Anomalous}
	}
	return all, nil
}

// changeOf compares what two models say of marked images.
func changeOf(m, next *anomem.Model, images []marked, before, after []*judged) (*change, error) {
	c := &change{Threshold: pair[*float64]{thresholdOf(m), thresholdOf(next)}, Images: []changed{}}
	var scores [2][]float64
	var anomalous []bool
	for i, of := range images {
		id := strings.TrimSuffix(filepath.Base(of.path), filepath.Ext(of.path))
		c.Images = append(c.Images, changed{id, of.label, of.learned, pair[*judged]{before[i], after[i]}})
		if before[i] != nil && after[i] != nil {
			scores[0], scores[1] = append(scores[0], before[i].Score), append(scores[1], after[i].Score)
			anomalous = append(anomalous, of.label == labelDefect)
		}
	}
	if !bothKinds(anomalous) {
		return c, nil
	}
	var got [2]float64
	for i := range got {
		var err error
		if got[i], err = eval.AUROC(scores[i], anomalous); err != nil {
			return nil, err
		}
	}
	c.AUROC = &pair[float64]{got[0], got[1]}
	return c, nil
}

func bothKinds(anomalous []bool) bool {
	n := 0
	for _, is := range anomalous {
		if is {
			n++
		}
	}
	return 0 < n && n < len(anomalous)
}

// thresholdOf returns the score above which m calls images anomalous; nil if there is none.
func thresholdOf(m *anomem.Model) *float64 {
	if !m.Judges() {
		return nil
	}
	t, _ := m.Threshold()
	return &t
}
