package anomem

import (
	"image"
	"slices"

	"anomem/autograd"
	"anomem/hopfield"
	"anomem/imageio"
)

// Analysis holds how far N squares deviate from the memory of one scale, whose maps have
// H×W positions of C channels.
type Analysis struct {
	Map   *autograd.Tensor[float32] // the encoder's map, [N H W C]
	Delta *autograd.Tensor[float32] // the deviation map (eq. 8), [N H W C]
	Value *autograd.Tensor[float32] // 1 - cos(z, HF(z)) at each position, [N H W]
}

// Clear makes the deviation of square k nothing at the positions that are not inside,
// row by row; nil: all are.
func (a Analysis) Clear(k int, inside []bool) {
	c := a.Delta.Dim(3)
	for i, in := range inside {
		if at := k*len(inside) + i; !in {
			a.Value.Data()[at] = 0
			clear(a.Delta.Data()[at*c : (at+1)*c])
		}
	}
}

// Analyse encodes squares x [N height width 3] of Input.Shape, prepared by Input.Prepare, and
// compares their maps with the memory of each scale (eq. 8). The results are valid until g is
// reset.
func (m *Model) Analyse(g *autograd.Graph[float32], x *autograd.Tensor[float32]) []Analysis {
	var scales []Analysis
	m.analysed.Add(int64(x.Dim(0)))
	g.NoGrad(func() {
		maps := m.encoder.Stages(g, x)
		for s, sc := range m.config.Scales {
			memory := m.parts.Memories[s]
			delta, value := hopfield.Deviations(g, maps[sc.Stage-1], memory.Patterns, memory.Config)
			scales = append(scales, Analysis{maps[sc.Stage-1], delta, value})
		}
	})
	return scales
}

// Square is a part of an image that the encoder takes at once, a square unless Input has a
// width: the whole image or a tile.
type Square struct {
	Image  int             // index among the images given
	Rect   image.Rectangle // in pixels of the image, which is reflected beyond its edges
	Region *imageio.Mask   // the part of the image that counts; nil: all of it
	Level  int             // of the pyramid
}

// Inside reports which of rows×cols cells of the square count, row by row; nil: all of
// them.
func (sq Square) Inside(rows, cols int) []bool {
	if sq.Region == nil {
		return nil
	}
	return sq.Region.Touches(sq.Rect, rows, cols)
}

// Tiles returns the parts of a w×h image that are analysed at a level, row by row.
func (in Input) Tiles(w, h, level int) []image.Rectangle {
	if in.Tile == 0 {
		return []image.Rectangle{image.Rect(0, 0, w, h)}
	}
	return imageio.Tiles(w, h, in.Tile<<level, in.Stride<<level)
}

// squares returns the squares of image i that hold a pixel of its region, level by level and
// row by row.
func (m *Model) squares(i int, img *Image, region *imageio.Mask) []Square {
	var all []Square
	for level := range m.config.Input.Levels + 1 {
		for _, r := range m.config.Input.Tiles(img.W, img.H, level) {
			if region == nil || region.AnyIn(r) {
				all = append(all, Square{i, r, region, level})
			}
		}
	}
	return all
}

// EachSquare analyses the squares of all images, in order and several at a time, and passes
// them to see with their analysis at each scale. Of an image with a region, squares without
// a pixel of it are left out, and positions without one do not deviate; nil regions: all of
// the images counts. What see receives is valid until it returns.
func (m *Model) EachSquare(imgs []*Image, regions []*imageio.Mask, see func(g *autograd.Graph[float32], of []Square, scales []Analysis)) {
	m.eachSquare(len(imgs), func(i int) (*Image, *imageio.Mask) {
		if regions == nil {
			return imgs[i], nil
		}
		return imgs[i], regions[i]
	}, see)
}

// heldPixels is about the most pixels of images whose squares wait to be analysed together;
// less in a test. It changes no bit.
var heldPixels = 4 << 20

// eachSquare is EachSquare for n images and their regions, which it takes from next, in
// order. It keeps no more of them than wait to be analysed.
func (m *Model) eachSquare(n int, next func(i int) (*Image, *imageio.Mask), see func(g *autograd.Graph[float32], of []Square, scales []Analysis)) {
	var waiting []Square
	var imgs []*Image // of waiting
	g := m.graph()
	defer m.done(g)
	most := m.config.Input.atOnce()
	width, height := m.config.Input.Shape()
	flush := func(n int) {
		x := g.NewTensor(n, height, width, 3)
		p := preparation{m.config.Input, imgs[:n], waiting[:n], x.Data()}
		m.pool.Run(&p, n)
		scales := m.Analyse(g, x)
		for k, sq := range waiting[:n] {
			for _, a := range scales {
				a.Clear(k, sq.Inside(a.Value.Dim(1), a.Value.Dim(2)))
			}
		}
		see(g, waiting[:n], scales)
		waiting, imgs = slices.Delete(waiting, 0, n), slices.Delete(imgs, 0, n)
		g.Reset()
	}
	held := 0
	for i := range n {
		img, region := next(i)
		for _, sq := range m.squares(i, img, region) {
			waiting, imgs = append(waiting, sq), append(imgs, img)
		}
		for len(waiting) >= most {
			flush(most)
		}
		if held += img.W * img.H; held >= heldPixels && len(waiting) > 0 {
			flush(len(waiting))
		}
		if len(waiting) == 0 {
			held = 0
		}
	}
	if len(waiting) > 0 {
		flush(len(waiting))
	}
}

// atOnce returns the number of squares to analyse together. Many squares make the matrix
// products large; few large squares save memory. The number changes no bit.
func (in Input) atOnce() int {
	const most, pixels = 16, 1 << 20
	w, h := in.Shape()
	return max(1, min(most, pixels/(w*h)))
}

// preparation prepares squares for the encoder, one per chunk.
type preparation struct {
	input   Input
	imgs    []*Image // of the squares
	squares []Square
	dst     []float32
}

func (p *preparation) Chunk(k int) {
	w, h := p.input.Shape()
	n := w * h * 3
	sq := p.squares[k]
	p.input.Prepare(p.dst[k*n:(k+1)*n], p.imgs[k], sq.Rect)
}

// Prepare writes part rect of an image, resized to Shape and normalised, to
// dst [height width 3]. The image is reflected beyond its edges.
func (in Input) Prepare(dst []float32, img *Image, rect image.Rectangle) {
	if rect != image.Rect(0, 0, img.W, img.H) {
		img = img.CropReflect(rect.Min.X, rect.Min.Y, rect.Dx(), rect.Dy())
	}
	in.Norm().Apply(dst, img.Resize(in.Shape()).Pix)
}

// Norm returns the normalisation of bytes v, (v/255 - Mean)/Std.
func (in Input) Norm() imageio.Norm { return imageio.Norm{Mean: in.Mean, Std: in.Std} }
