package imageio

import (
	"bytes"
	"fmt"
	"image"
	"image/color"
	"image/draw"
	"image/jpeg"
	"math"
	"math/rand/v2"
	"slices"
	"testing"
)

func decodedMask(t testing.TB, data []byte) *Mask {
	t.Helper()
	m, err := DecodeMask(bytes.NewReader(data))
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// painted returns a picture of w×h whose pixels are those of a function.
func painted[M draw.Image](m M, at func(x, y int) color.Color) M {
	b := m.Bounds()
	for y := b.Min.Y; y < b.Max.Y; y++ {
		for x := b.Min.X; x < b.Max.X; x++ {
			m.Set(x, y, at(x, y))
		}
	}
	return m
}

// wantMarks compares a mask with what should be marked.
func wantMarks(t *testing.T, what string, m *Mask, want func(x, y int) bool) {
	t.Helper()
	wrong := 0
	for i, got := range m.Pix {
		if got != want(i%m.W, i/m.W) {
			wrong++
		}
	}
	if wrong > 0 {
		t.Errorf("%s: %d of %d pixels are wrong", what, wrong, len(m.Pix))
	}
}

func disc(x, y, cx, cy, r int) bool { return (x-cx)*(x-cx)+(y-cy)*(y-cy) <= r*r }

// Every way to store a mask that was reported: numbers of kinds, inverted, transparent,
// in 16 bits. The defect lies in the middle, or touches the border, or covers a third of
// it.
func TestMaskConventions(t *testing.T) {
	r := image.Rect(0, 0, 48, 40)
	clear := color.NRGBA{}
	grey := func(v uint8) color.Color { return color.Gray{v} }
	for _, c := range []struct {
		what           string
		m              draw.Image
		back, one, two color.Color
	}{
		{"white on black", image.NewGray(r), grey(0), grey(255), grey(255)},
		{"black on white", image.NewGray(r), grey(255), grey(0), grey(0)},
		{"0 and 1 in 16 bits", image.NewGray16(r), color.Gray16{0}, color.Gray16{1}, color.Gray16{1}},
		{"0, 1 and 40000 in 16 bits", image.NewGray16(r), color.Gray16{0}, color.Gray16{1}, color.Gray16{40000}},
		{"300 and 301 in 16 bits", image.NewGray16(r), color.Gray16{300}, color.Gray16{301}, color.Gray16{301}},
		{"0, 60 and 200", image.NewGray(r), grey(0), grey(60), grey(200)},
		{"0, 1 and 255", image.NewGray(r), grey(0), grey(1), grey(255)},
		{"255, 254 and 3", image.NewGray(r), grey(255), grey(254), grey(3)},
		{"0, 1 and 2", image.NewGray(r), grey(0), grey(1), grey(2)},
		{"mid-grey", image.NewGray(r), grey(127), grey(128), grey(129)},
		{"black ink on transparent", image.NewNRGBA(r), clear, color.NRGBA{0, 0, 0, 255}, color.NRGBA{0, 0, 0, 255}},
		{"white ink on transparent", image.NewNRGBA(r), clear, color.NRGBA{255, 255, 255, 255}, color.NRGBA{9, 9, 9, 255}},
		{"thin paint on transparent", image.NewNRGBA(r), clear, color.NRGBA{255, 0, 0, 90}, color.NRGBA{0, 255, 0, 255}},
		{"black ink on transparent in 16 bits", image.NewNRGBA64(r), color.NRGBA64{}, color.NRGBA64{0, 0, 0, 0xffff}, color.NRGBA64{1, 0, 0, 0xffff}},
		{"holes in white", image.NewNRGBA(r), color.NRGBA{255, 255, 255, 255}, clear, clear},
		{"red on white", image.NewRGBA(r), color.White, color.RGBA{255, 0, 0, 255}, color.RGBA{0, 0, 255, 255}},
		{"colours of kinds", image.NewPaletted(r, color.Palette{color.Black, color.RGBA{64, 0, 0, 255}, color.RGBA{192, 128, 0, 255}}),
			color.Black, color.RGBA{64, 0, 0, 255}, color.RGBA{192, 128, 0, 255}},
	} {
		for _, at := range []image.Point{{20, 18}, {3, 18}, {0, 0}, {47, 39}} {
			first := func(x, y int) bool { return disc(x, y, at.X, at.Y, 9) && x <= at.X }
			second := func(x, y int) bool { return disc(x, y, at.X, at.Y, 9) && x > at.X }
			if at.X == 0 {
				first = func(x, y int) bool { return x < 14 && y < 20 }
				second = func(x, y int) bool { return x < 14 && y >= 20 }
			}
			m := painted(c.m, func(x, y int) color.Color {
				switch {
				case first(x, y):
					return c.one
				case second(x, y):
					return c.two
				}
				return c.back
			})
			wantMarks(t, fmt.Sprint(c.what, at), decodedMask(t, encodePNG(t, m)), func(x, y int) bool { return first(x, y) || second(x, y) })
		}
	}
}

// Stripes of two numbers, a pixel wide.
func TestMaskStripes(t *testing.T) {
	for _, r := range []int{4, 5, 9} {
		m := painted(image.NewGray(image.Rect(0, 0, 48, 48)), func(x, y int) color.Color {
			if !disc(x, y, 20, 20, r) {
				return color.Gray{0}
			}
			return color.Gray{[]byte{60, 200}[x%2]}
		})
		wantMarks(t, fmt.Sprint("radius ", r), decodedMask(t, encodePNG(t, m)), func(x, y int) bool { return disc(x, y, 20, 20, r) })
	}
}

// Numbers in areas of any shape: narrow, alone beside others, and many.
func TestMaskKinds(t *testing.T) {
	kinds := painted(image.NewGray(image.Rect(0, 0, 100, 60)), func(x, y int) color.Color {
		switch {
		case y < 10 || y >= 50 || x < 5 || x >= 95:
			return color.Gray{0}
		case y == 12 && x > 10 && x < 60: // a scratch
			return color.Gray{3}
		case y >= 20 && y < 40:
			return color.Gray{byte(1 + (x-5)/6)}
		case y >= 44:
			return color.Gray{255}
		}
		return color.Gray{0}
	})
	wantMarks(t, "kinds", decodedMask(t, encodePNG(t, kinds)), func(x, y int) bool { return kinds.GrayAt(x, y).Y != 0 })
}

func TestMaskOfOneValue(t *testing.T) {
	for _, c := range []struct {
		c    color.Color
		want float64
	}{{color.Gray{0}, 0}, {color.Gray{255}, 1}, {color.Gray{1}, 1}, {color.Gray16{1}, 1}, {color.NRGBA{}, 0}} {
		m := decodedMask(t, encodePNG(t, painted(image.NewNRGBA64(image.Rect(0, 0, 5, 4)), func(x, y int) color.Color { return c.c })))
		if got := m.Share(); got != c.want {
			t.Errorf("%v: a share of %g, want %g", c.c, got, c.want)
		}
	}
}

// A defect over most of the border is taken for the background. Its share tells.
func TestMaskShareTells(t *testing.T) {
	m := decodedMask(t, encodePNG(t, painted(image.NewGray(image.Rect(0, 0, 40, 40)), func(x, y int) color.Color {
		if x < 3 || y < 3 || x > 36 {
			return color.Gray{255}
		}
		return color.Gray{0}
	})))
	if got, want := m.Share(), float64(34*37)/1600; got != want {
		t.Errorf("a share of %g, want %g", got, want)
	}
	if (*Mask)(nil).Share() != 0 || NewMask(0, 0).Share() != 0 {
		t.Error("no pixels, but a share")
	}
}

// shapes draws discs and bars that are covered by a part of each pixel, from n×n samples.
func shapes(seed uint64, n int) *image.Gray {
	r := rand.New(rand.NewPCG(seed, 7))
	type circle struct{ x, y, r float64 }
	var circles []circle
	for range 3 {
		circles = append(circles, circle{r.Float64()*50 + 20, r.Float64()*40 + 15, r.Float64()*9 + 2})
	}
	angle := r.Float64() * math.Pi
	return painted(image.NewGray(image.Rect(0, 0, 90, 70)), func(x, y int) color.Color {
		covered := 0
		for i := range n * n {
			u, v := float64(x)+(float64(i%n)+0.5)/float64(n), float64(y)+(float64(i/n)+0.5)/float64(n)
			in := math.Abs((u-45)*math.Sin(angle)-(v-35)*math.Cos(angle)) < 1.5 && math.Hypot(u-45, v-35) < 25
			for _, c := range circles {
				in = in || math.Hypot(u-c.x, v-c.y) < c.r
			}
			if in {
				covered++
			}
		}
		return color.Gray{byte((covered*255 + n*n/2) / (n * n))}
	})
}

// blurred averages with the triangle of a radius, across and down.
func blurred(m *image.Gray, radius int) *image.Gray {
	across := func(m *image.Gray, dx, dy int) *image.Gray {
		return painted(image.NewGray(m.Rect), func(x, y int) color.Color {
			sum, weights := 0, 0
			for k := -radius; k <= radius; k++ {
				w := radius + 1 - max(k, -k)
				sum, weights = sum+w*int(m.GrayAt(x+k*dx, y+k*dy).Y), weights+w
			}
			return color.Gray{byte((sum + weights/2) / weights)}
		})
	}
	return across(across(m, 1, 0), 0, 1)
}

func inverse(m *image.Gray) *image.Gray {
	return painted(image.NewGray(m.Rect), func(x, y int) color.Color { return color.Gray{255 - m.GrayAt(x, y).Y} })
}

// throughJPEG returns a mask after JPEG, and the file.
func throughJPEG(t *testing.T, m *image.Gray, quality int) (*image.Gray, []byte) {
	t.Helper()
	var b bytes.Buffer
	if err := jpeg.Encode(&b, m, &jpeg.Options{Quality: quality}); err != nil {
		t.Fatal(err)
	}
	got, err := jpeg.Decode(bytes.NewReader(b.Bytes()))
	if err != nil {
		t.Fatal(err)
	}
	return got.(*image.Gray), b.Bytes()
}

// Grey edges and noise of black and white masks: 128 and more marks, as it always did,
// and what is below 128 in inverted ones.
func TestMaskEdges(t *testing.T) {
	seeds := uint64(8)
	if testing.Short() {
		seeds = 3
	}
	for seed := range seeds {
		var masks []*image.Gray
		for _, n := range []int{1, 2, 3, 4, 8} {
			m := shapes(seed, n)
			masks = append(masks, m, blurred(m, 1), blurred(m, 2), blurred(m, 4), blurred(m, 9))
		}
		for k, m := range masks {
			if slices.Max(m.Pix) < 128 {
				continue // numbers of kinds, for the rule
			}
			check := func(what string, m *image.Gray, file []byte) {
				t.Helper()
				what = fmt.Sprintf("seed %d, mask %d, %s", seed, k, what)
				bright := func(x, y int) bool { return m.GrayAt(x, y).Y >= 128 }
				wantMarks(t, what, decodedMask(t, file), bright)
			}
			check("png", m, encodePNG(t, m))
			i := inverse(m)
			wantMarks(t, "inverted", decodedMask(t, encodePNG(t, i)), func(x, y int) bool { return i.GrayAt(x, y).Y < 128 })
			if k%5 > 1 {
				continue
			}
			for _, q := range []int{30, 75, 85, 90, 95, 98, 100} {
				j, file := throughJPEG(t, m, q)
				check(fmt.Sprint("jpeg ", q), j, file)
				check(fmt.Sprint("png of jpeg ", q), j, encodePNG(t, j))
			}
		}
	}
}

// Small numbers through JPEG.
func TestMaskKindsJPEG(t *testing.T) {
	for _, number := range []byte{1, 2, 3, 10, 60, 120} {
		m := painted(image.NewGray(image.Rect(0, 0, 64, 64)), func(x, y int) color.Color {
			if disc(x, y, 30, 30, 12) {
				return color.Gray{number}
			}
			return color.Gray{0}
		})
		j, file := throughJPEG(t, m, 90)
		top := 0
		for _, v := range j.Pix {
			top = max(top, int(v))
		}
		wantMarks(t, fmt.Sprint(number), decodedMask(t, file), func(x, y int) bool { return 2*int(j.GrayAt(x, y).Y) >= top })
		if share, want := decodedMask(t, file).Share(), 441./4096; math.Abs(share-want) > 0.02 {
			t.Errorf("%d: a share of %.3f, want about %.3f", number, share, want)
		}
	}
}

// Every type of picture gives the values that At says.
func TestMaskValues(t *testing.T) {
	for _, c := range pictures(image.Rect(3, 2, 20, 12)) {
		p := &picture{Image: c.picture}
		if _, ok := c.picture.(*image.YCbCr); ok {
			continue // as Decode converts it
		}
		read, row := p.values(), make([]value, 9)
		for y := range 10 {
			read(row, 4, y)
			for i, v := range row {
				want := valueOf(c.picture.At(3+4+i, 2+y))
				if _, ok := c.picture.(*image.CMYK); ok {
					continue
				}
				if v != want {
					t.Fatalf("%s: (%d, %d): %v, want %v", c.name, 4+i, y, v, want)
				}
			}
		}
	}
}

// Turned pictures and masks are what quarter turns and mirror images make of them, by the
// sides on which the first row and the first column are seen.
func TestUpright(t *testing.T) {
	for _, size := range []image.Point{{3, 2}, {1, 1}, {70, 45}, {33, 64}} {
		img := noise(size.X, size.Y)
		mask := NewMask(size.X, size.Y)
		for i := range mask.Pix {
			mask.Pix[i] = img.Pix[3*i] > 128
		}
		for o, want := range map[int]*Image{
			1: img,
			2: img.FlipH(),              // top, right
			3: img.Rotate90(2),          // bottom, right
			4: img.FlipH().Rotate90(2),  // bottom, left
			5: img.FlipH().Rotate90(1),  // left, top
			6: img.Rotate90(-1),         // right, top
			7: img.FlipH().Rotate90(-1), // right, bottom
			8: img.Rotate90(1),          // left, bottom
		} {
			got := conversion{paper: onWhite}.upright(img.ToImage(), o)
			if got.W != want.W || got.H != want.H || !bytes.Equal(got.Pix, want.Pix) {
				t.Errorf("%v, orientation %d: another image", size, o)
			}
			m := mask.upright(o)
			if m.W != want.W || m.H != want.H {
				t.Fatalf("%v, orientation %d: a mask of %d×%d", size, o, m.W, m.H)
			}
			wantMarks(t, fmt.Sprint(size, " orientation ", o), m, func(x, y int) bool { return want.Pix[3*(y*want.W+x)] > 128 })
		}
	}
}

// FuzzDecodeMask: a mask is whole, and has the size of the image.
func FuzzDecodeMask(f *testing.F) {
	for _, data := range tinyFiles(f) {
		f.Add(data)
	}
	f.Add(encodePNG(f, shapes(1, 2)))
	f.Fuzz(func(t *testing.T, data []byte) {
		config, _, err := image.DecodeConfig(bytes.NewReader(data))
		if err == nil && config.Width*config.Height > 1<<18 {
			t.Skip("large")
		}
		img, imgErr := Decode(bytes.NewReader(data))
		m, err := DecodeMask(bytes.NewReader(data))
		if (err == nil) != (imgErr == nil) {
			t.Fatalf("mask: %v, image: %v", err, imgErr)
		}
		if err == nil && (m.W != img.W || m.H != img.H || len(m.Pix) != m.W*m.H) {
			t.Errorf("a mask of %d×%d for an image of %d×%d", m.W, m.H, img.W, img.H)
		}
	})
}
