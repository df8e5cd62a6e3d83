package main

import (
	"anomem/imageio"
	"anomem/nn/rng"
	"anomem/synthetic"
)

// maker makes anomalies from normal images.
type maker struct {
	name string
	from func([]*imageio.Image) []*imageio.Image
}

// made are the makers. None of them turns an image or pastes a blemish, as training does.
var made = []maker{
	{"shuffled quarters", each(func(r *rng.Stream, img, _ *imageio.Image) *imageio.Image {
		out := imageio.NewImage(img.W, img.H)
		w, h := img.W/2, img.H/2
		order := r.Perm(4)
		if order[0] == 0 && order[1] == 1 && order[2] == 2 {
			order = []int{1, 2, 3, 0}
		}
		for to, from := range order {
			copyRect(out, to%2*w, to/2*h, img, from%2*w, from/2*h, w, h)
		}
		return out
	})},
	{"mean of two", each(func(_ *rng.Stream, img, other *imageio.Image) *imageio.Image {
		out := imageio.NewImage(img.W, img.H)
		for i, v := range img.Pix {
			out.Pix[i] = byte((int(v) + int(other.Pix[i])) / 2)
		}
		return out
	})},
	{"halves of two", each(func(r *rng.Stream, img, other *imageio.Image) *imageio.Image {
		out := img.Crop(0, 0, img.W, img.H)
		if r.IntN(2) == 0 {
			copyRect(out, 0, 0, other, 0, 0, img.W/2, img.H)
		} else {
			copyRect(out, 0, 0, other, 0, 0, img.W, img.H/2)
		}
		return out
	})},
	{"swapped colours", each(func(r *rng.Stream, img, _ *imageio.Image) *imageio.Image {
		out := imageio.NewImage(img.W, img.H)
		first := 1 + r.IntN(2)
		for i := 0; i < len(img.Pix); i += 3 {
			for c := range 3 {
				out.Pix[i+c] = img.Pix[i+(c+first)%3]
			}
		}
		return out
	})},
	{"blurred", each(func(_ *rng.Stream, img, _ *imageio.Image) *imageio.Image {
		return img.Resize(img.W/4, img.H/4).Resize(img.W, img.H)
	})},
	{"stretched", each(func(r *rng.Stream, img, _ *imageio.Image) *imageio.Image {
		if r.IntN(2) == 0 {
			return img.Crop(0, img.H/4, img.W, img.H/2).Resize(img.W, img.H)
		}
		return img.Crop(img.W/4, 0, img.W/2, img.H).Resize(img.W, img.H)
	})},
	{"drawn", func(imgs []*imageio.Image) []*imageio.Image {
		out := make([]*imageio.Image, len(imgs))
		for i, img := range imgs {
			scene := synthetic.Part
			if i%2 == 1 {
				scene = synthetic.Texture
			}
			out[i] = synthetic.Options{Scene: scene}.Normal(1, i).Image.Resize(img.W, img.H)
		}
		return out
	}},
}

func names(makers []maker) []string {
	var all []string
	for _, m := range makers {
		all = append(all, m.name)
	}
	return all
}

// each returns what f makes of each image and the next one of the same size.
func each(f func(r *rng.Stream, img, other *imageio.Image) *imageio.Image) func([]*imageio.Image) []*imageio.Image {
	return func(imgs []*imageio.Image) []*imageio.Image {
		r := rng.New(1, rng.Name("made"))
		out := make([]*imageio.Image, len(imgs))
		for i, img := range imgs {
			out[i] = f(&r, img, imgs[(i+1)%len(imgs)])
		}
		return out
	}
}

func copyRect(dst *imageio.Image, x, y int, src *imageio.Image, fromX, fromY, w, h int) {
	for row := range h {
		copy(dst.Pix[3*((y+row)*dst.W+x):][:3*w], src.Pix[3*((fromY+row)*src.W+fromX):][:3*w])
	}
}
