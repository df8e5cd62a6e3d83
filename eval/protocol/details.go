package protocol

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"math"
	"os"
	"path/filepath"

	"anomem/baseline"
	"anomem/eval"
	"anomem/eval/report"
	"anomem/imageio"
	"anomem/simd/pool"
)

// Details is what a page shows of a run beside its result, from a file of its own, so that results
// stay small. What a detector has not is empty. Like a result, it holds nothing that differs from one
// machine to another.
type Details struct {
	AUROC  float64  `json:"auroc"`            // the result's: details of another run of that name are not taken for its own
	Scales []Sides  `json:"scales,omitempty"` // some of the scores at each scale
	Heat   []Heat   `json:"heat,omitempty"`   // of the images of Extremes
	Memory []Memory `json:"memory,omitempty"` // of each scale
}

// Sides are scores of images of the test, of the same ones at each scale.
type Sides struct {
	Normal    []float64 `json:"normal"`
	Anomalous []float64 `json:"anomalous"`
}

// Heat is the heatmap of an image of Extremes.
type Heat struct {
	Name  string  `json:"name"`
	Score float64 `json:"score"`
	JPEG  []byte  `json:"jpeg"` // drawn over the image, with the outline of its mask, as a file
}

// details returns the details of r, which are made if there are none.
func (r *Result) details() *Details {
	if r.Details == nil {
		r.Details = new(Details)
	}
	return r.Details
}

// mostPoints is the most scores of either kind that are kept of a scale.
const mostPoints = 200

// addScale keeps some of the scores at a scale, evenly spaced.
func (d *Details) addScale(scores []float64, anomalous []bool) {
	var all Sides
	for i, s := range scores {
		if anomalous[i] {
			all.Anomalous = append(all.Anomalous, s)
		} else {
			all.Normal = append(all.Normal, s)
		}
	}
	d.Scales = append(d.Scales, Sides{evenly(all.Normal, mostPoints), evenly(all.Anomalous, mostPoints)})
}

// evenly returns at most n of all, evenly spaced.
func evenly[T any](all []T, n int) []T {
	if len(all) <= n {
		return all
	}
	some := make([]T, n)
	for k := range some {
		some[k] = all[k*len(all)/n]
	}
	return some
}

// detail sets the details of a result: heatmaps of the images of Extremes, and what the detector's
// memory holds.
func (im *images) detail(ctx context.Context, d baseline.Detector, p *pool.Pool, result *Result) error {
	heat, err := im.heat(ctx, d, p, &result.Extremes)
	if err != nil {
		return err
	}
	if heat != nil {
		result.details().Heat = heat
	}
	if r, ok := d.(recaller); ok {
		if result.details().Memory, err = im.recall(ctx, r, p); err != nil {
			return err
		}
	}
	if result.Details != nil {
		result.Details.AUROC = result.Metrics.AUROC
	}
	return nil
}

// heatSide is the longer side of a drawn heatmap in pixels.
const heatSide = 96

// heat draws the heatmaps of the images of e, with the same colours for the same values; none if
// the detector has no map of one.
func (im *images) heat(ctx context.Context, d baseline.Detector, p *pool.Pool, e *Extremes) ([]Heat, error) {
	shown := e.distinct()
	n := len(shown)
	pictures, masks := make([]*imageio.Image, n), make([]*imageio.Mask, n)
	maps, errs := make([]*imageio.Map, n), make([]error, n)
	for from := 0; from < n; from += 2 * shownEach {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		p.Run(chunks(func(i int) {
			i += from
			set, k := im.test[shown[i].from.set], shown[i].from.k
			img, err := set.Image(k)
			if errs[i] = err; err != nil {
				return
			}
			if pictures[i], maps[i] = img.Shrink(heatSide), d.Map(img); maps[i] == nil {
				return
			}
			maps[i] = within(maps[i], pictures[i])
			if masks[i], _, errs[i] = eval.Truth(set, k); masks[i] != nil {
				masks[i] = masks[i].Resize(img.W, img.H).Shrink(pictures[i].W, pictures[i].H)
			}
		}), min(n-from, 2*shownEach))
		if err := first(errs); err != nil {
			return nil, err
		}
	}
	lo, hi := rangeOf(maps)
	var all []Heat
	for i, s := range shown {
		if maps[i] == nil {
			return nil, nil
		}
		file, err := jpegOf(report.Small(pictures[i], maps[i], lo, hi, masks[i], heatSide))
		if err != nil {
			return nil, err
		}
		all = append(all, Heat{s.Name, s.Score, file})
	}
	return all, nil
}

// within returns a map no larger than a picture; its peaks stay.
func within(m *imageio.Map, img *imageio.Image) *imageio.Map {
	if m.W < img.W || m.H < img.H {
		return m
	}
	return m.Shrink(img.W, img.H)
}

// rangeOf returns the lowest and the highest value of maps that is finite; 0 and 0 if none is.
func rangeOf(maps []*imageio.Map) (lo, hi float32) {
	lo, hi = float32(math.Inf(1)), float32(math.Inf(-1))
	for _, m := range maps {
		if m == nil {
			continue
		}
		for _, v := range m.Value {
			if v-v == 0 {
				lo, hi = min(lo, v), max(hi, v)
			}
		}
	}
	if lo > hi {
		return 0, 0
	}
	return lo, hi
}

// distinct returns the images of e, each once.
func (e *Extremes) distinct() []Shown {
	seen := map[place]bool{}
	var all []Shown
	for _, list := range [][]Shown{e.HighNormal, e.LowAnomaly, e.LowNormal, e.HighAnomaly} {
		for _, s := range list {
			if !seen[s.from] {
				seen[s.from] = true
				all = append(all, s)
			}
		}
	}
	return all
}

// heatOf returns the heatmap of an image as a JPEG file; nil: there is none. d may be nil.
func (d *Details) heatOf(name string, score float64) []byte {
	if d == nil {
		return nil
	}
	for i := range d.Heat {
		if h := &d.Heat[i]; h.Name == name && h.Score == score {
			return h.JPEG
		}
	}
	return nil
}

// detailsFolder holds the details of runs in a folder of results.
const detailsFolder = "details"

// DetailsPath returns the file of r's details in a folder of results.
func DetailsPath(dir string, r *Run) string {
	return filepath.Join(dir, detailsFolder, r.Name()+".json")
}

// ReadDetails returns the details of a result in a folder of results; nil if there are none, as of
// results of earlier versions, or if they are those of another result of the run.
func ReadDetails(dir string, r *Result) (*Details, error) {
	path := DetailsPath(dir, &r.Run)
	text, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	d := new(Details)
	if err == nil {
		err = json.Unmarshal(text, d)
	}
	if err != nil {
		return nil, fmt.Errorf("%s: %w; the page needs no details: remove it", path, err)
	}
	if d.AUROC != r.Metrics.AUROC {
		return nil, nil
	}
	return d, nil
}
