package browser

import (
	"cmp"
	"encoding/csv"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/input"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"anomem/imageio"
	"anomem/serve"
)

// A person drops a folder, reads scores, sorts, filters, looks at a heatmap and downloads the
// table.
func TestDropAndRead(t *testing.T) {
	v := start(t, nil)
	b := open(t, v.url, 1280)
	b.until("document.getElementById('version').textContent.startsWith('m, version ')")
	b.drop(v.images)
	b.scored(12)
	b.click(`th[data-sort="score"] button`)
	b.until(`document.querySelector('th[data-sort="score"]').ariaSort === 'descending'`)
	scores := numbers(t, b.column(3))
	if len(scores) != 12 || !slices.IsSortedFunc(scores, func(x, y float64) int { return cmp.Compare(y, x) }) {
		t.Errorf("scores %v", scores)
	}
	if !strings.HasPrefix(b.column(2)[0], "images/") {
		t.Errorf("names %q", b.column(2))
	}
	b.click(`th[data-sort="name"] button`)
	b.until(`document.querySelector('th[data-sort="name"]').ariaSort === 'ascending'`)
	if names := b.column(2); names[0] != "images/good-0.png" || names[11] != "images/odd-5.png" {
		t.Errorf("names %q", names)
	}
	b.shot("list-1280", true)
	b.set("#filter-name", "ODD")
	b.until("document.querySelectorAll('#rows tr').length === 6")

	// The heatmap covers the image as far as the slider says.
	b.click("#rows button")
	b.until("document.getElementById('detail').open && document.getElementById('picture').width === 512")
	b.until("document.getElementById('detail-result').textContent.includes('score')")
	picture := "document.getElementById('picture').toDataURL()"
	b.set("#strength", "0")
	plain := eval[string](b, picture)
	b.set("#strength", "100")
	if eval[string](b, picture) == plain {
		t.Error("the slider changes nothing")
	}
	b.set("#strength", "60")
	b.shot("detail-1280", false)
	b.do(chromedp.KeyEvent(kb.ArrowRight))
	b.until("document.getElementById('detail-name').textContent === 'images/odd-1.png'")
	b.do(chromedp.KeyEvent(kb.Escape))
	b.until("!document.getElementById('detail').open && document.activeElement.textContent === 'images/odd-1.png'")

	b.click("#download")
	rows := download(t, filepath.Join(b.downloads, "anomem.csv"))
	if len(rows) != 7 || rows[0][0] != "name" || rows[1][0] != "images/odd-0.png" || len(rows[1][1]) < 8 {
		t.Errorf("the table has %q", rows)
	}
	b.fine()
}

func numbers(t *testing.T, texts []string) (all []float64) {
	t.Helper()
	for _, text := range texts {
		v, err := strconv.ParseFloat(text, 64)
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, v)
	}
	return all
}

// download waits for a file and returns its rows.
func download(t *testing.T, path string) [][]string {
	t.Helper()
	for begun := time.Now(); ; time.Sleep(20 * time.Millisecond) {
		f, err := os.Open(path)
		if err == nil {
			defer f.Close()
			rows, err := csv.NewReader(f).ReadAll()
			if err != nil {
				t.Fatal(err)
			}
			return rows
		}
		if time.Since(begun) > 30*time.Second {
			t.Fatal(err)
		}
	}
}

// The threshold that a person moves changes verdicts, counts and the promise.
func TestThreshold(t *testing.T) {
	v := start(t, nil)
	b := open(t, v.url, 1280)
	b.until("document.getElementById('version').textContent !== ''")
	b.drop(v.images)
	b.scored(12)
	b.until("document.getElementById('promise').textContent.includes('of 20 held-out')")
	own := b.text("#counts")
	b.set("#threshold-number", "1e6")
	b.until("document.getElementById('counts').textContent.startsWith('0 of 12 images are anomalous')")
	b.until("document.getElementById('promise').textContent === '0 of 20 held-out normal images score above: at most 4.8 % of normal images are called anomalous, in the mean over calibrations.'")
	b.set("#threshold-number", "-1e6")
	b.until("document.getElementById('counts').textContent.startsWith('12 of 12 images are anomalous')")
	b.until("document.getElementById('promise').textContent.includes('no rate of false alarms can be promised')")
	if verdicts := b.column(5); slices.Contains(verdicts, "normal") {
		t.Errorf("verdicts %q", verdicts)
	}
	b.click("#threshold-back")
	b.until("document.getElementById('threshold-back').disabled")
	if got := b.text("#counts"); got != own {
		t.Errorf("%q, want %q", got, own)
	}
	b.fine()
}

// Marks are kept with where the defect is, painted by mouse and by keyboard; the model is
// refitted on them, used, and put back.
func TestMarkRefitAndBack(t *testing.T) {
	v := start(t, nil)
	b := open(t, v.url, 1280)
	b.until("document.getElementById('version').textContent !== ''")
	was := b.text("#version")
	b.drop(v.images)
	b.scored(12)
	b.click(`th[data-sort="name"] button`)
	b.until(`document.querySelector('#rows button').textContent === 'images/good-0.png'`)
	b.click("#rows button")
	b.until("document.getElementById('picture').width === 512")
	b.click("#mark-normal")
	b.until("document.getElementById('mark-state').textContent === 'Marked as normal.'")
	b.do(chromedp.KeyEvent(kb.Escape))
	before := map[string]string{}
	for i := range 4 {
		name := "images/odd-" + strconv.Itoa(i) + ".png"
		b.set("#filter-name", name)
		b.until("document.querySelectorAll('#rows tr').length === 1 && document.querySelector('#rows button').textContent === '" + name + "'")
		before[name] = b.column(3)[0]
		b.click("#rows button")
		b.until("document.getElementById('detail-name').textContent === '" + name + "' && document.getElementById('picture').width === 512 && !document.getElementById('brush').disabled")
		switch i {
		case 0:
			b.paint()
		case 1:
			b.paintByKeys()
		}
		b.click("#mark-defect")
		b.until("document.getElementById('mark-state').textContent.startsWith('Marked as a defect')")
		if i == 0 {
			b.shot("marked-1280", false)
		}
		b.do(chromedp.KeyEvent(kb.Escape))
		b.until("!document.getElementById('detail').open")
	}
	b.set("#filter-name", "")
	b.until("document.querySelectorAll('#rows tr').length === 12")
	checkMasks(t, v.labels, 2)

	b.click("#refit-start")
	b.until("!document.getElementById('change').hidden")
	if text := b.text("#change-sum"); !strings.Contains(text, "of 5 verdicts change") || !strings.Contains(text, "AUROC") || !strings.Contains(text, "learned 4 of these images") {
		t.Errorf("%q", text)
	}
	b.until("document.querySelectorAll('#change-rows canvas:not(.unknown)').length === 5")
	b.shot("refit-1280", true)
	if got := b.text("#version"); got != was {
		t.Errorf("%q replaced %q", got, was)
	}
	b.click("#refit-use")
	b.until("document.getElementById('version').textContent !== '" + was + "'")
	b.scored(12)
	b.set("#filter-name", "odd-0")
	b.until("document.querySelectorAll('#rows tr').length === 1")
	if after := b.column(3)[0]; after == before["images/odd-0.png"] {
		t.Errorf("the score is %s as before", after)
	}
	b.click("[data-former='1']")
	b.until("document.getElementById('version').textContent === '" + was + "'")
	b.scored(12)
	b.until("document.querySelector('#rows td:nth-child(3)').textContent === '" + before["images/odd-0.png"] + "'")
	if _, err := os.Stat(v.model + ".2"); err != nil {
		t.Errorf("the refitted model is not kept: %v", err)
	}
	// A mark that is taken back is gone.
	b.click("#rows button")
	b.until("document.getElementById('mark-state').textContent.startsWith('Marked as a defect')")
	b.click("#mark-back")
	b.until("document.getElementById('mark-state').textContent === ''")
	checkMasks(t, v.labels, 1)
	b.fine()
}

// paint draws two strokes with the mouse and takes the second back.
func (b *tab) paint() {
	b.t.Helper()
	b.click("#brush-on")
	box := eval[[]float64](b, "(() => { const r = document.getElementById('picture').getBoundingClientRect(); return [r.x, r.y, r.width, r.height]; })()")
	at := func(x, y float64) (float64, float64) { return box[0] + x*box[2], box[1] + y*box[3] }
	for _, line := range [][4]float64{{0.4, 0.4, 0.6, 0.4}, {0.1, 0.9, 0.2, 0.9}} {
		x, y := at(line[0], line[1])
		b.do(chromedp.MouseEvent(input.DispatchMouseEventTypeMousePressed, x, y, chromedp.ButtonLeft))
		x, y = at(line[2], line[3])
		b.do(chromedp.MouseEvent(input.DispatchMouseEventTypeMouseMoved, x, y, chromedp.ButtonLeft), chromedp.MouseEvent(input.DispatchMouseEventTypeMouseReleased, x, y, chromedp.ButtonLeft))
	}
	b.click("#brush-undo")
}

// paintByKeys moves the brush by the keyboard and paints a dot.
func (b *tab) paintByKeys() {
	b.t.Helper()
	b.click("#brush-on")
	b.do(chromedp.Focus(chromedp.CSS("#picture")), chromedp.KeyEvent(kb.ArrowUp), chromedp.KeyEvent(kb.ArrowUp), chromedp.KeyEvent(" "))
}

// checkMasks checks that as many masks are kept, each of a part of the image about its middle.
func checkMasks(t *testing.T, labels string, want int) {
	t.Helper()
	paths, err := filepath.Glob(filepath.Join(labels, "defect", "ground_truth", "*_mask.png"))
	if err != nil || len(paths) != want {
		t.Fatalf("masks %q, %v", paths, err)
	}
	for _, path := range paths {
		m, err := imageio.DecodeMaskFile(path)
		if err != nil {
			t.Fatal(err)
		}
		if r := m.Bounds(); m.W != 32 || m.H != 32 || r.Min.X < 10 || r.Max.X > 22 || r.Min.Y < 10 || r.Max.Y > 18 || m.Share() < 0.002 {
			t.Errorf("%s marks %v of %d×%d", path, r, m.W, m.H)
		}
	}
}

// With tokens the page asks for one, keeps it in memory alone, and asks again for a wrong one.
func TestToken(t *testing.T) {
	path := filepath.Join(t.TempDir(), "tokens")
	if err := os.WriteFile(path, []byte("0123456789abcdef"), 0o600); err != nil {
		t.Fatal(err)
	}
	tokens, err := serve.ReadTokens(path)
	if err != nil {
		t.Fatal(err)
	}
	v := start(t, tokens)
	b := open(t, v.url, 390)
	b.until("document.getElementById('ask').open")
	b.shot("token-390", false)
	b.do(chromedp.SendKeys(chromedp.CSS("#token"), "wrong"+kb.Enter))
	b.until("document.getElementById('ask').open && document.getElementById('ask-title').textContent.includes('does not know')")
	b.do(chromedp.SendKeys(chromedp.CSS("#token"), "0123456789abcdef"+kb.Enter))
	b.until("document.getElementById('version').textContent.startsWith('m, version ')")
	b.drop(filepath.Join(v.images, "good-0.png"))
	b.scored(1)
	if kept := eval[int](b, "localStorage.length + sessionStorage.length + document.cookie.length"); kept != 0 {
		t.Error("the browser keeps something")
	}
	b.fine("status of 401")
}

// On a phone nothing is wider than the screen, and all of it works by the keyboard alone.
func TestNarrow(t *testing.T) {
	v := start(t, nil)
	b := open(t, v.url, 390)
	b.until("document.getElementById('version').textContent !== ''")
	b.drop(v.images)
	b.drop(v.model)
	b.until("document.getElementById('status').textContent === '13 of 13 images scored'")
	b.click(`th[data-sort="name"] button`)
	b.until("document.querySelector('#rows button').textContent === 'images/good-0.png'")
	if verdicts := b.column(5); verdicts[12] != "refused" {
		t.Errorf("verdicts %q", verdicts)
	}
	wide := "document.documentElement.scrollWidth > document.documentElement.clientWidth"
	b.shot("list-390", true)
	if eval[bool](b, wide) {
		t.Error("the list is wider than the screen")
	}
	b.do(chromedp.Focus(chromedp.CSS("#rows button")), chromedp.KeyEvent(kb.Enter))
	b.until("document.getElementById('detail').open && document.getElementById('picture').width === 512")
	b.shot("detail-390", false)
	if eval[bool](b, "(() => { const d = document.getElementById('detail'); return d.scrollWidth > d.clientWidth; })()") {
		t.Error("the image's view is wider than the screen")
	}
	b.until("document.activeElement.id === 'close'")
	for _, id := range []string{"picture", "strength", "mark-normal", "mark-defect", "brush-on"} {
		b.do(chromedp.KeyEvent(kb.Tab))
		b.until("document.activeElement.id === '" + id + "'")
	}
	b.do(chromedp.Focus(chromedp.CSS("#close")))
	b.do(chromedp.KeyEvent(kb.Enter))
	b.until("!document.getElementById('detail').open")
	b.fine("status of 415")
}
