package train

import (
	"context"
	"slices"
	"testing"

	"anomem"
	"anomem/imageio"
)

// colours returns pictures of one grey each: 10 normal ones of 200 and more, and so many anomalies
// of 1, 2, ....
func colours(anomalies int) *drawing {
	d := &drawing{}
	for i := range 10 + anomalies {
		img, v := imageio.NewImage(16, 12), byte(200+i)
		if i >= 10 {
			v = byte(i - 9)
		}
		for k := range img.Pix {
			img.Pix[k] = v
		}
		d.add(img, i < 10, nil)
	}
	return d
}

// Some views of known anomalies show a part of another one, of a quarter to three quarters of the
// image wide and high, different ones from pass to pass. Normal images, and images in the pass that
// shows them as they are, stay.
func TestMixing(t *testing.T) {
	d := colours(30)
	c, o := smallConfig(), smallOptions()
	o.Mix = 0.5
	units, err := unitsOf(c.Input, d, true)
	if err != nil {
		t.Fatal(err)
	}
	v := newViewer(c, o, d, units)
	mixed, partners := 0, map[byte]bool{}
	for pass := range uint64(20) {
		var picks []pick
		for u := range units {
			picks = append(picks, pick{u, pass})
		}
		images, _, err := v.images(context.Background(), nil, picks, pass > 0)
		if err != nil {
			t.Fatal(err)
		}
		for i, img := range images {
			own, _ := d.Image(i)
			if slices.Equal(img.Pix, own.Pix) {
				continue
			}
			if i < 10 || pass == 0 {
				t.Fatalf("pass %d: image %d is changed", pass, i)
			}
			mixed++
			var other byte
			n := 0
			for _, px := range img.Pix {
				if px != own.Pix[0] {
					other, n = px, n+1
				}
			}
			partners[other] = true
			if n /= 3; other > 30 || n < 4*3 || n > 12*9 || len(factors(n, 4, 12, 3, 9)) == 0 {
				t.Fatalf("pass %d, image %d: %d pixels of %d", pass, i, n, other)
			}
		}
	}
	// Of 19·30 views, a half less those that are pasted into themselves, up to five deviations.
	if n := 19. * 30; float64(mixed) < 0.5*n*29/30-60 || float64(mixed) > 0.5*n*29/30+60 {
		t.Errorf("%d of %v views are mixed", mixed, n)
	}
	if len(partners) < 25 {
		t.Errorf("parts of %d anomalies", len(partners))
	}
}

// factors returns the widths of lo to hi of rectangles of n pixels that are from least to most high.
func factors(n, lo, hi, least, most int) (all []int) {
	for w := lo; w <= hi; w++ {
		if n%w == 0 && n/w >= least && n/w <= most {
			all = append(all, w)
		}
	}
	return all
}

// Few anomalies, and those that heads see in cells or tiles, are not mixed.
func TestMixingGivesWay(t *testing.T) {
	for name, s := range map[string]struct {
		known  int
		change func(c *anomem.Config, o *Options)
		mixes  bool
	}{
		"whole images": {FewDefects, func(*anomem.Config, *Options) {}, true},
		"few":          {FewDefects - 1, func(*anomem.Config, *Options) {}, false},
		"no share":     {FewDefects, func(_ *anomem.Config, o *Options) { o.Mix = 0 }, false},
		"cells":        {FewDefects, func(c *anomem.Config, _ *Options) { c.Head.Local = true }, false},
		"tiles":        {FewDefects, func(c *anomem.Config, _ *Options) { c.Input.Tile, c.Input.Stride = 8, 8 }, false},
	} {
		c, o := smallConfig(), smallOptions()
		o.Mix = 0.5
		s.change(&c, &o)
		if m := newMixer(c, o, colours(s.known)); (m.known != nil) != s.mixes {
			t.Errorf("%s: parts of %v", name, m.known)
		}
	}
}
