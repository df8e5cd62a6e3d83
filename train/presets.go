package train

import (
	"fmt"

	"anomem"
	"anomem/dataset"
	"anomem/train/augment"
)

// Preset names a size of model and training.
type Preset string

const (
	Quick Preset = "quick" // an eighth of the channels; trains within minutes
	Small Preset = "small" // a quarter of the channels; the default
	Paper Preset = "paper" // section 4.2 of the paper, but for what docs/paper.md lists
)

// ParsePreset returns the preset of the given name.
func ParsePreset(name string) (Preset, error) {
	if p := Preset(name); p == Quick || p == Small || p == Paper {
		return p, nil
	}
	return "", fmt.Errorf("train: preset %q is none of quick, small, paper", name)
}

// wholeSide is the longest side, in pixels, of images that are taken whole, through the
// stem for small images. Larger ones are cut into tiles.
const wholeSide = 64

// tileSide is the side of a tile in pixels. Tiles are smaller where images are narrower.
const tileSide = 128

// partSide is the longest side, in pixels, of parts that are taken whole, as squares of
// partSize pixels: what is normal in one place of a part is a defect in another. In larger
// pictures, taken whole, a defect would be too small to be seen.
const partSide, partSize = 640, 96

// localJoint is Options.Joint for local heads. Made blemishes cover little of an image and
// are learned slowly beside eq. 7. On the demo's pictures, 400 steps of 128 rows give 90.1
// AUROC with a weight of 10 and 91.5 with 30; on photographs of tiles, though, nothing is
// learned with 30.
const localJoint = 10

// Settings returns the configuration and the options of a preset for images of the given
// kind. Textures are scored by heads and by their energies, to which eq. 7 adds little: without
// it, a step takes half the time. In four or five minutes on one thread that is worth 2.7 AUROC
// on drawn cloth, 4.6 on magnetic tiles as a texture and 0.4 on drawn cracks. Parts need it,
// since they have places, too: tiles lose 2.5 without it and bottles 0.8, solar cells gain 0.3
// (test splits, seeds 1 and 2; docs/results.md). longest and shortest are the longest and
// shortest sides of the images, in pixels.
func Settings(p Preset, kind augment.Kind, longest, shortest int) (anomem.Config, Options) {
	c := anomem.DefaultConfig()
	switch {
	case longest <= wholeSide:
		if longest > 40 {
			c.Input.Size = 64
		}
	case kind == augment.Part && longest <= partSide && shortest >= partSize:
		c.Input.Size, c.Encoder.Stem = partSize, "imagenet"
	default:
		// Tiles at the images' own resolution: a defect is some pixels wide.
		side := min(tileSide, max(32, shortest))
		c.Input.Tile, c.Input.Stride = side, max(1, side*3/4)
		if c.Input.Size = side / 16 * 16; c.Input.Size > wholeSide {
			c.Encoder.Stem = "imagenet"
		}
		c.Score.Top = 0.001
		if kind == augment.Texture {
			c.Input.Levels = levelsFor(shortest, side)
		}
	}
	o := DefaultOptions(c.Input.Size)
	o.Augment = augment.ForKind(kind, c.Input.Size)
	if kind == augment.Object {
		o = o.withTurns()
	} else {
		// Defects are small and may be anywhere.
		c.Head.Local, c.Head.Pool = true, 4
		o.Shift, o.Joint, o.Batch = augment.Blemish, localJoint, 128 // twice the steps
		o.Heads.WeightDecay = 1e-4                                   // a blemish is new in each view
	}
	switch kind {
	case augment.Part:
		c.Places = placesFor(c, longest, shortest)
	case augment.Texture:
		o.Uncontrasted = true
		if c.Input.Tile > 0 {
			c.Texture = textureFor(shortest)
		}
	}
	switch p {
	case Quick:
		c.Encoder.Width = 0.125
		c.Scales[0].Patterns, c.Scales[1].Patterns = 128, 64
		o.Batch, o.Heads.Views = 128, 2
	case Paper:
		c.Encoder = anomem.Encoder{Depth: 50, Stem: c.Encoder.Stem, Width: 1}
		c.Head, c.Places = anomem.DefaultConfig().Head, anomem.PlacesConfig{}
		c.Texture = anomem.TextureConfig{}
		c.Memory.Similarity, c.Memory.Updates, c.Memory.Eps = "none", 0, 1e-3
		c.Score = anomem.ScoreConfig{Kind: anomem.ScoreL2, Top: 1}
		o.Loss.Spread.Hinge = 0
		o = o.WithShift(augment.None)
		o.Joint, o.Known = 0, 0
		o.Augment = augment.ForKind(kind, c.Input.Size)
		o.Batch, o.Epochs = 1024, 1000
		o.Heads.Batch, o.Heads.KnownViews, o.Heads.WeightDecay = 1024, 0, 1e-4
	}
	return c, o
}

// withTurns returns o for a training that tells quarter turns apart instead of contrasting
// views. Views are then hardly augmented, since all that helps to tell turns apart tells of
// what is normal: on CIFAR-10's bird and frog, six epochs give 69.5 and 85.8 AUROC with crops
// from 0.6 and jitter of 0.2, 73.7 and 86.2 with these, and 74.5 and 83.2 with crops from 0.95
// (test split, seed 1). Many small steps of weights that turn fast learn most within minutes:
// two epochs of CIFAR-10's frog end at a loss of 1.36 with steps of 256 rows, a peak rate of 0.2
// and weights as torchvision draws them, and of 0.82 with steps of 128, a peak of 0.1 and
// PyTorch's default weights, which are some 0.4 of those.
//
// Known anomalies teach the encoder with a fourth of the weight that they have beside eq. 7:
// with all of it, turns are hardly learned (docs/results.md).
func (o Options) withTurns() Options {
	o.Shift, o.Turn, o.Uncontrasted, o.WeightDecay = augment.Rotate, 1, true, 5e-4
	o.Batch, o.LR, o.FirstScale = 128, 0.8, 0.4
	o.Joint, o.Known, o.Mix = 0.5, 0.1, 0.5
	a := &o.Augment
	a.CropArea = [2]float64{0.85, 1}
	a.Brightness, a.Contrast, a.Saturation = 0.1, 0.1, 0.1
	return o
}

// WithShift returns o with another shift. Without rotated copies, views of objects are
// contrasted (eq. 7) at SimCLR's published strengths: with less, colours alone tell images
// apart. Without any copies there is nothing else to learn from.
func (o Options) WithShift(s augment.Shift) Options {
	if o.Shift = s; s == augment.None {
		o.Uncontrasted = false
	}
	if s == augment.Rotate || o.Turn == 0 {
		return o
	}
	plain := DefaultOptions(0)
	o.Turn, o.Uncontrasted, o.WeightDecay = 0, false, plain.WeightDecay
	o.Batch, o.LR, o.FirstScale = plain.Batch, plain.LR, 0
	o.Joint, o.Known, o.Mix = plain.Joint, plain.Known, plain.Mix
	strong := augment.ForKind(augment.Object, 0)
	o.Augment.CropArea, o.Augment.Hue, o.Augment.Grey = strong.CropArea, 0.1, 0.2
	o.Augment.Brightness, o.Augment.Contrast, o.Augment.Saturation = strong.Brightness, strong.Contrast, strong.Saturation
	return o
}

// Plan returns the settings that train on d: a preset's for images of a kind and of these
// sizes, with no more patterns than d can fill. All random numbers follow from seed. How
// long to train is said by Options.Epochs or Run.Budget.
func Plan(preset Preset, kind augment.Kind, seed uint64, d dataset.Source) (anomem.Config, Options) {
	longest, shortest := dataset.Sides(d)
	c, o := Settings(preset, kind, longest, shortest)
	FitShape(&c.Input, o, d)
	o.Seed = seed
	LimitPatterns(&c, o, d)
	return c, o
}
