package anomem

import (
	"errors"
	"fmt"

	"anomem/align"
	"anomem/imageio"
	"anomem/nn/safetensors"
)

// Template returns the template by which m cuts images, so that the part that they show lies
// alike in all (package align); nil: m takes images as they are.
//
// Methods that score and explain take images as they come. Analyse, EachSquare and EachPlace
// take images that are cut.
func (m *Model) Template() *align.Template { return m.template }

// SetTemplate sets the template; nil: there is none. It is an error if m has a region of
// interest, which is said of whole images.
func (m *Model) SetTemplate(t *align.Template) error {
	if t != nil && m.region != nil {
		return errors.New("anomem: a model with a region of interest cannot align images")
	}
	m.template = t
	return nil
}

// cutting cuts images, one a chunk.
type cutting struct {
	template *align.Template
	imgs     []*Image
	cuts     []align.Cut
	parts    []*Image
}

func (c *cutting) Chunk(i int) {
	c.cuts[i] = c.template.Cut(c.imgs[i])
	c.parts[i] = c.cuts[i].Image(c.imgs[i])
}

// cut returns images and their regions, which may be nil, cut by the template, and the cuts.
// Without a template it returns what it is given, and no cuts.
func (m *Model) cut(imgs []*Image, regions []*imageio.Mask) ([]*Image, []*imageio.Mask, cuts) {
	if m.template == nil {
		return imgs, regions, nil
	}
	c := cutting{m.template, imgs, make([]align.Cut, len(imgs)), make([]*Image, len(imgs))}
	m.pool.Run(&c, len(imgs))
	if regions == nil {
		return c.parts, nil, c.cuts
	}
	masks := make([]*imageio.Mask, len(imgs))
	for i, of := range regions {
		if of == nil {
			continue
		}
		if img := imgs[i]; of.W != img.W || of.H != img.H {
			of = of.Resize(img.W, img.H)
		}
		masks[i] = c.cuts[i].Mask(of)
	}
	return c.parts, masks, c.cuts
}

// cuts are the cuts of some images; nil: they were not cut.
type cuts []align.Cut

// back returns the heatmap of image i from that of its cut.
func (c cuts) back(i int, part *Heatmap) *Heatmap {
	if c == nil {
		return part
	}
	return c[i].Back(part)
}

// The tensors of a template in a model file.
const templateTensor, frameTensor = "align.template", "align.frame"

// templateTensors returns the tensors of the template, if there is one.
func (m *Model) templateTensors() []safetensors.Tensor {
	if m.template == nil {
		return nil
	}
	pix, frame := m.template.Values()
	return []safetensors.Tensor{
		safetensors.FromSlice(templateTensor, pix, align.Side, align.Side),
		safetensors.FromSlice(frameTensor, frame, len(frame)),
	}
}

// loadTemplate reads the template, if the file has one.
func (m *Model) loadTemplate(f *safetensors.File) error {
	if _, ok := f.Lookup(templateTensor); !ok {
		return nil
	}
	pix, err := valuesOf[float32](f, templateTensor)
	if err != nil {
		return err
	}
	frame, err := valuesOf[float64](f, frameTensor)
	if err != nil {
		return err
	}
	t, err := align.FromValues(pix, frame)
	if err == nil {
		err = m.SetTemplate(t)
	}
	if err != nil {
		return fmt.Errorf("anomem: %s: %w", f.Name(), err)
	}
	return nil
}

// valuesOf returns the values of a tensor.
func valuesOf[T float32 | float64](f *safetensors.File, name string) ([]T, error) {
	t, ok := f.Lookup(name)
	if !ok {
		return nil, fmt.Errorf("anomem: %s: there is no tensor %q", f.Name(), name)
	}
	v := make([]T, t.Len())
	return v, safetensors.Decode(f, name, v)
}
