package anomem

import (
	"image"

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

// Analyse encodes squares x [N Size Size 3], prepared by Input.Prepare, and compares their
// maps with the memory of each scale (eq. 8). The results are valid until g is reset.
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

// Square is a part of an image that the encoder takes at once: the whole image or a tile.
type Square struct {
	Image int             // index among the images given
	Rect  image.Rectangle // in pixels of the image, which is reflected beyond its edges
}

// squares returns the squares of image i, row by row.
func (m *Model) squares(i int, img *Image) []Square {
	in := m.config.Input
	if in.Tile == 0 {
		return []Square{{i, image.Rect(0, 0, img.W, img.H)}}
	}
	var all []Square
	for _, r := range imageio.Tiles(img.W, img.H, in.Tile, in.Stride) {
		all = append(all, Square{i, r})
	}
	return all
}

// EachSquare analyses the squares of all images, in order and several at a time, and passes
// them to see with their analysis at each scale. What see receives is valid until it
// returns.
func (m *Model) EachSquare(imgs []*Image, see func(g *autograd.Graph[float32], of []Square, scales []Analysis)) {
	var waiting []Square
	g := m.graph()
	defer m.done(g)
	most := m.config.Input.atOnce()
	flush := func(n int) {
		x := g.NewTensor(n, m.config.Input.Size, m.config.Input.Size, 3)
		p := preparation{m.config.Input, imgs, waiting[:n], x.Data()}
		m.pool.Run(&p, n)
		see(g, waiting[:n], m.Analyse(g, x))
		waiting = append(waiting[:0], waiting[n:]...)
		g.Reset()
	}
	for i, img := range imgs {
		waiting = append(waiting, m.squares(i, img)...)
		for len(waiting) >= most {
			flush(most)
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
	return max(1, min(most, pixels/(in.Size*in.Size)))
}

// preparation prepares squares for the encoder, one per chunk.
type preparation struct {
	input   Input
	imgs    []*Image
	squares []Square
	dst     []float32
}

func (p *preparation) Chunk(k int) {
	n := p.input.Size * p.input.Size * 3
	sq := p.squares[k]
	p.input.Prepare(p.dst[k*n:(k+1)*n], p.imgs[sq.Image], sq.Rect)
}

// Prepare writes part rect of an image, resized and normalised, to dst [Size Size 3]. The
// image is reflected beyond its edges.
func (in Input) Prepare(dst []float32, img *Image, rect image.Rectangle) {
	if rect != image.Rect(0, 0, img.W, img.H) {
		img = img.CropReflect(rect.Min.X, rect.Min.Y, rect.Dx(), rect.Dy())
	}
	in.Norm().Apply(dst, img.Resize(in.Size, in.Size).Pix)
}

// Norm returns the normalisation of bytes v, (v/255 - Mean)/Std.
func (in Input) Norm() imageio.Norm { return imageio.Norm{Mean: in.Mean, Std: in.Std} }
