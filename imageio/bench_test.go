package imageio

import (
	"bytes"
	"fmt"
	"image"
	"image/jpeg"
	"testing"
)

// What a photograph of 1024² passes through before the network.

func BenchmarkFromImage(b *testing.B) {
	for _, c := range pictures(image.Rect(0, 0, 1024, 1024)) {
		b.Run(c.name, func(b *testing.B) {
			for b.Loop() {
				FromImage(c.picture)
			}
		})
	}
}

func BenchmarkResize(b *testing.B) {
	m := noise(1024, 1024)
	for _, n := range []int{64, 256, 768, 2048} {
		b.Run(fmt.Sprintf("1024to%d", n), func(b *testing.B) {
			for b.Loop() {
				m.Resize(n, n)
			}
		})
	}
}

func BenchmarkDecodeJPEG(b *testing.B) {
	var data bytes.Buffer
	if err := jpeg.Encode(&data, noise(128, 128).Resize(1024, 1024).ToImage(), nil); err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		if _, err := Decode(bytes.NewReader(data.Bytes())); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkRotate90(b *testing.B) {
	m := noise(4096, 3072)
	for k := range 4 {
		b.Run(fmt.Sprint(k), func(b *testing.B) {
			for b.Loop() {
				m.Rotate90(k)
			}
		})
	}
}

func BenchmarkSample(b *testing.B) {
	for _, side := range []int{180, 256, 400, 1024} {
		b.Run(fmt.Sprintf("%dto256", side), func(b *testing.B) {
			img, dst := noise(1024, 1024), make([]byte, 3*256*256)
			var s Sampler
			for b.Loop() {
				s.Sample(dst, img, image.Rect(0, 0, side, side), 256, false)
			}
		})
	}
}
