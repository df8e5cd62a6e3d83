package protocol

import (
	"context"
	"math"
	"slices"

	"anomem/dataset"
	"anomem/eval"
	"anomem/imageio"
	"anomem/simd"
	"anomem/simd/pool"
)

// Atypical normal images are those that no image trained on is like: of the normal images tested
// on, the tenth that is farthest from its nearest normal image of the training, as thumbnails. No
// detector has a part in that.
const (
	atypicalShare = 0.1
	thumbSide     = 8    // pixels
	mostCompared  = 4096 // images of the training, evenly spaced
)

// atypical collects the scores of a test, and what its normal images look like.
type atypical struct {
	normal, anomalous []float64
	thumbs            []float32 // of the normal images, row by row
}

// add takes an image of the test with its score.
func (a *atypical) add(img *imageio.Image, anomalous bool, score float64) {
	if anomalous {
		a.anomalous = append(a.anomalous, score)
		return
	}
	a.normal, a.thumbs = append(a.normal, score), append(a.thumbs, thumb(img)...)
}

// thumb returns an image as a row of a few values.
func thumb(img *imageio.Image) []float32 {
	row := make([]float32, 0, 3*thumbSide*thumbSide)
	for _, v := range img.Resize(thumbSide, thumbSide).Pix {
		row = append(row, float32(v)/255)
	}
	return row
}

// measure returns the share of the atypical normal images that is above a threshold which 95 % of the
// anomalies reach: false rejections.
func (a *atypical) measure(ctx context.Context, learn dataset.Source, p *pool.Pool) (float64, error) {
	known, err := thumbsOf(ctx, learn, p)
	if err != nil {
		return 0, err
	}
	scores, anomalous := []float64(nil), []bool(nil)
	for _, i := range farthest(a.thumbs, known) {
		scores, anomalous = append(scores, a.normal[i]), append(anomalous, false)
	}
	for _, s := range a.anomalous {
		scores, anomalous = append(scores, s), append(anomalous, true)
	}
	at, err := eval.FalseAlarmsAt(0.95, scores, anomalous)
	return at.FalseAlarms, err
}

// thumbsOf returns the thumbnails of the normal images of the training, row by row.
func thumbsOf(ctx context.Context, learn dataset.Source, p *pool.Pool) ([]float32, error) {
	var normal []int
	for i := range learn.Len() {
		if learn.Normal(i) {
			normal = append(normal, i)
		}
	}
	n := min(len(normal), mostCompared)
	rows, errs := make([][]float32, n), make([]error, n)
	for from := 0; from < n; from += batch {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		p.Run(chunks(func(k int) {
			img, err := learn.Image(normal[(from+k)*len(normal)/n])
			if errs[from+k] = err; err == nil {
				rows[from+k] = thumb(img)
			}
		}), min(batch, n-from))
	}
	return slices.Concat(rows...), first(errs)
}

// farthest returns the indices of the tenth of rows, one at least, that is farthest from the nearest
// of known, the farthest first.
func farthest(rows, known []float32) []int {
	const width = 3 * thumbSide * thumbSide
	n := len(rows) / width
	gap, order := make([]float32, n), make([]int, n)
	off := make([]float32, width)
	for i := range n {
		gap[i], order[i] = float32(math.Inf(1)), i
		for at := 0; at < len(known); at += width {
			simd.Sub(off, rows[i*width:(i+1)*width], known[at:at+width])
			gap[i] = min(gap[i], simd.SumSq(off))
		}
	}
	slices.SortStableFunc(order, func(i, j int) int {
		switch {
		case gap[i] > gap[j]:
			return -1
		case gap[i] < gap[j]:
			return 1
		}
		return 0
	})
	return order[:int(math.Ceil(atypicalShare*float64(n)))]
}
