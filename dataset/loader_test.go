package dataset

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"anomem/imageio"
)

// sized makes a flat dataset of images of these widths, one pixel high; 0 is a broken
// one.
func sized(t testing.TB, widths ...int) (*Dataset, *atomic.Int64) {
	t.Helper()
	content := map[string]string{}
	for i, w := range widths {
		name := fmt.Sprintf("%03d.png", i)
		content[name] = "broken"
		if w > 0 {
			content[name] = picture(t, w, 1, name)
		}
	}
	decoded := new(atomic.Int64)
	return mustOpen(t, files(t, content), Options{Decode: func(r io.Reader) (*imageio.Image, error) {
		decoded.Add(1)
		return imageio.Decode(r)
	}}), decoded
}

// kept returns which places hold an image.
func (l *Loader) keptPlaces() []int {
	var places []int
	for p := range l.kept {
		if l.kept[p].Load() != nil {
			places = append(places, p)
		}
	}
	return places
}

// The first that fit are kept, broken ones taking nothing, whoever decodes in what
// order on how many goroutines.
func TestBudget(t *testing.T) {
	d, decoded := sized(t, 4, 2, 0, 3, 5, 1, 1, 0, 2)
	n := len(d.Items)
	for _, c := range []struct {
		budget int64
		want   []int
	}{
		{0, nil},
		{3*4 - 1, nil},
		{3 * 4, []int{0}},
		{3 * 9, []int{0, 1, 3}},
		{3 * 13, []int{0, 1, 3}}, // 5 and 6 would fit, but not 4
		{1 << 40, []int{0, 1, 3, 4, 5, 6, 8}},
	} {
		for _, workers := range []int{1, 2, 5, 0} {
			l := NewLoader(d, LoaderOptions{Budget: c.budget, OnBroken: Skip})
			if _, err := l.Warm(t.Context(), workers); err != nil {
				t.Fatal(err)
			}
			if got := l.keptPlaces(); !slices.Equal(got, c.want) {
				t.Errorf("budget %d, %d workers: kept %v, want %v", c.budget, workers, got, c.want)
			}
			decoded.Store(0)
			for i := range d.Items {
				l.Load(i)
			}
			if got := decoded.Load(); got != int64(n-len(c.want)) {
				t.Errorf("budget %d: decoded %d of %d again, though %d are kept", c.budget, got, n, len(c.want))
			}
			if images, bytes := l.Kept(); images != len(c.want) || bytes > c.budget {
				t.Errorf("budget %d: %d images, %d bytes", c.budget, images, bytes)
			}
		}
		// Without Warm, in an order of the caller's: the same, once all were seen twice.
		l := NewLoader(d, LoaderOptions{Budget: c.budget, OnBroken: Skip})
		for range 2 {
			for i := range d.Items {
				l.Load((i*5 + 3) % n)
				if _, bytes := l.Kept(); bytes > c.budget {
					t.Errorf("budget %d: %d bytes", c.budget, bytes)
				}
			}
		}
		if got := l.keptPlaces(); !slices.Equal(got, c.want) {
			t.Errorf("budget %d, without Warm: kept %v, want %v", c.budget, got, c.want)
		}
	}
}

// The budget goes to the items in the order in which they are named, and to no others.
func TestLoaderItems(t *testing.T) {
	d, decoded := sized(t, 4, 2, 3, 5)
	l := NewLoader(d, LoaderOptions{Budget: 3 * 8, Items: []int{3, 2, 1}})
	if _, err := l.Warm(t.Context(), 2); err != nil {
		t.Fatal(err)
	}
	if got := l.keptPlaces(); !slices.Equal(got, []int{0, 1}) || decoded.Load() != 3 {
		t.Errorf("kept places %v, decoded %d", got, decoded.Load())
	}
	for range 2 {
		if img, err := l.Load(0); err != nil || img.W != 4 {
			t.Error(img, err)
		}
	}
	if decoded.Load() != 5 {
		t.Errorf("an item that was not named was kept: decoded %d", decoded.Load())
	}
	for _, items := range [][]int{{0, 0}, {4}, {-1}} {
		func() {
			defer func() {
				if recover() == nil {
					t.Errorf("items %v did not panic", items)
				}
			}()
			NewLoader(d, LoaderOptions{Items: items})
		}()
	}
}

// An image that is part of a larger slice is kept without the rest of it, so that the
// budget holds.
func TestKeptImagesHoldWhatTheyCount(t *testing.T) {
	d, _ := sized(t, 4, 4, 4)
	d.decode = func(r io.Reader) (*imageio.Image, error) {
		img, err := imageio.Decode(r)
		if err != nil {
			return nil, err
		}
		return &imageio.Image{W: img.W / 2, H: 1, Pix: img.Pix[:len(img.Pix)/2]}, nil
	}
	l, streamed := NewLoader(d, LoaderOptions{Budget: 3 * 4}), NewLoader(d, LoaderOptions{})
	if _, err := l.Warm(t.Context(), 2); err != nil {
		t.Fatal(err)
	}
	if got := l.keptPlaces(); !slices.Equal(got, []int{0, 1}) {
		t.Errorf("kept %v", got)
	}
	for i := range d.Items {
		a, err := l.Load(i)
		if err != nil {
			t.Fatal(err)
		}
		b, err := streamed.Load(i)
		if err != nil {
			t.Fatal(err)
		}
		if a.W != 2 || a.H != 1 || b.W != 2 || !bytes.Equal(a.Pix, b.Pix) {
			t.Errorf("item %d: %v kept, %v streamed", i, a, b)
		}
		if i < 2 && cap(a.Pix) != len(a.Pix) {
			t.Errorf("item %d holds %d bytes for %d", i, cap(a.Pix), len(a.Pix))
		}
	}
	d.decode = func(io.Reader) (*imageio.Image, error) { return nil, nil }
	if _, err := streamed.Load(0); err == nil || !strings.Contains(err.Error(), "no pixels") {
		t.Error(err)
	}
}

func TestBroken(t *testing.T) {
	d, _ := sized(t, 1, 0, 1, 0, 1, 1, 1, 0)
	for _, workers := range []int{1, 3} {
		l := NewLoader(d, LoaderOptions{OnBroken: Skip})
		broken, err := l.Warm(t.Context(), workers)
		if err != nil {
			t.Fatal(err)
		}
		var indices []int
		for _, b := range broken {
			indices = append(indices, b.Index)
			if b.Path != d.Items[b.Index].Path {
				t.Errorf("item %d has path %s", b.Index, b.Path)
			}
		}
		if want := []int{1, 3, 7}; !slices.Equal(indices, want) {
			t.Errorf("broken %v, want %v", indices, want)
		}
		var b *BrokenError
		if _, err := l.Load(3); !errors.As(err, &b) || b.Index != 3 {
			t.Error(err)
		}
		broken, err = NewLoader(d, LoaderOptions{OnBroken: Fatal}).Warm(t.Context(), workers)
		if broken != nil || !errors.As(err, &b) || b.Index != 1 {
			t.Errorf("%v, %v", broken, err)
		}
		wantError(t, err, filepath.Join("data", "001.png")+": image: unknown format")
	}
}

func TestWarmStops(t *testing.T) {
	d, decoded := sized(t, slices.Repeat([]int{1}, 50)...)
	ctx, cancel := context.WithCancel(t.Context())
	inner := d.decode
	d.decode = func(r io.Reader) (*imageio.Image, error) {
		if decoded.Load() >= 5 {
			cancel()
		}
		return inner(r)
	}
	if broken, err := NewLoader(d, LoaderOptions{}).Warm(ctx, 2); !errors.Is(err, context.Canceled) || broken != nil {
		t.Error(broken, err)
	}
	if n := decoded.Load(); n > 8 {
		t.Errorf("%d images were decoded after the fifth ended it", n)
	}
	if _, err := d.Digest(ctx, 2); !errors.Is(err, context.Canceled) {
		t.Errorf("Digest: %v", err)
	}
	if _, err := d.Read(ctx, d.all(), ReadOptions{Threads: 2}); !errors.Is(err, context.Canceled) {
		t.Errorf("Read: %v", err)
	}
}

// Warm tells how far it is, sound images and broken ones, up to the last.
func TestWarmTells(t *testing.T) {
	d, _ := sized(t, slices.Repeat([]int{1}, 50)...)
	if err := os.WriteFile(d.Items[7].Path, []byte("broken"), 0o666); err != nil {
		t.Fatal(err)
	}
	var told []int
	l := NewLoader(d, LoaderOptions{OnBroken: Skip, Progress: func(done, total int) {
		if total != 50 {
			t.Errorf("%d of %d", done, total)
		}
		told = append(told, done)
	}})
	if _, err := l.Warm(t.Context(), 2); err != nil {
		t.Fatal(err)
	}
	if len(told) < 5 || told[0] != 1 || told[len(told)-1] != 50 || !slices.IsSorted(told) {
		t.Errorf("told %v", told)
	}
}

// Goroutines that load all items in orders of their own, with and without Warm beside
// them, get the bytes that one alone gets.
func TestLoadTogether(t *testing.T) {
	d, _ := sized(t, 4, 2, 0, 3, 5, 1, 1, 0, 2, 7, 3)
	n := len(d.Items)
	want := make([]*imageio.Image, n)
	for i := range want {
		want[i], _ = NewLoader(d, LoaderOptions{}).Load(i)
	}
	for _, budget := range []int64{0, 3 * 15, 1 << 20} {
		l := NewLoader(d, LoaderOptions{Budget: budget, OnBroken: Skip})
		var wg sync.WaitGroup
		for g := range max(4, runtime.GOMAXPROCS(0)) {
			wg.Go(func() {
				if g == 0 {
					if _, err := l.Warm(t.Context(), 3); err != nil {
						t.Error(err)
					}
				}
				for k := range 3 * n {
					i := (k*(g+1) + g) % n
					img, err := l.Load(i)
					if (err == nil) != (want[i] != nil) {
						t.Errorf("item %d: %v", i, err)
					} else if err == nil && (img.W != want[i].W || !bytes.Equal(img.Pix, want[i].Pix)) {
						t.Errorf("item %d has other pixels", i)
					}
				}
				l.Kept()
			})
		}
		wg.Wait()
	}
}

// A file that grew after it was counted is not kept, so that the budget holds.
func TestFileThatGrows(t *testing.T) {
	d, _ := sized(t, 2, 2)
	width := 2
	d.decode = func(io.Reader) (*imageio.Image, error) { return imageio.NewImage(width, 1), nil }
	l := NewLoader(d, LoaderOptions{Budget: 12})
	l.Load(1) // counted, but not kept: item 0 is not known yet
	l.Load(0)
	width = 100
	if img, err := l.Load(1); err != nil || img.W != 100 {
		t.Error(img, err)
	}
	if images, bytes := l.Kept(); images != 1 || bytes != 6 {
		t.Errorf("%d images of %d bytes", images, bytes)
	}
}
