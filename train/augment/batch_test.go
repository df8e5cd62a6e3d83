package augment

import (
	"runtime"
	"slices"
	"testing"

	"anomem/imageio"
	"anomem/nn/rng"
	"anomem/simd/pool"
)

func testBatch(size, n int) (*Batch, []Row) {
	rows := make([]Row, n)
	for i := range rows {
		k := uint64(i)
		rows[i] = Row{Image: picture(20+i%40, 50-i%30, k), Shift: Shift(i % 3), Shifting: rng.New(1, k), View: rng.New(2, k)}
	}
	return &Batch{Options: all(size), Size: size, Norm: imagenet}, rows
}

// TestBatch: a row is the view, or the plain image, that a Worker makes of it alone, for
// any number of threads.
func TestBatch(t *testing.T) {
	for _, size := range []int{8, 33, 70} {
		b, rows := testBatch(size, 53)
		n := 3 * size * size
		views, plain := make([]float32, n*len(rows)), make([]float32, n*len(rows))
		for i, row := range rows {
			var s Shifted
			row.Shift.Into(&s, row.Image, &row.Shifting)
			new(Worker).view(views[n*i:n*(i+1)], &s.Image, size, &b.Options, imagenet, s.Region, &row.View)
			Plain(plain[n*i:n*(i+1)], &s.Image, size, imagenet)
		}
		got := make([]float32, n*len(rows))
		for _, threads := range []int{1, 2, 4} {
			p := pool.New(threads)
			for range 2 {
				b.Views(p, got, rows)
				if !slices.Equal(got, views) {
					t.Errorf("size %d, %d threads: other views", size, threads)
				}
				b.Plain(p, got, rows)
				if !slices.Equal(got, plain) {
					t.Errorf("size %d, %d threads: other plain images", size, threads)
				}
			}
			p.Close()
		}
		// A row of a batch without a shift is a plain View.
		row := rows[0]
		new(Worker).View(got[:n], row.Image, size, &b.Options, imagenet, row.View)
		if row.Shift != None || !slices.Equal(got[:n], views[:n]) {
			t.Errorf("size %d: the first row is no View", size)
		}
	}
}

// TestBatchPanicsOnTheCaller: also for what a worker finds.
func TestBatchPanicsOnTheCaller(t *testing.T) {
	p := pool.New(3)
	defer p.Close()
	b, rows := testBatch(64, 9)
	dst := make([]float32, 3*64*64*len(rows))
	good := rows[7].Image
	rows[7].Image = &imageio.Image{W: 3, H: 3}
	func() {
		defer func() {
			if got := recover(); got != "augment: an image of 3×3 pixels in 0 bytes" {
				t.Errorf("panicked with %v", got)
			}
		}()
		b.Views(p, dst, rows)
	}()
	rows[7].Image = good
	b.Views(p, dst, rows)
}

// TestBatchAllocatesNothing: what batches allocate is bounded by the number of threads.
func TestBatchAllocatesNothing(t *testing.T) {
	b, rows := testBatch(32, 64)
	dst := make([]float32, 3*32*32*len(rows))
	for _, threads := range []int{1, 2} {
		p := pool.New(threads)
		// Each worker that there can be has seen each row.
		for len(b.task.idle) < threads {
			b.task.idle = append(b.task.idle, new(Worker))
		}
		one := Batch{Options: b.Options, Size: b.Size, Norm: b.Norm}
		for _, w := range b.task.idle {
			one.task.idle = []*Worker{w}
			one.Views(nil, dst, rows)
		}
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		for range 50 {
			b.Views(p, dst, rows)
		}
		runtime.ReadMemStats(&after)
		// The pool's own jobs, and ReadMemStats'.
		if n := after.Mallocs - before.Mallocs; n > 50 {
			t.Errorf("%d threads: %d allocations in 50 batches", threads, n)
		}
		p.Close()
	}
}

// TestShiftStaysInView: a view of a pasted copy shows most of what was pasted.
func TestShiftStaysInView(t *testing.T) {
	o := ForKind(Object, 32)
	img := picture(64, 64, 1)
	for seed := range uint64(300) {
		var s Shifted
		r := rng.New(seed)
		CutPaste.Into(&s, img, &r)
		d := o.draw(64, 64, s.Region, &r)
		if 2*areaOf(d.crop.Intersect(s.Region)) < areaOf(s.Region) {
			t.Fatalf("seed %d: %v shows little of %v", seed, d.crop, s.Region)
		}
	}
}
