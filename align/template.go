package align

import (
	"errors"
	"fmt"
	"math"
	"sync"

	"anomem/imageio"
)

// Template is what all images show once each is turned and moved to agree with the others.
// Any number of goroutines may use one.
type Template struct {
	Frame Frame // the rectangle that images are cut to

	look look
	find func() *finder
}

// Side is the number of rows, and of columns, of a template's values.
const Side = fine

func newTemplate(l look, f Frame) *Template {
	return &Template{Frame: f, look: l, find: sync.OnceValue(func() *finder { return newFinder(l) })}
}

// Values returns the template's values, [Side Side], and those of its frame: turn, x, y,
// width and height.
func (t *Template) Values() (pix []float32, frame []float64) {
	pix = make([]float32, len(t.look.pix))
	for i, v := range t.look.pix {
		pix[i] = float32(v)
	}
	f := t.Frame
	return pix, []float64{float64(f.Turn), f.X, f.Y, f.Width, f.Height}
}

// FromValues returns the template with the given values, or says what is wrong with them.
func FromValues(pix []float32, frame []float64) (*Template, error) {
	if len(pix) != Side*Side || len(frame) != 5 {
		return nil, fmt.Errorf("align: a template of %d and %d values: want %d and 5", len(pix), len(frame), Side*Side)
	}
	l := look{fine, make([]float64, len(pix))}
	for i, v := range pix {
		if l.pix[i] = float64(v); !(math.Abs(l.pix[i]) <= 1e9) {
			return nil, errors.New("align: a template with values that are not finite")
		}
	}
	f := Frame{int(frame[0]), frame[1], frame[2], frame[3], frame[4]}
	switch inside := func(v, least, most float64) bool { return v >= least && v <= most }; {
	case !inside(frame[0], 0, Turns-1) || float64(f.Turn) != frame[0],
		!inside(f.X, -2, 2), !inside(f.Y, -2, 2), !inside(f.Width, 2.0/fine, 4), !inside(f.Height, 2.0/fine, 4):
		return nil, fmt.Errorf("align: a template with the frame %v", frame)
	}
	return newTemplate(l, f), nil
}

// Pose returns how the part lies in an image, and the correlation of the image in that pose
// with the template.
func (t *Template) Pose(img *imageio.Image) (Pose, float64) {
	m := t.find().find(lookAt(img))
	return m.pose, m.agree
}

// Size returns the size, in pixels, to which an image of w×h is cut.
func (t *Template) Size(w, h int) (int, int) {
	if t.Frame == whole {
		return w, h
	}
	longer := float64(max(w, h))
	size := func(v float64) int { return max(1, int(float64(v*longer/2)+0.5)) }
	return size(t.Frame.Width), size(t.Frame.Height)
}

// Cut finds the part in an image and returns the rectangle that it is cut to.
func (t *Template) Cut(img *imageio.Image) Cut {
	p, _ := t.Pose(img)
	return t.cut(img.W, img.H, p)
}

// cut returns the rectangle of an image of w×h in a pose.
func (t *Template) cut(w, h int, p Pose) Cut {
	f := t.Frame
	c := Cut{from: [2]int{w, h}}
	c.W, c.H = t.Size(w, h)
	half := float64(max(w, h)) / 2
	x, y := p.at(f.X, f.Y)
	cos, sin := circle(normal(f.Turn + p.Turn))
	// The centre of the cut's first pixel, in pixels of the image.
	left, up := rotate(cos, sin, -float64(c.W-1)/2, -float64(c.H-1)/2)
	c.x = fixed(float64(x*half) + float64(w)/2 - 0.5 + left)
	c.y = fixed(float64(y*half) + float64(h)/2 - 0.5 + up)
	c.cos, c.sin = fixed(cos), fixed(sin)
	return c
}
