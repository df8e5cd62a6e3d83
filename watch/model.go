package watch

import (
	"fmt"
	"math"
	"os"

	"anomem"
	"anomem/describe"
	"anomem/imageio"
	"anomem/simd/pool"
)

// judge decodes images and scores them. Tests have others than a model.
type judge interface {
	decode(path string) (*imageio.Image, error) // an error without the path, or an fs.PathError
	score(imgs []*imageio.Image) ([]describe.Image, error)
}

// models are the versions of a model, of which the last one judges.
type models interface {
	load() (judge, error)
	// changed returns a new version, nil if there is none.
	changed() (judge, error)
}

// modelJudge is a model, with a threshold by hand unless it is nil.
type modelJudge struct {
	m       *anomem.Model
	decoder *imageio.Decoder
	byHand  *float64
}

func (j *modelJudge) decode(path string) (*imageio.Image, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return j.decoder.Decode(f)
}

func (j *modelJudge) score(imgs []*imageio.Image) ([]describe.Image, error) {
	var all []describe.Image
	for _, r := range j.m.ScoreBatch(imgs) {
		for _, v := range append([]float64{r.Score}, r.Scales...) {
			if math.IsNaN(v) || math.IsInf(v, 0) {
				return nil, fmt.Errorf("watch: a score is %v: the model is broken", v)
			}
		}
		d := describe.Scored("", r)
		if j.byHand != nil {
			d.Judge(*j.byHand)
		}
		all = append(all, d)
	}
	return all, nil
}

// modelFile loads a model, and loads it again when its file changes.
type modelFile struct {
	path   string
	pool   *pool.Pool
	byHand *float64
	info   os.FileInfo // when it was last loaded or tried
}

// load returns the model of the file as it is.
func (f *modelFile) load() (judge, error) {
	info, err := os.Stat(f.path)
	if err != nil {
		return nil, err
	}
	f.info = info
	m, err := anomem.Load(f.path, f.pool, anomem.ForScoring())
	switch {
	case err != nil:
		return nil, err
	case m.Config().Input.Regions:
		return nil, fmt.Errorf("watch: %s: each image that it was trained on has a region of interest of its own, which arriving ones lack", f.path)
	}
	return &modelJudge{m: m, decoder: &imageio.Decoder{Range: m.Config().Input.Range}, byHand: f.byHand}, nil
}

// changed loads the model again if its size, time or place has changed; nil: it has not. A
// file that is missing, or about to be replaced, is as if it had not changed.
func (f *modelFile) changed() (judge, error) {
	info, err := os.Stat(f.path)
	if err != nil || os.SameFile(info, f.info) && info.Size() == f.info.Size() && info.ModTime().Equal(f.info.ModTime()) {
		return nil, nil
	}
	return f.load()
}
