package anomem

import (
	"image"
	"math"
	"slices"
	"testing"

	"anomem/autograd"
)

// A map of one value stretches to that value everywhere, whatever its size and the size of
// the image.
func TestHeatmapOfAConstant(t *testing.T) {
	for _, size := range [][2]int{{1, 1}, {7, 3}, {64, 64}, {1, 200}} {
		for _, cells := range []int{1, 2, 5, 16} {
			h := &Heatmap{W: size[0], H: size[1], Value: make([]float32, size[0]*size[1])}
			v := make([]float32, cells*cells)
			for i := range v {
				v[i] = 0.3
			}
			newHeater(tinyModel(t, tinyConfig(), nil), nil, nil).stretch(h, image.Rect(0, 0, size[0], size[1]), v, cells, cells, 1)
			if lo, hi := h.Range(); lo != 0.3 || hi != 0.3 {
				t.Errorf("%v pixels of %d cells: from %v to %v", size, cells, lo, hi)
			}
		}
	}
}

// The values of a tile beyond the edges of the image are left out, and those inside keep
// their places.
func TestHeatmapLeavesOutWhatIsBeyond(t *testing.T) {
	v := []float32{1, 2, 3, 4, 5, 6, 7, 8, 9}
	whole := &Heatmap{W: 20, H: 20, Value: make([]float32, 400)}
	newHeater(tinyModel(t, tinyConfig(), nil), nil, nil).stretch(whole, image.Rect(0, 0, 20, 20), v, 3, 3, 0.5)
	part := &Heatmap{W: 13, H: 6, Value: make([]float32, 13*6)}
	newHeater(tinyModel(t, tinyConfig(), nil), nil, nil).stretch(part, image.Rect(-4, -5, 16, 15), v, 3, 3, 0.5)
	for y := range part.H {
		for x := range part.W {
			if got, want := part.Value[y*part.W+x], whole.Value[(y+5)*20+x+4]; got != want {
				t.Errorf("(%d, %d): %v, want %v", x, y, got, want)
			}
		}
	}
}

// TestHeatmapIsItsDefinition compares heatmaps with the bilinear interpolation of each
// scale's values, merged by λ and averaged over tiles, pixel by pixel in float64.
func TestHeatmapIsItsDefinition(t *testing.T) {
	small := tiled(tinyConfig())
	imagenet := tiled(tinyConfig())
	imagenet.Encoder.Stem, imagenet.Input.Size, imagenet.Input.Tile, imagenet.Input.Stride = "imagenet", 32, 24, 10
	one := tinyConfig()
	one.Scales = one.Scales[1:]
	tiny := tinyConfig()
	tiny.Scales[0].Lambda, tiny.Scales[1].Lambda = 1e-300, 3e-300
	heads := tinyConfig()
	heads.Score.Kind = ScoreHeads
	local, localTiles := heads, tiled(heads)
	local.Head.Local, local.Head.Pool = true, 3
	localTiles.Head.Local = true
	for _, c := range []Config{tinyConfig(), small, imagenet, one, tiny, heads, local, localTiles} {
		m := tinyModel(t, c, nil)
		for _, img := range someImages() {
			h := m.Heatmap(img)
			if h.W != img.W || h.H != img.H || len(h.Value) != h.W*h.H {
				t.Fatalf("a heatmap of %d×%d, %d values, for an image of %d×%d", h.W, h.H, len(h.Value), img.W, img.H)
			}
			want := slowHeatmap(m, img)
			for i, w := range want {
				// There are a dozen roundings, each of at most 2⁻²⁴ of a value or less. The
				// error of positions, which the slope between cells multiplies, is as much
				// of the number of cells. Values lie in [0, 2]; so do the distances of
				// untrained heads.
				if math.Abs(float64(h.Value[i])-w) > 2*(12+32)*0x1p-24 {
					t.Errorf("tiles of %d, image of %d×%d, pixel %d: %v, want %v", c.Input.Tile, img.W, img.H, i, h.Value[i], w)
					break
				}
			}
		}
	}
}

func slowHeatmap(m *Model, img *Image) []float64 {
	c := m.Config()
	sum, count := make([]float64, img.W*img.H), make([]float64, img.W*img.H)
	var weights float64
	for _, s := range c.Scales {
		weights += s.Lambda
	}
	m.EachSquare([]*Image{img}, nil, func(g *autograd.Graph[float32], of []Square, scales []Analysis) {
		for k, sq := range of {
			for y := max(0, sq.Rect.Min.Y); y < min(img.H, sq.Rect.Max.Y); y++ {
				for x := max(0, sq.Rect.Min.X); x < min(img.W, sq.Rect.Max.X); x++ {
					count[y*img.W+x]++
					for s, a := range scales {
						value := 0.0
						sides := 0 // each map counts by its own
						for _, all := range m.slowMaps(g, s, a) {
							n := int(math.Sqrt(float64(len(all) / len(of))))
							value += float64(n) * bilinear(all[k*n*n:(k+1)*n*n], n, sq.Rect, x, y)
							sides += n
						}
						sum[y*img.W+x] += value / float64(sides) * c.Scales[s].Lambda / weights
					}
				}
			}
		}
	})
	for i := range sum {
		sum[i] /= count[i]
	}
	return sum
}

// slowMaps returns the maps of all squares at scale s: the distances of local heads to
// cells and to cells of twice the side, or the cosine deviations.
func (m *Model) slowMaps(g *autograd.Graph[float32], s int, a Analysis) [][]float32 {
	c := m.Config()
	if c.Score.Kind != ScoreHeads || !c.Head.Local {
		return [][]float32{a.Value.Data()}
	}
	maps := [][]float32{m.parts.Heads[s].Forward(g, a.Delta).Data()}
	if c.Head.Pool > 1 {
		coarse := *m.parts.Heads[s]
		coarse.Pool /= 2
		maps = append(maps, coarse.Forward(g, a.Delta).Data())
	}
	return maps
}

// bilinear returns the value at pixel (x, y) of the map v [n n] stretched over rect.
func bilinear(v []float32, n int, rect image.Rectangle, x, y int) float64 {
	at := func(i, size int) float64 {
		return min(max((float64(i)+0.5)/float64(size)*float64(n)-0.5, 0), float64(n-1))
	}
	fy, fx := at(y-rect.Min.Y, rect.Dy()), at(x-rect.Min.X, rect.Dx())
	y0, x0 := int(fy), int(fx)
	y1, x1 := min(y0+1, n-1), min(x0+1, n-1)
	fy, fx = fy-float64(y0), fx-float64(x0)
	cell := func(y, x int) float64 { return float64(v[y*n+x]) }
	return (1-fy)*((1-fx)*cell(y0, x0)+fx*cell(y0, x1)) + fy*((1-fx)*cell(y1, x0)+fx*cell(y1, x1))
}

// TestShares: a map counts by its positions a side.
func TestShares(t *testing.T) {
	got := shares([]valueMap{{rows: 16, cols: 32}, {rows: 8, cols: 16}, {rows: 4, cols: 8}})
	if want := []float32{16. / 28, 8. / 28, 4. / 28}; !slices.Equal(got, want) {
		t.Errorf("shares %v, want %v", got, want)
	}
}
