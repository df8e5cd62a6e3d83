package augment

import (
	"fmt"
	"testing"

	"anomem/nn/rng"
)

// BenchmarkView: views of images of their own size, and of larger ones.
func BenchmarkView(b *testing.B) {
	always := func(size int) Options {
		o := ForKind(Object, size)
		o.Jitter, o.Blur, o.BlurSigma = 1, 1, [2]float64{2, 2}
		return o
	}
	for _, bc := range []struct {
		name       string
		size, from int
		o          Options
	}{
		{"object", 32, 32, ForKind(Object, 32)},
		{"object", 256, 256, ForKind(Object, 256)},
		{"texture", 256, 256, ForKind(Texture, 256)},
		{"blurred", 256, 256, always(256)},
		{"object", 256, 1024, ForKind(Object, 256)},
		{"part", 96, 300, ForKind(Part, 96)},
	} {
		b.Run(fmt.Sprintf("%s/%d/of%d", bc.name, bc.size, bc.from), func(b *testing.B) {
			img := picture(bc.from, bc.from, 1)
			dst := make([]float32, 3*bc.size*bc.size)
			var w Worker
			i := uint64(0)
			b.ReportAllocs()
			for b.Loop() {
				i++
				w.View(dst, img, bc.size, &bc.o, imagenet, rng.New(1, i%64))
			}
		})
	}
}

func BenchmarkShift(b *testing.B) {
	for _, s := range []Shift{Rotate, CutPaste, Blemish} {
		b.Run(s.String(), func(b *testing.B) {
			img := picture(256, 256, 1)
			var out Shifted
			i := uint64(0)
			b.ReportAllocs()
			for b.Loop() {
				i++
				r := rng.New(1, i%64)
				s.Into(&out, img, &r)
			}
		})
	}
}
