// Package features shows detectors an image as the maps of a ResNet.
package features

import (
	"context"
	"fmt"
	"sync"

	"anomem/autograd"
	"anomem/baseline"
	"anomem/baseline/internal/normals"
	"anomem/dataset"
	"anomem/imageio"
	"anomem/nn"
	"anomem/resnet"
	"anomem/simd/pool"
	"anomem/train"
)

// Config says which network looks at images, and at which size.
type Config struct {
	File string // a ResNet in safetensors, or an anomem model; "": an untrained network
	Size int    // side of the square that images are resized to; 0: as the network was trained
}

// The sizes of images that networks of either stem are trained on, where a file does not say.
const (
	largeSize = 224
	smallSize = 32
)

// Bounds of Config.Size. Below the least one, the last map has a single position.
const (
	leastSize = 8
	mostSize  = 1024
)

// Encoder is a network that looks at images. Any number of goroutines may use one.
type Encoder struct {
	Size int // of the squares that the network sees

	config resnet.Config
	net    *resnet.Frozen[float32]
	norm   imageio.NormTable
	graphs sync.Pool
}

// Open returns the encoder that c describes, with its work shared on p. It tells o.Note if the
// network is untrained: its weights are those of nn.Init for o.Seed.
func Open(name string, c Config, o baseline.Options) (*Encoder, error) {
	if c.Size != 0 && (c.Size < leastSize || c.Size > mostSize) {
		return nil, fmt.Errorf("baseline: %s: size %d: want 0 (as the encoder was trained) or %d to %d", name, c.Size, leastSize, mostSize)
	}
	e := &Encoder{Size: c.Size}
	e.graphs.New = func() any { return autograd.NewGraph[float32](o.Pool) }
	net, norm, size, err := Network(name, c.File, o)
	if err != nil {
		return nil, err
	}
	if e.Size == 0 {
		e.Size = size
	}
	e.use(net, norm, o.Pool)
	return e, nil
}

// Network returns the network of a file, or an untrained one with the stem for large images if
// there is none, in evaluation mode; what it takes its input by; and the side of the squares that it
// was trained on, 0 if that is not known. Gradients pass through it.
func Network(name, file string, o baseline.Options) (net *resnet.ResNet[float32], norm imageio.Norm, size int, err error) {
	if file == "" {
		if o.Note != nil {
			o.Note(fmt.Sprintf("%s: no encoder is given: features are those of a ResNet-18 of width %g with the random weights of seed %d", name, untrainedWidth, o.Seed))
		}
		norm = imageio.Norm{Mean: [3]float32{0.5, 0.5, 0.5}, Std: [3]float32{0.25, 0.25, 0.25}}
		if net, err = resnet.New[float32](resnet.Config{Depth: 18, Width: untrainedWidth}); err == nil {
			nn.Init(net, o.Seed)
		}
	} else {
		var from *train.Encoder
		if from, err = train.ReadEncoder(file); err == nil {
			net, norm, size = from.Network(), imageio.Norm{Mean: from.Mean, Std: from.Std}, from.Size
		}
	}
	if err != nil {
		return nil, norm, 0, err
	}
	nn.SetTraining(net, false)
	return net, norm, size, nil
}

// untrainedWidth is the width of a network with random weights: there is little that more
// channels of them would tell.
const untrainedWidth = 0.5

// use sets the network of e, and its size unless that is set.
func (e *Encoder) use(net *resnet.ResNet[float32], norm imageio.Norm, p *pool.Pool) {
	e.config, e.net = net.Config(), resnet.FreezeOn(net, p)
	e.norm.Set(norm)
	if e.Size == 0 {
		e.Size = smallSize
		if e.Large() {
			e.Size = largeSize
		}
	}
}

// Large reports whether the network has the stem for large images, which shrinks them four
// times before the first stage.
func (e *Encoder) Large() bool { return e.config.Stem == resnet.ImageNet }

// Channels returns the number of channels of each stage's map.
func (e *Encoder) Channels() [4]int { return e.config.StageChannels() }

// See passes the maps of an image after the four stages to f, each [1 H W C]. They, and what f
// makes of them on g, are valid until it returns.
func (e *Encoder) See(img *imageio.Image, f func(g *autograd.Graph[float32], maps [4]*autograd.Tensor[float32])) {
	g := e.graphs.Get().(*autograd.Graph[float32])
	defer func() {
		g.Reset()
		e.graphs.Put(g)
	}()
	g.NoGrad(func() { f(g, e.Maps(g, []*imageio.Image{img.Resize(e.Size, e.Size)})) })
}

// Maps returns the maps of images of Size×Size pixels after the four stages, each [N H W C]. No
// gradient passes through the network. They are valid until g is reset.
func (e *Encoder) Maps(g *autograd.Graph[float32], images []*imageio.Image) (maps [4]*autograd.Tensor[float32]) {
	x := g.NewTensor(len(images), e.Size, e.Size, 3)
	size := 3 * e.Size * e.Size
	for i, img := range images {
		e.norm.Apply(x.Data()[i*size:(i+1)*size], img.Pix)
	}
	g.NoGrad(func() { maps = e.net.Stages(g, x) })
	return maps
}

// Depth returns the depth of the network: 18, 34, 50 or 101.
func (e *Encoder) Depth() int { return e.config.Depth }

// Pooled returns the mean over the positions of the last map, [C].
func (e *Encoder) Pooled(img *imageio.Image) []float32 {
	var mean []float32
	e.See(img, func(g *autograd.Graph[float32], maps [4]*autograd.Tensor[float32]) {
		mean = append(mean, g.GlobalAvgPool(maps[3]).Data()...)
	})
	return mean
}

// AllPooled returns what Pooled gives for the normal images of src, row by row. Its errors are
// those of normals.Each and normals.Image.
func (e *Encoder) AllPooled(ctx context.Context, name string, src dataset.Source) (rows []float32, err error) {
	err = normals.Each(ctx, name, src, func(i int) error {
		img, err := normals.Image(name, src, i)
		if err != nil {
			return err
		}
		rows = append(rows, e.Pooled(img)...)
		return nil
	})
	return rows, err
}

// Name returns a detector's name for tables, which says so if no encoder's file is given.
func Name(detector, file string) string {
	if file == "" {
		return detector + " (untrained network)"
	}
	return detector
}

// Stages reports whether stages are some of the four of a network, in ascending order.
func Stages(stages []int) bool {
	last := 0
	for _, s := range stages {
		if s <= last || s > 4 {
			return false
		}
		last = s
	}
	return last > 0
}
