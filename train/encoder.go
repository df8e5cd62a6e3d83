package train

import (
	"bytes"
	"crypto/sha256"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"anomem"
	"anomem/nn"
	"anomem/nn/safetensors"
	"anomem/resnet"
	"anomem/train/augment"
)

// Encoder is a trained encoder, for a training to start from or to build on as it is.
type Encoder struct {
	Config    anomem.Encoder
	Mean, Std [3]float32 // the normalisation of its input
	Size      int        // the side of the squares that it was trained on; 0: not known
	Origin    anomem.Origin

	net *resnet.ResNet[float32]
}

// The normalisation of ImageNet's images that torchvision's models are trained with, and most
// of timm's.
var imageNetMean, imageNetStd = [3]float32{0.485, 0.456, 0.406}, [3]float32{0.229, 0.224, 0.225}

// ReadEncoder reads an encoder from a safetensors file: a ResNet with the names of torchvision
// and timm, normalised as for ImageNet, or an anomem model, whose normalisation it keeps. The
// error says what is wrong with another file.
func ReadEncoder(path string) (*Encoder, error) {
	digest, err := digestOf(path)
	if err != nil {
		return nil, err
	}
	f, err := safetensors.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	e := &Encoder{Mean: imageNetMean, Std: imageNetStd, Origin: anomem.Origin{File: filepath.Base(path), Digest: digest}}
	if anomem.IsModel(f) {
		m, err := anomem.LoadFrom(f, nil)
		if err != nil {
			return nil, err
		}
		c := m.Config()
		e.Config, e.Mean, e.Std, e.Size = c.Encoder, c.Input.Mean, c.Input.Std, c.Input.Size
		e.net = m.Parts().Encoder
		return e, nil
	}
	c, prefix, err := resnet.ConfigOf(f)
	if err != nil {
		return nil, err
	}
	e.Config = anomem.Encoder{Depth: c.Depth, Stem: c.Stem.String(), Width: c.Width}
	if e.net, err = resnet.New[float32](c); err != nil {
		return nil, err
	}
	if err := resnet.Load(e.net, f, prefix); err != nil {
		return nil, err
	}
	if err := (&anomem.Parts[float32]{Encoder: e.net}).Check(); err != nil {
		return nil, fmt.Errorf("train: %s: %w", path, err)
	}
	return e, nil
}

// Network returns the encoder's network, which must not be changed.
func (e *Encoder) Network() *resnet.ResNet[float32] { return e.net }

// digestOf returns the SHA-256 of the file at path, as sha256sum prints it. It is an error
// if the file is a pickle of PyTorch's.
func digestOf(path string) (string, error) {
	f, err := os.Open(path)
	if err != nil {
		return "", fmt.Errorf("train: %w", err)
	}
	defer f.Close()
	head := make([]byte, 4)
	n, _ := io.ReadFull(f, head)
	if isPickle(head[:n]) {
		return "", fmt.Errorf("train: %s is a pickle of PyTorch's, which may hold a program: convert it by\n\t"+
			`python3 -c "import torch; from safetensors.torch import save_file; d = torch.load('%s', weights_only=True); d = d.get('state_dict', d); save_file({k: v.clone().contiguous() for k, v in d.items()}, '%s')"`,
			path, path, withoutExtension(path)+".safetensors")
	}
	h := sha256.New()
	h.Write(head[:n])
	if _, err := io.Copy(h, f); err != nil {
		return "", fmt.Errorf("train: %w", err)
	}
	return fmt.Sprintf("sha256:%x", h.Sum(nil)), nil
}

// isPickle reports whether a file that begins so is what torch.save writes: a zip archive,
// or by earlier versions a bare pickle.
func isPickle(head []byte) bool {
	return bytes.HasPrefix(head, []byte("PK\x03\x04")) || bytes.HasPrefix(head, []byte{0x80, 2}) && len(head) == 4 && head[2] != 0
}

func withoutExtension(path string) string { return path[:len(path)-len(filepath.Ext(path))] }

// wholeSize is the side at which an encoder of torchvision's sees a whole image, as it did in
// its training; leastSize is the smallest at which its last map has several positions.
const (
	wholeSize = 224
	leastSize = 96
)

// fineTuning multiplies the learning rate of stage 1 where the encoder is already trained. A
// tenth is usual; it is not measured here.
const fineTuning = 0.1

// Use sets c and o for a training from e on images of a kind, whose shortest side is given in
// pixels. With freeze, the encoder stays as it is.
func (e *Encoder) Use(c *anomem.Config, o *Options, kind augment.Kind, shortest int, freeze bool) {
	c.Encoder, c.Input.Mean, c.Input.Std = e.Config, e.Mean, e.Std
	o.FirstScale = 0
	if freeze {
		*o = o.frozen()
		if kind == augment.Object { // what a thing is shows in the whole image alone
			c.Input.Tile, c.Input.Stride, c.Input.Levels, c.Score.Top = 0, 0, 0, 1
		}
	} else {
		o.LR *= fineTuning
	}
	switch large := c.Encoder.Stem == resnet.ImageNet.String(); {
	case e.Size > 0 && c.Input.Tile == 0:
		c.Input.Size = e.Size
	case large && freeze && c.Input.Tile == 0 && shortest >= wholeSize:
		c.Input.Size = wholeSize
	case large:
		c.Input.Size = max(c.Input.Size, leastSize)
	default:
		c.Input.Size = min(c.Input.Size, wholeSide)
	}
	LimitPlaces(c)
}

// frozen returns o for a training that leaves the encoder as it is. No step of stage 1 is
// made, so that no quarter turns are told apart, and nothing shows that a rotated copy of an
// object is an anomaly.
func (o Options) frozen() Options {
	if o.Turn > 0 {
		o.Shift = augment.None
	}
	o.Freeze, o.Turn, o.Uncontrasted = true, 0, false
	o.Epochs, o.Batch = 1, min(o.Batch, frozenBatch)
	return o
}

// frozenBatch is the most rows of a step whose features the memories are filled from: a large
// encoder has large maps.
const frozenBatch = 32

// fill gives parts of configuration c the weights and statistics of e.
func (e *Encoder) fill(parts *anomem.Parts[float32], c anomem.Config) error {
	if c.Encoder != e.Config {
		return fmt.Errorf("train: the encoder of %s is %+v, and the configuration asks for %+v", e.Origin.File, e.Config, c.Encoder)
	}
	from := nn.Entries(e.net, "")
	for i, to := range nn.Entries(parts.Encoder, "") {
		copy(to.Tensor.Data(), from[i].Tensor.Data())
	}
	return nil
}
