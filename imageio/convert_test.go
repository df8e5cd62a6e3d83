package imageio

import (
	"bytes"
	"fmt"
	"image"
	"image/color"
	"math"
	"math/big"
	"strings"
	"testing"
)

type namedPicture struct {
	name    string
	picture image.Image
}

// pictures are random ones of every type that rows treats by itself, some of whose
// pixels are opaque and some transparent.
func pictures(r image.Rectangle) []namedPicture {
	var all []namedPicture
	add := func(name string, p image.Image, planes ...[]byte) {
		for i, plane := range planes {
			fillRandom(plane, fmt.Sprint(name, i))
		}
		all = append(all, namedPicture{name, p})
	}
	gray, gray16, cmyk := image.NewGray(r), image.NewGray16(r), image.NewCMYK(r)
	add("Gray", gray, gray.Pix)
	add("Gray16", gray16, gray16.Pix)
	add("CMYK", cmyk, cmyk.Pix)

	nrgba, rgba, nrgba64, rgba64 := image.NewNRGBA(r), image.NewRGBA(r), image.NewNRGBA64(r), image.NewRGBA64(r)
	add("NRGBA", nrgba, nrgba.Pix)
	add("RGBA", rgba, rgba.Pix) // most are no premultiplied colours, but can be written
	add("NRGBA64", nrgba64, nrgba64.Pix)
	add("RGBA64", rgba64, rgba64.Pix)
	sometimes(nrgba.Pix, 4, 1)
	sometimes(rgba.Pix, 4, 1)
	sometimes(nrgba64.Pix, 8, 2)
	sometimes(rgba64.Pix, 8, 2)

	palette := make(color.Palette, 200)
	colours := make([]byte, 4*len(palette))
	fillRandom(colours, "palette")
	for i := range palette {
		palette[i] = color.NRGBA{colours[4*i], colours[4*i+1], colours[4*i+2], colours[4*i+3]}
	}
	palette[7] = color.YCbCr{Y: 90, Cb: 200, Cr: 30}
	paletted := image.NewPaletted(r, palette)
	add("Paletted", paletted, paletted.Pix)
	for i, v := range paletted.Pix {
		paletted.Pix[i] = v % byte(len(palette))
	}

	for _, ratio := range []image.YCbCrSubsampleRatio{image.YCbCrSubsampleRatio444, image.YCbCrSubsampleRatio422,
		image.YCbCrSubsampleRatio420, image.YCbCrSubsampleRatio440, image.YCbCrSubsampleRatio411, image.YCbCrSubsampleRatio410} {
		p := image.NewYCbCr(r, ratio)
		add(ratio.String(), p, p.Y, p.Cb, p.Cr)
	}
	alpha := image.NewNYCbCrA(r, image.YCbCrSubsampleRatio420)
	add("NYCbCrA", alpha, alpha.Y, alpha.Cb, alpha.Cr, alpha.A)
	sometimes(alpha.A, 1, 1)
	return all
}

// sometimes makes every third pixel opaque and every fifth transparent: the last n
// bytes of each size.
func sometimes(pix []byte, size, n int) {
	for i := 0; i*size < len(pix); i++ {
		for j := size - n; j < size; j++ {
			switch {
			case i%3 == 0:
				pix[i*size+j] = 255
			case i%5 == 0:
				pix[i*size+j] = 0
			}
		}
	}
}

// hidden keeps FromImage from seeing which type an image is.
type hidden struct{ image.Image }

// Reading the memory of a type gives the same bits as asking it for each pixel, at any
// corner and for parts of larger images.
func TestFromImageFastPaths(t *testing.T) {
	for _, r := range []image.Rectangle{image.Rect(0, 0, 37, 21), image.Rect(-5, -7, 24, 10), image.Rect(3, 1, 4, 2)} {
		for _, c := range pictures(r) {
			part := c.picture.(interface {
				SubImage(image.Rectangle) image.Image
			}).SubImage(image.Rect(r.Min.X+1, r.Min.Y+3, r.Max.X-2, r.Max.Y-1))
			for _, picture := range []image.Image{c.picture, part} {
				for _, p := range []paper{onWhite, onBlack} {
					got, want := fromImage(picture, p), fromImage(hidden{picture}, p)
					if got.W != picture.Bounds().Dx() || got.H != picture.Bounds().Dy() || !bytes.Equal(got.Pix, want.Pix) {
						t.Errorf("%s, %v, paper %x: not what At says", c.name, picture.Bounds(), p)
					}
				}
			}
		}
	}
}

// All 16-bit values, against v·255/65535 in rational numbers, rounded.
func TestTo8(t *testing.T) {
	for v := range uint32(1 << 16) {
		q := big.NewRat(int64(v)*255, 65535)
		q.Add(q, big.NewRat(1, 2))
		want := new(big.Int).Quo(q.Num(), q.Denom()).Int64()
		if got := to8(v); int64(got) != want {
			t.Fatalf("to8(%d) = %d, want %d", v, got, want)
		}
	}
}

// All of YCbCr, against the definition. The coefficients are rounded to 2⁻¹⁶, which a
// chroma of 128 makes two at most, in G, of 2⁻¹⁰.
func TestJFIF(t *testing.T) {
	const bound = 0.5 + 2*128*0x1p-17
	step := 1
	if testing.Short() {
		step = 5
	}
	for u := 0; u < 256; u += step {
		for v := 0; v < 256; v += step {
			cb, cr := float64(u-128), float64(v-128)
			r, g, b := 1.402*cr, -(0.114*1.772*cb+0.299*1.402*cr)/0.587, 1.772*cb
			for y := range 256 {
				r8, g8, b8 := jfif(byte(y), byte(u), byte(v))
				for i, c := range [3]float64{r, g, b} {
					want := min(max(float64(y)+c, 0), 255)
					if got := [3]byte{r8, g8, b8}[i]; math.Abs(float64(got)-want) > bound {
						t.Fatalf("YCbCr %d %d %d: channel %d is %d, want %.4f", y, u, v, i, got, want)
					}
				}
			}
		}
	}
}

// Single colours whose conversion is known.
func TestFromImageColours(t *testing.T) {
	for _, c := range []struct {
		c    color.Color
		want [3]byte
	}{
		{color.Gray{77}, [3]byte{77, 77, 77}},
		{color.Gray16{128}, [3]byte{0, 0, 0}}, // 0.498
		{color.Gray16{129}, [3]byte{1, 1, 1}}, // 0.502
		{color.Gray16{0xfffe}, [3]byte{255, 255, 255}},
		{color.RGBA64{0x8101, 0x80ff, 0xffff, 0xffff}, [3]byte{129, 128, 255}}, // 128.502, 128.494
		{color.CMYK{255, 0, 0, 0}, [3]byte{0, 255, 255}},
		{color.CMYK{0, 0, 0, 255}, [3]byte{0, 0, 0}},
		{color.YCbCr{255, 128, 128}, [3]byte{255, 255, 255}},
		{color.YCbCr{76, 85, 255}, [3]byte{254, 0, 0}},
		{color.NRGBA{9, 9, 9, 0}, [3]byte{255, 255, 255}},
		{color.NRGBA{255, 0, 0, 128}, [3]byte{255, 127, 127}},
		{color.RGBA{128, 0, 0, 128}, [3]byte{255, 127, 127}},
		{color.NRGBA64{0xffff, 0, 0, 0x8080}, [3]byte{255, 127, 127}},
		{color.Alpha{255}, [3]byte{255, 255, 255}},
	} {
		m := FromImage(&framed{Image: image.NewUniform(c.c), screen: image.Rect(0, 0, 1, 1)})
		if got := [3]byte(m.Pix); got != c.want {
			t.Errorf("%#v: %v, want %v", c.c, got, c.want)
		}
	}
}

func TestFromImageSaysWhichColourIsMissing(t *testing.T) {
	p := image.NewPaletted(image.Rect(0, 0, 2, 2), color.Palette{color.Black})
	p.Pix[3] = 1
	defer func() {
		if r := fmt.Sprint(recover()); !strings.Contains(r, "index out of range [1] with length 1") {
			t.Errorf("panic %q", r)
		}
	}()
	FromImage(p)
}

func TestFromImageOfNothing(t *testing.T) {
	for _, r := range []image.Rectangle{{}, image.Rect(2, 2, 2, 9), image.Rect(2, 2, 9, 2)} {
		for _, c := range pictures(r) {
			if m := FromImage(c.picture); m.W != r.Dx() || m.H != r.Dy() || len(m.Pix) != 0 {
				t.Errorf("%s, %v: %v", c.name, r, m)
			}
		}
	}
}

func TestToImage(t *testing.T) {
	m := noise(31, 17)
	if got := FromImage(m.ToImage()); got.W != m.W || got.H != m.H || !bytes.Equal(got.Pix, m.Pix) {
		t.Error("there and back the image is another")
	}
	if !m.ToImage().Opaque() {
		t.Error("transparent pixels")
	}
}
