package serve

import (
	"bytes"
	"context"
	"net/http"

	"anomem"
	"anomem/imageio"
)

// batchOf scores the images of one request.
type batchOf struct {
	s     *Server
	ctx   context.Context
	o     *model
	v     *version
	where bool // heatmaps are wanted
	keep  bool // until end, images and heatmaps stay as they are, and hold memory

	jobs    []*job
	left    int   // jobs from here on have not been waited for
	kept    int64 // memory that end gives back
	arrived bool  // no image comes any more
}

// begin says that the images of a request are coming, unless the queue is full. The caller
// ends the batch that it returns.
func (s *Server) begin(ctx context.Context, o *model, v *version, where bool) (*batchOf, error) {
	if len(o.queue) == cap(o.queue) {
		return nil, errFull(o)
	}
	o.arriving.Add(1)
	return &batchOf{s: s, ctx: ctx, o: o, v: v, where: where}, nil
}

// arrive says that no image comes any more.
func (b *batchOf) arrive() {
	if !b.arrived {
		b.arrived = true
		b.o.arriving.Add(-1)
	}
}

// end gives back what the batch keeps.
func (b *batchOf) end() {
	b.arrive()
	b.s.images.put(b.kept)
}

// decode adds the image of a file. It waits until there is memory for it.
func (b *batchOf) decode(name string, file []byte) error {
	img, held, err := b.s.decode(b.ctx, b.v, name, file)
	if err != nil {
		return err
	}
	return b.add(img, held)
}

// decode returns the image of a file and the memory that it holds, which the caller gives back
// to s.images. It waits until there is that much.
func (s *Server) decode(ctx context.Context, v *version, name string, file []byte) (img *imageio.Image, held int64, err error) {
	if len(file) == 0 {
		return nil, 0, refuse(http.StatusBadRequest, "%s: the image is empty", name)
	}
	img, err = v.decoder(func(w, h int) error {
		if err := s.checkPixels(w, h); err != nil {
			return err
		}
		more := cost(w, h) - held // a frame may be larger than its canvas
		if more <= 0 {
			return nil
		}
		if held > 0 { // whoever holds some must not wait for more
			if !s.images.try(more) {
				return busy("the images of other requests fill the memory for them")
			}
		} else if err := s.images.wait(ctx, more); err != nil {
			return err
		}
		held += more
		return nil
	}).Decode(bytes.NewReader(file))
	if err != nil {
		s.images.put(held)
		if ctx.Err() != nil {
			return nil, 0, ctx.Err()
		}
		return nil, 0, unreadable(name, err)
	}
	return img, held, nil
}

// pixels adds an image of red, green and blue bytes, which stay the caller's.
func (b *batchOf) pixels(w, h int, rgb []byte) error {
	held := cost(w, h)
	if err := b.s.images.wait(b.ctx, held); err != nil {
		return err
	}
	return b.add(&imageio.Image{W: w, H: h, Pix: rgb}, held)
}

// checkPixels refuses images that are too large.
func (s *Server) checkPixels(w, h int) error {
	if int64(w)*int64(h) > int64(s.limits.Pixels) {
		return refuse(http.StatusRequestEntityTooLarge, "the image has %d×%d pixels, more than %d: cut or shrink it", w, h, s.limits.Pixels)
	}
	return nil
}

// add puts an image into the queue, which holds some memory. It waits for some of the request's
// own images before, so that one with many leaves room for others.
func (b *batchOf) add(img *imageio.Image, held int64) error {
	j := &job{ctx: b.ctx, v: b.v, img: img, where: b.where, keep: b.keep}
	if b.keep {
		b.kept += held
	} else {
		j.took = func() { b.s.images.put(held) }
	}
	b.jobs = append(b.jobs, j)
	b.s.submit(b.o, j)
	if len(b.jobs)-b.left < 2*b.s.limits.Batch {
		return nil
	}
	_, err := b.jobs[b.left].wait()
	b.left++
	return err
}

// all waits for the images and returns what the model says of them.
func (b *batchOf) all() ([]anomem.Explanation, error) {
	b.arrive()
	out := make([]anomem.Explanation, len(b.jobs))
	for i, j := range b.jobs {
		var err error
		if out[i], err = j.wait(); err != nil {
			return nil, err
		}
	}
	return out, nil
}
