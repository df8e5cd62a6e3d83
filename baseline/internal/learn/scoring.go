package learn

import (
	"fmt"
	"sync"

	"anomem/autograd"
	"anomem/imageio"
)

// Scoring lends each goroutine that scores an image a graph of its own.
type Scoring struct{ graphs sync.Pool }

// Do calls f with a graph on which nothing is recorded, and takes it back. What f makes on
// the graph is gone afterwards.
func (s *Scoring) Do(f func(g *Graph)) {
	g, ok := s.graphs.Get().(*Graph)
	if !ok {
		g = autograd.NewGraph[float32](nil)
	}
	g.NoGrad(func() { f(g) })
	g.Reset()
	s.graphs.Put(g)
}

// Input returns images of side×side pixels as a tensor of g, [len(images) side side 3].
func Input(g *Graph, norm imageio.Norm, side int, images ...*imageio.Image) *Tensor {
	x := g.NewTensor(len(images), side, side, 3)
	for i, img := range images {
		norm.Apply(x.Data()[i*len(img.Pix):][:len(img.Pix)], img.Pix)
	}
	return x
}

// Unfitted panics for a detector that is asked for a score before Fit.
func Unfitted(name string) { panic(fmt.Sprintf("baseline: %s: Score before Fit", name)) }

// Chunked calls f with the images, at most 128 at a time, on g, which records nothing: what
// is measured of all images after training.
func Chunked(g *Graph, images []*imageio.Image, f func(g *Graph, some []*imageio.Image)) {
	const most = 128
	for len(images) > 0 {
		n := min(most, len(images))
		g.NoGrad(func() { f(g, images[:n]) })
		g.Reset()
		images = images[n:]
	}
}
