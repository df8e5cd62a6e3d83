package anomem

import (
	"image"

	"anomem/autograd"
)

// Heatmap is how far each place of an image deviates, at the image's own size: the
// paper's outlook (section 5), the maps of all scales as one.
type Heatmap struct {
	W, H  int
	Value []float32 // [H W]; larger is more anomalous
}

// Heatmap returns the map of an image. Each scale's values 1 - cos(z, HF(z)) are
// interpolated to the image's pixels, between the centres of a map's cells, merged by λ
// and, where tiles overlap, averaged. With heads, too, which give one distance a
// square, the cosine map says where.
func (m *Model) Heatmap(img *Image) *Heatmap {
	h := &Heatmap{W: img.W, H: img.H, Value: make([]float32, img.W*img.H)}
	count := make([]float32, img.W*img.H)
	weights := m.config.weights()
	m.EachSquare([]*Image{img}, func(g *autograd.Graph[float32], of []Square, scales []Analysis) {
		maps := make([][]float32, len(scales))
		for s, a := range scales {
			maps[s] = m.where(g, s, a)
		}
		for k, sq := range of {
			for s, a := range scales {
				rows, cols := a.Value.Dim(1), a.Value.Dim(2)
				if len(maps[s]) != a.Value.Len() {
					rows, cols = m.config.Head.Pool, m.config.Head.Pool
				}
				h.add(sq.Rect, maps[s][k*rows*cols:(k+1)*rows*cols], rows, cols, weights[s])
			}
			inside := sq.Rect.Intersect(image.Rect(0, 0, img.W, img.H))
			for y := inside.Min.Y; y < inside.Max.Y; y++ {
				for x := inside.Min.X; x < inside.Max.X; x++ {
					count[y*img.W+x]++
				}
			}
		}
	})
	for i, n := range count {
		h.Value[i] /= n // every pixel is in a square
	}
	return h
}

// where returns scale s's value of each place of each square: the distances of local heads,
// where these are the score, or 1 - cos(z, HF(z)).
func (m *Model) where(g *autograd.Graph[float32], s int, a Analysis) []float32 {
	if m.config.Score.Kind == ScoreHeads && m.config.Head.Local {
		return m.numbers(g, s, a)
	}
	return a.Value.Data()
}

// add adds weight times the map v [rows cols], stretched over rect, to the pixels of
// rect. What lies beyond the image is left out.
func (h *Heatmap) add(rect image.Rectangle, v []float32, rows, cols int, weight float32) {
	inside := rect.Intersect(image.Rect(0, 0, h.W, h.H))
	across := make([]blend, inside.Dx())
	for i := range across {
		across[i] = blendAt(inside.Min.X+i-rect.Min.X, rect.Dx(), cols)
	}
	line := make([]float32, cols)
	for y := inside.Min.Y; y < inside.Max.Y; y++ {
		b := blendAt(y-rect.Min.Y, rect.Dy(), rows)
		for c := range line {
			line[c] = weight * b.of(v[b.lo*cols+c], v[b.hi*cols+c])
		}
		to := h.Value[y*h.W+inside.Min.X:][:len(across)]
		for i, a := range across {
			to[i] += a.of(line[a.lo], line[a.hi])
		}
	}
}

// blend is a mixture of two neighbouring cells.
type blend struct {
	lo, hi int
	part   float32 // of hi
}

func (b blend) of(lo, hi float32) float32 { return lo + float32(b.part*(hi-lo)) }

// blendAt returns the mixture at pixel i of size, over which n cells stretch: linear
// between their centres, constant beyond the first and last.
func blendAt(i, size, n int) blend {
	at := (float32(i)+0.5)*float32(n)/float32(size) - 0.5
	if at <= 0 {
		return blend{}
	}
	lo := int(at)
	if lo >= n-1 {
		return blend{n - 1, n - 1, 0}
	}
	return blend{lo, lo + 1, at - float32(lo)}
}

// Range returns the smallest and the largest value.
func (h *Heatmap) Range() (lo, hi float32) {
	lo, hi = h.Value[0], h.Value[0]
	for _, v := range h.Value {
		lo, hi = min(lo, v), max(hi, v)
	}
	return lo, hi
}
