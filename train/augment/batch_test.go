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
			new(Worker).view(views[n*i:n*(i+1)], &s.Image, size, size, &b.Options, imagenet, kept{s.Region, &s.Mask}, 0, &row.View)
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

// TestShiftStaysInView: a view of a pasted copy shows most of what was pasted, or much of
// the view shows it.
func TestShiftStaysInView(t *testing.T) {
	o := ForKind(Object, 32)
	o.CropArea[0] = 0.05
	img := picture(64, 64, 1)
	small := 0
	for seed := range uint64(300) {
		var s Shifted
		r := rng.New(seed)
		CutPaste.Into(&s, img, &r)
		d := o.draw(64, 64, kept{s.Region, &s.Mask}, &r)
		shown := d.crop.Intersect(s.Region)
		if 4*shown.Dx() < 3*min(d.crop.Dx(), s.Region.Dx()) || 4*shown.Dy() < 3*min(d.crop.Dy(), s.Region.Dy()) {
			t.Fatalf("seed %d: %v shows little of %v", seed, d.crop, s.Region)
		}
		if !s.Mask.AnyIn(d.crop) {
			t.Fatalf("seed %d: %v shows nothing that was pasted", seed, d.crop)
		}
		if d.crop.Dx() < s.Region.Dx() {
			small++
		}
	}
	if small < 10 {
		t.Errorf("only %d of 300 views are narrower than what was pasted", small)
	}
}

// A row that is rotated shows the view itself, rotated: its turns can be told although
// views are flipped at random.
func TestBatchQuarters(t *testing.T) {
	const size = 8
	b, rows := testBatch(size, 1)
	b.Options.Jitter, b.Options.Noise, b.Options.Blur, b.Options.Grey = 0, 0, 0, 0
	b.Options.Flip = 0.5
	n := 3 * size * size
	flipped := 0
	for seed := range uint64(8) {
		row := Row{Image: rows[0].Image, View: rng.New(seed)}
		view, mirrored := make([]float32, n), make([]float32, n)
		b.Views(nil, view, []Row{row})
		o := b.Options
		o.Flip = 0
		o.View(mirrored, row.Image, size, b.Norm, row.View)
		if !slices.Equal(view, mirrored) {
			flipped++
		}
		for quarters := 1; quarters < 4; quarters++ {
			row.Quarters = quarters
			got, want := make([]float32, n), slices.Clone(view)
			b.Views(nil, got, []Row{row})
			for range quarters {
				want = rotated(want, size)
			}
			if !slices.Equal(got, want) {
				t.Errorf("seed %d: %d quarter turns show something else", seed, quarters)
			}
		}
	}
	if flipped == 0 || flipped == 8 {
		t.Errorf("%d of 8 views are flipped: equality says little", flipped)
	}
}

// rotated returns a view rotated by a quarter turn as imageio.Image.Rotate90 rotates.
func rotated(v []float32, size int) []float32 {
	img := &imageio.Image{W: size, H: size, Pix: make([]byte, len(v))}
	for i := range size * size {
		for c := range 3 {
			img.Pix[3*i+c] = byte(i) // where each pixel comes from
		}
	}
	out := make([]float32, len(v))
	for i := range size * size {
		from := int(img.Rotate90(1).Pix[3*i])
		copy(out[3*i:3*i+3], v[3*from:3*from+3])
	}
	return out
}

// TestPairs checks that pairs have the bits of two separate views, whether both show the same
// shifted copy or not.
func TestPairs(t *testing.T) {
	const size, cells = 24, 3
	b, first := testBatch(size, 41)
	second := slices.Clone(first)
	covers := make([]float32, 2*cells*cells*len(first))
	for k := range first {
		first[k].Cover = covers[2*k*cells*cells:][:cells*cells]
		second[k].Cover = covers[(2*k+1)*cells*cells:][:cells*cells]
		second[k].View = rng.New(3, uint64(k))
		img := first[k].Image
		mask := imageio.NewMask(img.W, img.H)
		mask.Pix[k] = true
		switch k % 7 {
		case 1:
			second[k].Shifting = rng.New(4, uint64(k))
		case 2:
			second[k].Shift = Shift((k + 1) % 3)
		case 3:
			second[k].Mask = mask
		case 4:
			second[k].Image = picture(img.W, img.H, 99)
		case 5:
			first[k].Mask, second[k].Mask = mask, mask
		}
	}
	n := 3 * size * size * len(first)
	var want, got [2][]float32
	for v, rows := range [][]Row{first, second} {
		want[v], got[v] = make([]float32, n), make([]float32, n)
		b.Views(nil, want[v], rows)
	}
	wantCovers := slices.Clone(covers)
	for _, threads := range []int{1, 3} {
		clear(covers)
		p := pool.New(threads)
		b.Pairs(p, got, [2][]Row{first, second})
		p.Close()
		for v := range want {
			if !slices.Equal(got[v], want[v]) {
				t.Errorf("%d threads: view %d differs", threads, v)
			}
		}
		if !slices.Equal(covers, wantCovers) {
			t.Errorf("%d threads: other cells are covered", threads)
		}
	}
}
