package dataset

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"slices"
	"sync"
	"sync/atomic"

	"anomem/imageio"
)

// OnBroken says what an image that cannot be decoded means.
type OnBroken int

const (
	Fatal OnBroken = iota // Warm fails
	Skip                  // Warm returns it, and goes on
)

// LoaderOptions says how a Loader keeps images. The zero value keeps none.
type LoaderOptions struct {
	Budget   int64 // bytes of decoded pixels to keep, 3 a pixel
	OnBroken OnBroken

	// Items are the indices of the items that will be loaded, in the order in which
	// the budget goes to them; nil: all, in order.
	Items []int

	// Prepare, such as a resize, is applied before an image is kept; nil: nothing. It
	// must give the same for the same image, and may be called by many goroutines.
	Prepare func(*imageio.Image) *imageio.Image

	// Report is told of each broken image once, one call at a time.
	Report func(*BrokenError)
}

// Loader decodes the images of a dataset and keeps those that a budget of memory has
// room for: the first of LoaderOptions.Items up to the one that would exceed it. All
// others are decoded again at each use, to the same bytes.
//
// Which are kept is settled in the order of the items, never in the order in which
// they were decoded; an image is kept as soon as the sizes of all before it are
// known. Warm decodes all in order, so that afterwards no image that is kept needs to
// be decoded again.
//
// Packed archives, which the dataset holds in memory, count against the budget first.
//
// Any number of goroutines may use a Loader.
type Loader struct {
	d     *Dataset
	o     LoaderOptions
	place []int                           // of an item within o.Items, -1 if it is not there
	kept  []atomic.Pointer[imageio.Image] // by place

	mu       sync.Mutex
	sizes    []int64 // by place; -1: not decoded yet, 0: broken
	settled  int     // places before it are settled
	fit      int     // places before it are kept
	used     int64   // bytes of those
	reported []bool  // by item
}

// NewLoader returns a Loader that has decoded nothing yet. It panics on an index that
// o.Items has twice or d not at all.
func NewLoader(d *Dataset, o LoaderOptions) *Loader {
	if o.Items == nil {
		o.Items = make([]int, len(d.Items))
		for i := range o.Items {
			o.Items[i] = i
		}
	}
	l := &Loader{
		d: d, o: o,
		place:    slices.Repeat([]int{-1}, len(d.Items)),
		kept:     make([]atomic.Pointer[imageio.Image], len(o.Items)),
		sizes:    slices.Repeat([]int64{-1}, len(o.Items)),
		reported: make([]bool, len(d.Items)),
	}
	for p, i := range o.Items {
		if i < 0 || i >= len(d.Items) || l.place[i] >= 0 {
			panic(fmt.Sprintf("dataset: NewLoader: index %d, of %d items, is out of range or there twice", i, len(d.Items)))
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

// Load returns item i, decoded and prepared. The caller must not change it: others
// may be given the same. It fails with a *BrokenError.
func (l *Loader) Load(i int) (*imageio.Image, error) {
	p := l.place[i]
	if p >= 0 {
		if img := l.kept[p].Load(); img != nil {
			return img, nil
		}
	}
	img, err := l.decode(i)
	l.settle(i, img, err)
	return img, err
}

// Kept returns how many images are kept, and how many bytes of memory those and
// unpacked archives take.
func (l *Loader) Kept() (images int, bytes int64) {
	for p := range l.kept {
		if img := l.kept[p].Load(); img != nil {
			images++
			bytes += int64(len(img.Pix))
		}
	}
	return images, bytes + l.d.resident()
}

// Warm decodes all of the loader's items, on that many goroutines (as many as there
// are CPUs if workers < 1), and keeps what is to be kept. It returns the broken ones
// in order if they are to be skipped, or else fails with the first of them, a
// *BrokenError. It ends with ctx's error when ctx is done.
func (l *Loader) Warm(ctx context.Context, workers int) ([]*BrokenError, error) {
	if workers < 1 {
		workers = runtime.GOMAXPROCS(0)
	}
	// Some at a time, so that few wait in memory to be settled in order.
	const ahead = 4
	images := make([]*imageio.Image, ahead*workers)
	errs := make([]error, len(images))
	var broken []*BrokenError
	for items := range slices.Chunk(l.o.Items, len(images)) {
		if err := each(ctx, workers, len(items), func(k int) {
			images[k], errs[k] = l.decode(items[k])
		}); err != nil {
			return nil, err
		}
		for k, i := range items {
			l.settle(i, images[k], errs[k])
			images[k] = nil
			if errs[k] == nil {
				continue
			}
			var b *BrokenError
			errors.As(errs[k], &b)
			if l.o.OnBroken == Fatal {
				return nil, b
			}
			broken = append(broken, b)
		}
	}
	return broken, nil
}

// decode reads item i anew. Its error is a *BrokenError.
func (l *Loader) decode(i int) (*imageio.Image, error) {
	it := &l.d.Items[i]
	img, err := l.d.read(it)
	if err == nil {
		if l.o.Prepare != nil {
			img = l.o.Prepare(img)
		}
		if img == nil || img.W < 1 || img.H < 1 || len(img.Pix) != 3*img.W*img.H {
			err = errors.New("it has no pixels")
		}
	}
	if err != nil {
		return nil, &BrokenError{i, it.Path, err}
	}
	return img, nil
}

// settle takes down what became of item i, settles the places whose predecessors'
// sizes are all known now, and keeps the image if its place is one to be kept.
func (l *Loader) settle(i int, img *imageio.Image, err error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if err != nil && !l.reported[i] {
		l.reported[i] = true
		if l.o.Report != nil {
			var b *BrokenError
			errors.As(err, &b)
			l.o.Report(b)
		}
	}
	p := l.place[i]
	if p < 0 {
		return
	}
	if l.sizes[p] < 0 {
		l.sizes[p] = 0
		if err == nil {
			l.sizes[p] = int64(len(img.Pix))
		}
	}
	for l.settled < len(l.sizes) && l.sizes[l.settled] >= 0 {
		if size := l.sizes[l.settled]; l.fit == l.settled && l.used+size <= l.o.Budget {
			l.used += size
			l.fit++
		}
		l.settled++
	}
	// A file that changed since may not take more than it was given.
	if err == nil && p < l.fit && l.sizes[p] == int64(len(img.Pix)) && l.kept[p].Load() == nil {
		if cap(img.Pix) > len(img.Pix) {
			img = &imageio.Image{W: img.W, H: img.H, Pix: slices.Clip(slices.Clone(img.Pix))}
		}
		l.kept[p].Store(img)
	}
}
