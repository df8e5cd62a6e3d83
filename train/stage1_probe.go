package train

import (
	"anomem"
	"anomem/autograd"
	"anomem/imageio"
	"anomem/nn"
	"anomem/nn/optim"
	"anomem/resnet"
	"anomem/simd/pool"
)

// ProbeRotations returns how accurately a linear classifier on the features of the encoder
// tells by how many quarter turns normal images are rotated. The accuracy is the mean over
// the four rotations, on images that the classifier was not trained on; 1/4 is chance.
// Where it is low, a rotated image is no anomaly: for textures, and for parts without an
// upright pose. The classifier is trained on every other image; there must be at least two.
// The result is the same on every machine.
func ProbeRotations(c anomem.Config, parts *anomem.Parts[float32], images []*imageio.Image, p *pool.Pool) float64 {
	const turns, steps = 4, 200
	features, channels := rotatedFeatures(c, parts, images, p)
	var x, y [2][]float32 // of the images trained on, and of the others
	for i := range images {
		for t := range turns {
			row := features[(i*turns+t)*channels:][:channels]
			x[i%2] = append(x[i%2], row...)
			hot := make([]float32, turns)
			hot[t] = 1
			y[i%2] = append(y[i%2], hot...)
		}
	}
	st := standardOf(x[0], channels)
	for h := range x {
		st.apply(x[h], x[h])
	}
	layer := nn.NewLinear[float32](channels, turns)
	sgd := optim.NewSGD[float32](layer, 0.9, 1e-2)
	g := autograd.NewGraph[float32](p)
	in := autograd.FromSlice(x[0], len(x[0])/channels, channels)
	target := autograd.FromSlice(y[0], len(y[0])/turns, turns)
	for step := range steps {
		sgd.ZeroGrad()
		logits := layer.Forward(g, in)
		g.Backward(g.Neg(g.Mean(g.Sum(g.Mul(g.LogSoftmax(logits, -1), target), false, -1), false)))
		sgd.Step(optim.Schedule{Peak: 0.1, Steps: steps}.At(step))
		g.Reset()
	}
	var logits []float32
	n := len(x[1]) / channels
	g.NoGrad(func() { logits = layer.Forward(g, autograd.FromSlice(x[1], n, channels)).Data() })
	right := 0
	for i := range n {
		row := logits[i*turns : (i+1)*turns]
		best := 0
		for t, v := range row {
			if v > row[best] {
				best = t
			}
		}
		if best == i%turns {
			right++
		}
	}
	return float64(right) / float64(n) // each rotation has as many images
}

// rotatedFeatures returns the mean over the last map of each image, rotated by 0 to 3
// quarter turns, [4·images C], and C.
func rotatedFeatures(c anomem.Config, parts *anomem.Parts[float32], images []*imageio.Image, p *pool.Pool) (features []float32, channels int) {
	f := resnet.Freeze(parts.Encoder)
	g := autograd.NewGraph[float32](p)
	size := c.Input.Size
	for _, img := range images {
		if t := c.Input.Tile; t > 0 { // the tile in the middle stands for the image
			img = img.CropReflect((img.W-t)/2, (img.H-t)/2, t, t)
		}
		square := img.Resize(size, size)
		x := g.NewTensor(4, size, size, 3)
		for t := range 4 {
			c.Input.Norm().Apply(x.Data()[t*size*size*3:(t+1)*size*size*3], square.Rotate90(t).Pix)
		}
		g.NoGrad(func() {
			y := f.Forward(g, x)
			features, channels = append(features, y.Data()...), y.Dim(1)
		})
		g.Reset()
	}
	return features, channels
}
