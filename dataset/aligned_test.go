package dataset

import (
	"slices"
	"testing"

	"anomem/align"
	"anomem/imageio"
)

// wedge draws a bright wedge, turned by quarters.
func wedge(quarters int) *imageio.Image {
	img := imageio.NewImage(48, 48)
	for i := range 48 * 48 {
		u, v := i%48-24, i/48-24
		if u > -14 && u < 14 && v > -8 && v < 10 && u < 2*v+10 {
			img.Pix[3*i], img.Pix[3*i+1], img.Pix[3*i+2] = 200, 210, 190
		}
	}
	return img.Rotate90(quarters)
}

// Align cuts images and masks alike, keeps what it may, and gives the same with and without.
func TestAlign(t *testing.T) {
	var l align.Learner
	var all Samples
	for i := range 8 {
		s := Sample{Image: wedge(i % 4), Normal: i < 6}
		if !s.Normal {
			s.Mask = imageio.NewMask(48, 48)
			s.Mask.Pix[24*48+24] = true
		}
		all = append(all, s)
		l.Add(s.Image)
	}
	tm, _ := l.Learn()
	w, h := tm.Size(48, 48)
	if w == 48 || h == 48 {
		t.Fatalf("cut to %d×%d", w, h)
	}
	some := Align(all, tm, int64(3*3*w*h))
	none := Align(all, tm, 0)
	for i := range all {
		a, err := some.Image(i)
		if err != nil {
			t.Fatal(err)
		}
		b, _ := some.Image(i)
		c, _ := none.Image(i)
		if kept := a == b; kept != (i < 3) || !slices.Equal(a.Pix, c.Pix) || !slices.Equal(a.Pix, tm.Cut(all[i].Image).Image(all[i].Image).Pix) {
			t.Errorf("image %d: kept %t, or other pixels", i, kept)
		}
		if dw, dh := some.Size(i); dw != a.W || dh != a.H || some.Normal(i) != all[i].Normal {
			t.Errorf("image %d: %d×%d, %d×%d", i, dw, dh, a.W, a.H)
		}
		m, err := none.Mask(i)
		if err != nil || (m != nil) != (all[i].Mask != nil) {
			t.Fatalf("mask %d: %v, %v", i, m, err)
		}
		if m != nil && (m.W != a.W || m.H != a.H || !m.Any()) {
			t.Errorf("mask %d: %d×%d, marked %t", i, m.W, m.H, m.Any())
		}
		if of, err := some.Region(i); of != nil || err != nil {
			t.Errorf("region %v, %v", of, err)
		}
	}
	if some.Len() != 8 || some.Template() != tm {
		t.Error("other images or another template")
	}
}
