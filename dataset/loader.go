package dataset

import (
	"context"
	"errors"
	"fmt"
	"image"
	"runtime"
	"slices"
	"sync"
	"sync/atomic"

	"anomem/imageio"
)

// OnBroken says what Warm does with an image that cannot be decoded.
type OnBroken int

const (
	Fatal OnBroken = iota // Warm fails
	Skip                  // Warm goes on, and returns it
)

// LoaderOptions says which images a Loader keeps. The zero value keeps none.
type LoaderOptions struct {
	Budget   int64 // bytes of decoded pixels to keep, 3 a pixel
	Spill    int64 // bytes of further ones to keep in a temporary file, where one can be written
	OnBroken OnBroken

	// Progress is told by Warm, now and then, how many images of how many it has decoded;
	// may be nil.
	Progress func(done, total int)

	// Items are the indices of the items that will be loaded. The budget goes to them
	// in this order. nil: all items, in the order of the dataset.
	Items []int
}

// Loader decodes the images of a dataset and keeps those that fit a budget of memory:
// the first of LoaderOptions.Items, up to the one that would exceed it. Others are kept in a
// temporary file as far as LoaderOptions.Spill allows, and the rest decoded again at each use,
// to the same bytes.
//
// Which are kept depends on the order of the items alone, not on the order in which
// they are decoded. An image is kept once the sizes of all before it are known. Warm
// decodes all in order; after it, no image that is kept is decoded again.
//
// Packed archives, which the dataset holds in memory, count against the budget first.
//
// Any number of goroutines may use a Loader.
type Loader struct {
	d     *Dataset
	o     LoaderOptions
	place []int                           // of an item within o.Items; -1: not there
	kept  []atomic.Pointer[imageio.Image] // by place

	filed []atomic.Bool // by place: it is in the temporary file

	mu      sync.Mutex
	sizes   []image.Point // by place; unknown: not decoded yet, zero: broken
	settled int           // places before it are settled
	fit     int           // places before it are kept
	used    int64         // bytes of those
	spill   *spill        // nil: none yet, or none any more
	offsets []int64       // by place: where it belongs in the temporary file; -1: nowhere
	spilled int64         // bytes of those
}

// unknown is the size of an image that has not been decoded.
var unknown = image.Pt(-1, -1)

// NewLoader returns a Loader that has decoded nothing yet. It panics if o.Items has an
// index twice, or one that d lacks.
func NewLoader(d *Dataset, o LoaderOptions) *Loader {
	if o.Items == nil {
		o.Items = d.all()
	}
	l := &Loader{
		d: d, o: o,
		place: slices.Repeat([]int{-1}, len(d.Items)),
		kept:  make([]atomic.Pointer[imageio.Image], len(o.Items)),
		filed: make([]atomic.Bool, len(o.Items)),
		sizes: slices.Repeat([]image.Point{unknown}, len(o.Items)), offsets: slices.Repeat([]int64{-1}, len(o.Items)),
	}
	for p, i := range o.Items {
		if i < 0 || i >= len(d.Items) || l.place[i] >= 0 {
			panic(fmt.Sprintf("dataset: NewLoader: index %d of %d items is out of range or there twice", i, len(d.Items)))
		}
		l.place[i] = p
	}
	l.used = d.resident()
	return l
}

// resident counts the bytes that unpacked archives take.
func (d *Dataset) resident() int64 {
	var n int64
	var last archive
	for i := range d.Items {
		if a := d.Items[i].archive; a != nil && a != last { // an archive's items are together
			n += a.resident()
			last = a
		}
	}
	return n
}

// Load returns item i, decoded. Others may be given the same image: the caller must not
// change it. Load fails with a *BrokenError.
func (l *Loader) Load(i int) (*imageio.Image, error) {
	p := l.place[i]
	if p >= 0 {
		if img := l.kept[p].Load(); img != nil {
			return img, nil
		}
		if l.filed[p].Load() { // then size, offset and file stay
			if img, err := l.spill.get(l.sizes[p].X, l.sizes[p].Y, l.offsets[p]); err == nil {
				return img, nil
			}
		}
	}
	img, broken := l.decode(i)
	l.settle(i, img)
	if broken != nil {
		return nil, broken
	}
	return img, nil
}

// Kept returns how many images are kept, and how many bytes of memory they take
// together with unpacked archives.
func (l *Loader) Kept() (images int, bytes int64) {
	for p := range l.kept {
		if img := l.kept[p].Load(); img != nil {
			images++
			bytes += int64(len(img.Pix))
		}
	}
	return images, bytes + l.d.resident()
}

// warmBytes is how many bytes of images Warm decodes at a time, if one has no more.
const warmBytes = 128 << 20

// Warm decodes all of the loader's items on the given number of goroutines, one a CPU
// if workers < 1, and keeps those that fit the budget. With Skip it returns the broken
// ones in order; with Fatal it fails with the first of them, a *BrokenError. It ends
// with ctx's error when ctx is done.
func (l *Loader) Warm(ctx context.Context, workers int) ([]*BrokenError, error) {
	if workers < 1 {
		workers = runtime.GOMAXPROCS(0)
	}
	// Some at a time, so that few wait in memory to be settled in order: of large images
	// fewer, as the last ones tell.
	const ahead = 4
	images := make([]*imageio.Image, ahead*workers)
	faults := make([]*BrokenError, len(images))
	var broken []*BrokenError
	next := 1
	for rest := l.o.Items; len(rest) > 0; {
		items := rest[:min(next, len(rest))]
		rest = rest[len(items):]
		largest := 1
		if err := each(ctx, workers, len(items), func(k int) {
			images[k], faults[k] = l.decode(items[k])
		}); err != nil {
			return nil, err
		}
		for k, i := range items {
			l.settle(i, images[k])
			if images[k] != nil {
				largest = max(largest, len(images[k].Pix))
			}
			images[k] = nil
			switch {
			case faults[k] == nil:
			case l.o.OnBroken == Fatal:
				return nil, faults[k]
			default:
				broken = append(broken, faults[k])
			}
		}
		if l.o.Progress != nil {
			l.o.Progress(len(l.o.Items)-len(rest), len(l.o.Items))
		}
		next = max(1, min(len(images), warmBytes/largest))
	}
	return broken, nil
}

// decode reads item i anew. The image is nil if it is broken.
func (l *Loader) decode(i int) (*imageio.Image, *BrokenError) {
	it := &l.d.Items[i]
	img, err := l.d.decodeItem(it)
	if err == nil && (img == nil || img.W < 1 || img.H < 1 || len(img.Pix) != 3*img.W*img.H) {
		err = errors.New("it has no pixels")
	}
	if err != nil {
		return nil, &BrokenError{i, it.Path, err}
	}
	return img, nil
}

// size returns the size of item i, one of the loader's that Warm or Load has decoded.
func (l *Loader) size(i int) image.Point {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.sizes[l.place[i]]
}

// pixelBytes returns how many bytes the pixels of an image take.
func pixelBytes(size image.Point) int64 { return 3 * int64(size.X) * int64(size.Y) }

// settle records the size of item i, whose image is nil if it is broken. It settles the
// places whose predecessors' sizes are now all known, and keeps the image if its place
// is one to be kept.
func (l *Loader) settle(i int, img *imageio.Image) {
	l.mu.Lock()
	defer l.mu.Unlock()
	p := l.place[i]
	if p < 0 {
		return
	}
	if l.sizes[p] == unknown {
		l.sizes[p] = image.Point{}
		if img != nil {
			l.sizes[p] = image.Pt(img.W, img.H)
		}
	}
	for l.settled < len(l.sizes) && l.sizes[l.settled] != unknown {
		switch n := pixelBytes(l.sizes[l.settled]); {
		case l.fit == l.settled && l.used+n <= l.o.Budget:
			l.used += n
			l.fit++
		case n > 0 && l.spilled+n <= l.o.Spill:
			l.offsets[l.settled] = l.spilled
			l.spilled += n
		}
		l.settled++
	}
	if img != nil && l.offsets[p] >= 0 && pixelBytes(l.sizes[p]) == int64(len(img.Pix)) {
		l.toFile(p, img)
	}
	// A file that has changed since may not take more than it was given.
	if img != nil && p < l.fit && pixelBytes(l.sizes[p]) == int64(len(img.Pix)) && l.kept[p].Load() == nil {
		if cap(img.Pix) > len(img.Pix) {
			img = &imageio.Image{W: img.W, H: img.H, Pix: slices.Clip(slices.Clone(img.Pix))}
		}
		l.kept[p].Store(img)
	}
}

// toFile writes an image to its place in the temporary file, unless it is there. If it cannot,
// no further one is written.
func (l *Loader) toFile(p int, img *imageio.Image) {
	if l.filed[p].Load() {
		return
	}
	err := error(nil)
	if l.spill == nil {
		l.spill, err = newSpill()
	}
	if err == nil {
		err = l.spill.put(img, l.offsets[p])
	}
	if err != nil {
		l.o.Spill = 0
		for k := range l.offsets {
			if !l.filed[k].Load() {
				l.offsets[k] = -1
			}
		}
		return
	}
	l.filed[p].Store(true)
}
