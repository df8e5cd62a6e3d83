package browser

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"anomem/eval/protocol"
	"anomem/synthetic"
)

// results writes a page of results to a file, and returns its address and its size.
func results(t *testing.T) (url string, size int64) {
	t.Helper()
	dir := t.TempDir()
	data := filepath.Join(dir, "part")
	counts := synthetic.Counts{Train: 16, Good: 12, Each: 4}
	if err := synthetic.WriteFolder(context.Background(), data, scene, 1, counts); err != nil {
		t.Fatal(err)
	}
	r := &protocol.Runner{Dir: filepath.Join(dir, "out")}
	for _, d := range []struct {
		id  string
		set []string
	}{{"pca", nil}, {"anomem", []string{"preset=quick", "kind=object", "train.steps=8"}}} {
		g := protocol.Grid{Protocol: protocol.Folder, Data: protocol.Data{Path: data}, Detectors: []string{d.id}, Set: d.set, Gammas: []float64{0}, Draws: 1, Seeds: 1}
		plan, err := g.Plan()
		if err != nil {
			t.Fatal(err)
		}
		if out, err := r.Run(context.Background(), plan); err != nil || out.Done != 1 {
			t.Fatalf("%+v, %v", out, err)
		}
	}
	all, _, err := protocol.ReadResults(r.Dir)
	if err != nil {
		t.Fatal(err)
	}
	page, err := protocol.Page(all, func(of *protocol.Result) (*protocol.Details, error) { return protocol.ReadDetails(r.Dir, of) }, "")
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(dir, "report.html")
	if err := page.WriteFile(path); err != nil {
		t.Fatal(err)
	}
	info, err := os.Stat(path)
	if err != nil {
		t.Fatal(err)
	}
	return "file://" + filepath.ToSlash(path), info.Size()
}

// A page of results opens from disk: every picture is one, heatmaps stand below their images,
// points within their chart, and nothing is wider than a phone.
func TestResults(t *testing.T) {
	url, size := results(t)
	if size > 2_000_000 {
		t.Errorf("%d bytes", size)
	}
	for _, width := range []int64{390, 1280} {
		b := open(t, url, width)
		b.until("document.readyState === 'complete'")
		if !strings.Contains(b.text("h1"), "Detectors compared") {
			t.Errorf("the heading says %q", b.text("h1"))
		}
		eval[bool](b, "(() => { for (const d of document.querySelectorAll('details')) d.open = true; for (const i of document.images) i.loading = 'eager'; return true; })()")
		b.until("[...document.images].every((i) => i.complete)")
		for _, expression := range []string{
			"[...document.images].every((i) => i.naturalWidth > 0)",
			"document.documentElement.scrollWidth <= document.documentElement.clientWidth",
			"document.querySelectorAll('img.heat').length >= 24",
			"document.querySelectorAll('.patches').length === 2",
			"document.querySelectorAll('.patches li').length >= 4",
			"[...document.querySelectorAll('caption')].some((c) => c.textContent.includes('at each scale'))",
			"document.querySelectorAll('path.dots').length === 2",
			"document.querySelectorAll('details').length === 2",
			"[...document.querySelectorAll('figure b')].filter((b) => b.textContent.startsWith('Use of the ')).length === 2",
			// A heatmap is below its image, as wide.
			`[...document.querySelectorAll('img.heat')].every((h) => {
				const a = h.previousElementSibling.getBoundingClientRect(), b = h.getBoundingClientRect();
				return b.top >= a.bottom && Math.abs(a.width - b.width) < 1 && b.width > 30;
			})`,
			// Points are to see, within their chart.
			`[...document.querySelectorAll('path.dots')].every((p) => {
				const a = p.ownerSVGElement.getBoundingClientRect(), b = p.getBoundingClientRect();
				return b.width > 0 && b.left >= a.left && b.right <= a.right && getComputedStyle(p).stroke !== 'none';
			})`,
			// Three patches side by side are to see, and the text below them.
			`[...document.querySelectorAll('.patches li')].every((l) => l.firstElementChild.getBoundingClientRect().height > 20 && /normal [0-9.]+ %/.test(l.textContent) && /anomalies [0-9.]+ %/.test(l.textContent))`,
		} {
			if !eval[bool](b, expression) {
				t.Errorf("%d pixels wide: not %s", width, expression)
			}
		}
		b.shot(fmt.Sprintf("results-%d", width), true)
		b.fine()
	}
}
