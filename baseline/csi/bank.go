package csi

import (
	"context"
	"math"

	"anomem/autograd"
	"anomem/baseline"
	"anomem/baseline/internal/learn"
	"anomem/imageio"
	"anomem/simd"
)

// bank is what the score compares an image with, for each turn: the directions of the normal
// images' features, and the weights that balance the terms of the score.
type bank struct {
	axes           [turns][]float32 // [M 128], of length 1
	length, answer [turns]float64   // 1 over the mean length, and over the mean logit of what is so turned
}

// fill returns the bank of normal images.
func (d *Detector) fill(ctx context.Context, net *network[float32], images []*imageio.Image, o baseline.Options) (*bank, error) {
	picks := make([]int, min(len(images), max(d.Bank, 1)))
	learn.NewOrder(o.Seed, "bank", len(images)).Batch(picks, 0)
	b := new(bank)
	g := autograd.NewGraph[float32](o.Pool)
	for _, k := range picks {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		g.NoGrad(func() {
			z, logits := d.outputs(g, net, images[k])
			b.add(z.Data(), logits.Data())
		})
		g.Reset()
	}
	b.balance(len(picks))
	return b, nil
}

// add adds the features [turns 128] and logits [turns turns] of a normal image; the weights are
// sums until balance is called.
func (b *bank) add(z, logits []float32) {
	c := len(z) / turns
	for t := range turns {
		row := z[t*c : (t+1)*c]
		length := lengthOf(row)
		b.length[t] += length
		b.answer[t] += float64(logits[t*turns+t])
		for _, v := range row {
			b.axes[t] = append(b.axes[t], float32(float64(v)/max(length, shortest)))
		}
	}
}

const (
	shortest = 1e-12 // a shorter row has no direction
	// leastMean bounds the weights of a network that has learned nothing, whose mean logit may
	// be 0 or below; after training it is far above.
	leastMean = 1e-3
)

// balance turns the sums over n images into weights, λ of the paper.
func (b *bank) balance(n int) {
	for t := range turns {
		b.length[t] = 1 / max(b.length[t]/float64(n), leastMean)
		b.answer[t] = 1 / max(b.answer[t]/float64(n), leastMean)
	}
}

func lengthOf(row []float32) float64 { return math.Sqrt(float64(simd.SumSq(row))) }

// surprise is the score of an image with the features z [turns C] and the logits [turns turns]:
// the negative of the paper's s_CSI, as the authors' code has it,
//
//	-1/K Σ_t (λ_t max_m cos(z_mt, z_t) |z_t| + λ'_t l_tt)
func (b *bank) surprise(z, logits []float32) float64 {
	c := len(z) / turns
	sum := 0.
	for t := range turns {
		row := z[t*c : (t+1)*c]
		nearest := math.Inf(-1)
		for lo := 0; lo < len(b.axes[t]); lo += c {
			nearest = max(nearest, float64(simd.Dot(b.axes[t][lo:lo+c], row)))
		}
		sum += float64(b.length[t]*nearest) + float64(b.answer[t]*float64(logits[t*turns+t]))
	}
	return -sum / turns
}
