package serve

import (
	"errors"
	"fmt"
	"time"

	"anomem/imageio"
)

// Limits bound what requests may take.
type Limits struct {
	Body   int64 // bytes of a request's body
	Pixels int   // of one image
	Images int   // of one request
	Queue  int   // images that wait for a model
	Batch  int   // images that are scored together

	// Memory is spent on all requests together, in bytes: a quarter on their bodies, the rest
	// on pixels, of which each counts as 16 bytes from its header until it is scored.
	Memory int64

	Window   time.Duration // that the first image of a batch waits for others
	BodyTime time.Duration // to receive a request's body
	SendTime time.Duration // to send an answer
}

// DefaultLimits returns limits for a machine with some GiB of memory.
func DefaultLimits() Limits {
	return Limits{
		Body: 32 << 20, Pixels: 40_000_000, Images: 64, Queue: 256, Batch: 16, Memory: 1 << 30,
		Window: 2 * time.Millisecond, BodyTime: 30 * time.Second, SendTime: 30 * time.Second,
	}
}

// batchPixels is the most pixels that are scored together, unless one image has more.
const batchPixels = 4 << 20

// pixelBytes is what a pixel takes from its image's header until its score: eight in a
// decoder, three in an image, as many in a rotated copy; or four in a heatmap and eight in a
// picture of it.
const pixelBytes = 16

// imageBytes is what an image takes beside its pixels.
const imageBytes = 256 << 10

// cost returns the bytes that an image takes.
func cost(w, h int) int64 { return imageBytes + pixelBytes*int64(w)*int64(h) }

func (l *Limits) bodies() int64 { return l.Memory / 4 }
func (l *Limits) images() int64 { return l.Memory - l.bodies() }

// check returns what is wrong with l.
func (l *Limits) check() error {
	var wrong []error
	say := func(bad bool, format string, args ...any) {
		if bad {
			wrong = append(wrong, fmt.Errorf("serve: "+format, args...))
		}
	}
	say(l.Body < 1, "bodies of at most %d bytes: want 1 or more", l.Body)
	say(l.Pixels < 1 || l.Pixels > imageio.MaxPixels, "images of at most %d pixels: want 1 to %d", l.Pixels, imageio.MaxPixels)
	say(l.Images < 1, "at most %d images in a request: want 1 or more", l.Images)
	say(l.Queue < 1, "a queue of at most %d images: want 1 or more", l.Queue)
	say(l.Batch < 1, "batches of at most %d images: want 1 or more", l.Batch)
	say(l.Window < 0, "batches that wait for %v: want 0 or more", l.Window)
	say(l.BodyTime <= 0, "%v for a body: want more than 0", l.BodyTime)
	say(l.SendTime <= 0, "%v for an answer: want more than 0", l.SendTime)
	say(l.bodies() < 4*l.Body, "memory of %d bytes, of which a quarter is for bodies: a body of %d bytes may take %d of them", l.Memory, l.Body, 4*l.Body)
	say(l.images() < cost(l.Pixels, 1), "memory of %d bytes, of which three quarters are for pixels: an image of %d pixels takes %d of them", l.Memory, l.Pixels, cost(l.Pixels, 1))
	return errors.Join(wrong...)
}
