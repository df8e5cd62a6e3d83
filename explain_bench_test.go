package anomem

import (
	"testing"

	"anomem/simd/pool"
)

// BenchmarkScore and BenchmarkExplain are of a photograph of 1024² in tiles, by a model of
// local heads: their ratio is what a heatmap costs beside a verdict.
func BenchmarkScore(b *testing.B) {
	m, img := photographed(b)
	for b.Loop() {
		m.ScoreBatch([]*Image{img})
	}
}

func BenchmarkExplain(b *testing.B) {
	m, img := photographed(b)
	for b.Loop() {
		m.Explain([]*Image{img})
	}
}

func photographed(b *testing.B) (*Model, *Image) {
	c := DefaultConfig()
	c.Input.Size, c.Input.Tile, c.Input.Stride, c.Encoder.Stem = 128, 128, 96, "imagenet"
	c.Head = HeadConfig{Pool: 4, Hidden: 256, Local: true}
	c.Score.Kind = ScoreHeads
	parts, err := NewParts[float32](c, 1)
	if err != nil {
		b.Fatal(err)
	}
	parts.AddHeads(c, 1)
	p := pool.New(1)
	b.Cleanup(p.Close)
	m, err := NewModel(c, parts, p)
	if err != nil {
		b.Fatal(err)
	}
	return m, pictureOf(1, 1024, 1024)
}
