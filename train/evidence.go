package train

import (
	"context"
	"math"

	"anomem"
	"anomem/autograd"
	"anomem/dataset"
	"anomem/imageio"
	"anomem/nn/rng"
	"anomem/simd"
	"anomem/simd/pool"
)

// Of evidenceFrom normal images or more, a sixteenth, but at most evidenceMost, is kept from
// both stages as evidence. It takes no part in calibration either.
const (
	evidenceFrom  = 128
	evidenceShare = 16
	evidenceMost  = 256
)

// splitEvidence returns the images of d that training uses, and normal ones kept as
// evidence, drawn by seed; d and nil where there are too few.
func splitEvidence(d dataset.Source, seed uint64) (rest, evidence dataset.Source) {
	normal := newSubset(d, true)
	if normal.Len() < evidenceFrom {
		return d, nil
	}
	r := rng.New(seed, rng.Name("evidence"))
	kept := map[int]bool{}
	for _, k := range r.Perm(normal.Len())[:min(evidenceMost, normal.Len()/evidenceShare)] {
		kept[normal.at[k]] = true
	}
	var out [2]subset
	for i := range d.Len() {
		to := 0
		if kept[i] {
			to = 1
		}
		out[to].all, out[to].at = d, append(out[to].at, i)
	}
	return out[0], out[1]
}

// densitySquares is the most squares that a density is fitted to. Its covariance then errs
// by a few per cent.
const densitySquares = 1 << 12

// fitDensities gives parts the densities of the images of some, which are normal. m is the
// model of the parts, whose score compares rotated copies or does not.
func fitDensities(ctx context.Context, m *anomem.Model, parts *anomem.Parts[float32], some subset, p *pool.Pool) error {
	c := m.Config()
	parts.AddDensities(c)
	copies := c.Scoring().Copies()
	features := make([][]float32, len(c.Scales)*copies) // [scale][copy]
	err := batches(ctx, some, func(_ int, images []*imageio.Image, regions []*imageio.Mask) {
		m.EachSquare(c.Scoring().CopiesOf(images), c.Scoring().RegionsOf(regions), func(g *autograd.Graph[float32], of []anomem.Square, scales []anomem.Analysis) {
			for s, a := range scales {
				g.NoGrad(func() {
					v := anomem.DensityFeatures(g, a.Map)
					n := v.Dim(1)
					for k, sq := range of {
						if sq.Level > 0 { // heads alone see further levels
							continue
						}
						at := s*copies + sq.Image%copies
						features[at] = append(features[at], v.Data()[k*n:(k+1)*n]...)
					}
				})
			}
		})
	})
	if err != nil {
		return err
	}
	f := fittingDensities{parts.Densities, features, copies, make([]error, len(features))}
	p.Run(&f, len(features))
	return errorsOf(f.errs...)
}

// someNormal returns the normal images of d or, where these have more than densitySquares
// squares, evenly spaced ones with about as many.
func someNormal(in anomem.Input, d dataset.Source) subset {
	normal := newSubset(d, true)
	squares := normal.Len()
	if in.Tile > 0 {
		squares = 0
		for i := range normal.Len() {
			w, h := normal.Size(i)
			squares += len(in.Tiles(w, h, 0))
		}
	}
	if squares <= densitySquares {
		return normal
	}
	return spaced(normal, max(1, normal.Len()*densitySquares/squares))
}

// fittingDensities fits densities, one a chunk.
type fittingDensities struct {
	densities []*anomem.Density[float32]
	features  [][]float32
	copies    int
	errs      []error
}

func (f *fittingDensities) Chunk(i int) {
	f.errs[i] = f.densities[i/f.copies].Fit(i%f.copies, f.features[i])
}

// standardise returns the terms of a sum of kinds of score. Their means and deviations at
// each scale are those of the images of d, which must be normal. A term has the weight 1,
// but turns have that of what their classifier knows of these images: the share by which it
// lowers the entropy of four equally likely turns,
//
//	1 - mean(log(1 + exp o))/log 4
//
// of the log-odds o against an image's turns. It is 0 where a rotated image looks as normal
// as the image.
func standardise(ctx context.Context, c anomem.Config, parts *anomem.Parts[float32], kinds []anomem.ScoreKind, d dataset.Source, p *pool.Pool) ([]anomem.Term, error) {
	plain := c
	plain.Score.Kind, plain.Score.Terms = anomem.ScoreSum, nil
	var terms []anomem.Term
	for _, kind := range kinds {
		t := anomem.Term{Kind: kind}
		for range c.Scales {
			t.Weight = append(t.Weight, 1)
			t.Mean, t.Std = append(t.Mean, 0), append(t.Std, 1)
		}
		plain.Score.Terms = []anomem.Term{t}
		m, err := anomem.NewModel(plain, parts, p)
		if err != nil {
			return nil, err
		}
		scores := make([][]float64, len(c.Scales))
		if err := batches(ctx, d, func(_ int, images []*imageio.Image, regions []*imageio.Mask) {
			for _, r := range m.ScoreBatchIn(images, regions) {
				for s, v := range r.Scales {
					scores[s] = append(scores[s], v)
				}
			}
		}); err != nil {
			return nil, err
		}
		t.Mean, t.Std = nil, nil
		for s, v := range scores {
			mean, std := spread(v)
			if kind == anomem.ScoreTurns {
				t.Weight[s] = known(v)
			}
			t.Mean, t.Std = append(t.Mean, mean), append(t.Std, std)
		}
		terms = append(terms, t)
	}
	return terms, nil
}

// known returns 1 - mean(log(1 + exp o))/log 4, but at least 0. It computes in float32, whose
// exponentials have the same bits on every machine, unlike those of package math.
func known(odds []float64) float64 {
	v := make([]float32, 2*len(odds))
	for i, o := range odds {
		v[2*i] = float32(o) // and 0, of log(exp o + exp 0)
	}
	missed := make([]float32, len(odds))
	simd.LogSumExp(missed, v, len(odds), 2)
	var mean float64
	for _, m := range missed {
		mean += float64(m) / float64(len(missed))
	}
	return max(0, 1-mean/(2*math.Ln2))
}

// spread returns the mean and the standard deviation of v; the latter is 1 where it would be
// 0.
func spread(v []float64) (mean, std float64) {
	for _, x := range v {
		mean += x / float64(len(v))
	}
	for _, x := range v {
		std += float64((x-mean)*(x-mean)) / float64(len(v))
	}
	if std = math.Sqrt(std); std == 0 {
		std = 1
	}
	return mean, std
}
