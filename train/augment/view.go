package augment

import (
	"fmt"
	"image"

	"anomem/imageio"
	"anomem/nn/rng"
)

// A Worker makes views. It reuses its memory: once warm, it allocates nothing. Nothing that
// it did before affects a result. One goroutine at a time may use it. Its zero value is
// ready.
type Worker struct {
	sampler imageio.Sampler
	pix     imageio.Image // the view, before it is normalised
	turned  imageio.Image
	blur    blur
	noise   noise
	table   imageio.NormTable
	shifted Shifted

	warm      bool
	norm      imageio.Norm // of table and noise
	deviation float64      // of noise
}

// View writes one augmented, normalised view of img to dst [size size 3]. The same stream
// r gives the same view. View panics if img has no pixels, if dst has another length, or
// if o or norm fails its Check.
func (w *Worker) View(dst []float32, img *imageio.Image, size int, o *Options, norm imageio.Norm, r rng.Stream) {
	w.view(dst, img, size, size, o, norm, kept{}, 0, &r)
}

// View is [Worker.View] for a few views; it allocates its memory.
func (o *Options) View(dst []float32, img *imageio.Image, size int, norm imageio.Norm, r rng.Stream) {
	new(Worker).View(dst, img, size, o, norm, r)
}

// Plain writes img to dst [size size 3], normalised but not augmented. It panics where View
// does.
func (w *Worker) Plain(dst []float32, img *imageio.Image, size int, norm imageio.Norm) {
	w.plain(dst, img, size, size, norm)
}

// plain is Plain to dst [height width 3].
func (w *Worker) plain(dst []float32, img *imageio.Image, width, height int, norm imageio.Norm) {
	w.begin(dst, img, width, height, norm)
	w.sampler.SampleTo(w.pix.Pix, img, image.Rect(0, 0, img.W, img.H), width, height, false)
	w.table.Apply(dst, w.pix.Pix)
}

// Plain is [Worker.Plain] for a few images; it allocates its memory.
func Plain(dst []float32, img *imageio.Image, size int, norm imageio.Norm) {
	new(Worker).Plain(dst, img, size, norm)
}

// view is View to dst [height width 3], rotated by so many quarter turns, and returns its
// draws; keep is as for [Options.crop]. A view that is no square keeps its shape: of the
// turns, those by 180° are left.
func (w *Worker) view(dst []float32, img *imageio.Image, width, height int, o *Options, norm imageio.Norm, keep kept, quarters int, r *rng.Stream) draws {
	if err := o.Check(); err != nil {
		panic(err.Error())
	}
	w.begin(dst, img, width, height, norm)
	d := o.draw(img.W, img.H, keep, r)
	w.sampler.SampleTo(w.pix.Pix, img, d.crop, width, height, d.mirror)
	out := &w.pix
	d.turn = (d.turn + quarters) % 4
	if width != height {
		d.turn &^= 1
	}
	if d.turn != 0 {
		out.Rotate90Into(&w.turned, d.turn)
		out = &w.turned
	}
	d.jitter.apply(out.Pix)
	if d.grey {
		toGrey(out.Pix)
	}
	if d.sigma > 0 {
		w.blur.apply(dst, out.Pix, width, height, d.sigma, &w.table)
	} else {
		w.table.Apply(dst, out.Pix)
	}
	if o.Noise > 0 {
		if w.deviation != o.Noise {
			w.deviation = o.Noise
			w.noise.set(o.Noise, norm)
		}
		w.noise.add(dst, &d.noise)
	}
	return d
}

// begin checks the arguments of View and Plain and prepares for the shape and norm.
func (w *Worker) begin(dst []float32, img *imageio.Image, width, height int, norm imageio.Norm) {
	if width < 1 || height < 1 || len(dst) != 3*width*height {
		panic(fmt.Sprintf("augment: a view of %d×%d pixels in %d values", width, height, len(dst)))
	}
	checkImage(img)
	w.pix.W, w.pix.H, w.pix.Pix = width, height, resized(w.pix.Pix, len(dst))
	if !w.warm || w.norm != norm {
		if err := norm.Check(); err != nil {
			panic("augment: " + err.Error())
		}
		w.warm, w.norm, w.deviation = true, norm, 0
		w.table.Set(norm)
	}
}

// checkImage panics unless img has at least one pixel and all of its bytes.
func checkImage(img *imageio.Image) {
	if img.W < 1 || img.H < 1 || len(img.Pix) != 3*img.W*img.H {
		panic(fmt.Sprintf("augment: an image of %d×%d pixels in %d bytes", img.W, img.H, len(img.Pix)))
	}
}
