package augment

import (
	"cmp"
	"fmt"
	"image"
	"sync"

	"anomem/imageio"
	"anomem/nn/rng"
	"anomem/simd/pool"
)

// Row describes one row of a batch.
type Row struct {
	Image *imageio.Image
	Mask  *imageio.Mask // where Image is anomalous, of the same size; nil: nowhere
	Shift Shift         // applied to the image first

	// Quarters is the number of quarter turns by which the view is rotated, 0 to 3. It comes
	// after the crop and the flip: of a view that is flipped after a turn by 90°, nobody can
	// tell that it was not turned by 270°.
	Quarters int

	// Shifting is the stream of the shift, View that of the view. Two views of one
	// self-labelled anomaly share Shifting and differ in View.
	Shifting, View rng.Stream

	// Cover, unless nil, receives the share of each of n×n cells of the view that is
	// masked or that the shift changed: [n n].
	Cover []float32

	// Region marks what counts of Image, of the same size; nil: all of it. The shift
	// changes nothing outside. Each of Inside receives the share of each of its cells of
	// the view that lies in the region.
	Region *imageio.Mask
	Inside []Grid
}

// Grid holds a number for each of rows×cols cells of a view, [Rows Cols].
type Grid struct {
	Rows, Cols int
	Value      []float32
}

// Shape returns the width and the height of a view, in pixels.
func (b *Batch) Shape() (w, h int) { return cmp.Or(b.Width, b.Size), b.Size }

// A Batch fills rows of batches on a pool. It reuses its memory: once warm, it allocates
// nothing. One goroutine at a time may use it. Its fields may change between calls.
type Batch struct {
	Options Options
	Size    int // of a view, in pixels a side
	Width   int // of a view, where it is none of Size×Size; 0: Size
	Norm    imageio.Norm

	task batchTask
}

// batchTask is one call of Views or Plain.
type batchTask struct {
	*Batch
	dst   [2][]float32
	rows  [2][]Row // of each view; of a single one, the second has none
	plain bool
	each  int // rows of a chunk

	mu   sync.Mutex
	idle []*Worker // at most as many as have worked at once
}

// Views writes an augmented, normalised view of each row to dst [rows height width 3],
// the same bits for any number of threads. What a shift changed or a mask marks stays in view,
// and otherwise the region: along each axis three quarters of its bounds or, where a view is
// smaller, three quarters of the view. The sizes of crops do not depend on it. Views panics
// where [Worker.View] does, on the caller.
func (b *Batch) Views(p *pool.Pool, dst []float32, rows []Row) {
	b.run(p, [2][]float32{dst}, [2][]Row{rows}, false)
}

// Pairs writes what Views writes of rows[0] to dst[0] and of rows[1], as many, to dst[1]. A
// shifted copy that both rows of a pair are views of is made once. Of large images, making it
// takes longer than viewing it.
func (b *Batch) Pairs(p *pool.Pool, dst [2][]float32, rows [2][]Row) {
	if len(rows[0]) != len(rows[1]) {
		panic(fmt.Sprintf("augment: pairs of %d and %d rows", len(rows[0]), len(rows[1])))
	}
	b.run(p, dst, rows, false)
}

// Plain writes the rows' images, shifted and normalised but not augmented, to dst
// [rows height width 3]. It panics where Views does.
func (b *Batch) Plain(p *pool.Pool, dst []float32, rows []Row) {
	b.run(p, [2][]float32{dst}, [2][]Row{rows}, true)
}

// chunkPixels is the least number of pixels of a chunk: some 50 µs of work, worth handing
// to a thread.
const chunkPixels = 64 * 64

func (b *Batch) run(p *pool.Pool, dst [2][]float32, rows [2][]Row, plain bool) {
	w, h := b.Shape()
	for v := range dst {
		if w < 1 || h < 1 || len(dst[v]) != 3*w*h*len(rows[v]) {
			panic(fmt.Sprintf("augment: %d views of %d×%d pixels in %d values", len(rows[v]), w, h, len(dst[v])))
		}
	}
	t := &b.task
	t.Batch, t.dst, t.rows, t.plain = b, dst, rows, plain
	t.each = max(1, chunkPixels/(w*h))
	p.Run(t, (len(rows[0])+t.each-1)/t.each)
	t.dst, t.rows = [2][]float32{}, [2][]Row{}
}

// Chunk fills the rows of chunk i.
func (t *batchTask) Chunk(i int) {
	w := t.get()
	defer t.put(w)
	for k := i * t.each; k < min((i+1)*t.each, len(t.rows[0])); k++ {
		t.row(w, 0, k, false)
		if len(t.rows[1]) > 0 {
			t.row(w, 1, k, t.rows[1][k].sameCopy(&t.rows[0][k]))
		}
	}
}

// sameCopy reports whether both rows are views of the same shifted copy.
func (r *Row) sameCopy(o *Row) bool {
	return r.Shift == o.Shift && r.Image == o.Image && r.Mask == o.Mask && r.Region == o.Region && r.Shifting == o.Shifting
}

// row fills row k of a view. w may hold the shifted copy of the row.
func (t *batchTask) row(w *Worker, view, k int, shifted bool) {
	width, height := t.Shape()
	n := 3 * width * height
	r := t.rows[view][k]
	img, mask := r.Image, r.Mask
	if r.Shift != None {
		if !shifted {
			r.Shift.IntoWithin(&w.shifted, img, r.Region, &r.Shifting)
			if mask != nil {
				w.shifted.Mask.Add(mask) // a turned image is marked everywhere
			}
		}
		img, mask = &w.shifted.Image, &w.shifted.Mask
	}
	d := draws{crop: image.Rect(0, 0, img.W, img.H)}
	if r.Quarters > 0 && t.plain {
		panic("augment: a plain row is rotated: only views are")
	}
	if dst := t.dst[view][n*k : n*(k+1)]; t.plain {
		w.plain(dst, img, width, height, t.Norm)
	} else {
		d = w.view(dst, img, width, height, &t.Options, t.Norm, r.keep(&w.shifted), r.Quarters, &r.View)
	}
	if r.Cover != nil {
		d.coverSquare(r.Cover, mask)
	}
	d.coverInside(&r, &w.shifted)
}

// keep returns what a view of the row must show. shifted is the shifted copy, if it is one.
func (r *Row) keep(shifted *Shifted) kept {
	if r.Shift != None {
		return kept{shifted.Region, &shifted.Mask}
	}
	if shown := cmp.Or(r.Mask, r.Region); shown != nil {
		return kept{shown.Bounds(), shown}
	}
	return kept{}
}

func (t *batchTask) get() *Worker {
	t.mu.Lock()
	defer t.mu.Unlock()
	if n := len(t.idle); n > 0 {
		w := t.idle[n-1]
		t.idle = t.idle[:n-1]
		return w
	}
	return new(Worker)
}

func (t *batchTask) put(w *Worker) {
	t.mu.Lock()
	t.idle = append(t.idle, w)
	t.mu.Unlock()
}
