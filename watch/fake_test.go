package watch

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"anomem/describe"
	"anomem/imageio"
)

// fakeModel scores files that hold a number and a full stop; without that they are cut off.
// A score above 10 is anomalous, and the p-value is 1 / (1 + score).
type fakeModel struct {
	next   judge // that changed returns
	failed error
	scored []int // of each batch
}

func (f *fakeModel) load() (judge, error) { return f, nil }

func (f *fakeModel) changed() (judge, error) { return f.next, f.failed }

func (f *fakeModel) decode(path string) (*imageio.Image, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	number, whole := strings.CutSuffix(string(text), ".")
	if !whole {
		return nil, fmt.Errorf("imageio: %w", io.ErrUnexpectedEOF)
	}
	v, err := strconv.Atoi(number)
	return &imageio.Image{W: v, H: 1}, err
}

func (f *fakeModel) score(imgs []*imageio.Image) ([]describe.Image, error) {
	f.scored = append(f.scored, len(imgs))
	var all []describe.Image
	for _, m := range imgs {
		p := 1 / (1 + float64(m.W))
		all = append(all, describe.Image{Score: float64(m.W), Scales: []float64{0.25, float64(m.W)}, PValue: &p, Anomalous: m.W > 10})
	}
	return all, nil
}

// bench is a watcher with a clock that stands still.
type bench struct {
	t     *testing.T
	w     *watcher
	model *fakeModel
	clock time.Time
	lines []string // records
	said  []string
}

const settle = time.Second

// newBench watches a new folder, or that of o, with a model of tests.
func newBench(t *testing.T, o Options) *bench {
	t.Helper()
	b := &bench{t: t, model: &fakeModel{}, clock: time.Now()}
	if o.Dir == "" {
		o.Dir = t.TempDir()
	}
	if o.Settle == 0 {
		o.Settle, o.GiveUp, o.GroupTime, o.Poll = settle, 10*settle, 10*settle, time.Hour
	}
	o.Said = func(text string) { b.said = append(b.said, text) }
	o.OnRecord = func(r *Record, _ []byte) { b.lines = append(b.lines, strings.Join(strings.Fields(r.String()), " ")) }
	var err error
	if b.w, err = newWatcher(o, b.model); err != nil {
		t.Fatal(err)
	}
	b.w.now = func() time.Time { return b.clock }
	t.Cleanup(b.w.close)
	return b
}

// put writes a file at once, or adds to it.
func (b *bench) put(name, text string) {
	b.t.Helper()
	path := filepath.Join(b.w.Dir, name)
	f, err := os.OpenFile(path, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o666)
	if errors.Is(err, os.ErrNotExist) {
		if err = os.MkdirAll(filepath.Dir(path), 0o777); err == nil {
			f, err = os.OpenFile(path, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o666)
		}
	}
	if err == nil {
		_, err = f.WriteString(text)
		err = errors.Join(err, f.Close())
	}
	if err != nil {
		b.t.Fatal(err)
	}
}

// after lets time pass, looks through the folder and does what is due.
func (b *bench) after(d time.Duration) {
	b.t.Helper()
	b.clock = b.clock.Add(d)
	b.w.nextScan = time.Time{}
	if err := b.w.step(b.t.Context()); err != nil {
		b.t.Fatal(err)
	}
}

// want checks the records so far, and forgets them.
func (b *bench) want(lines ...string) {
	b.t.Helper()
	if got, want := strings.Join(b.lines, "\n"), strings.Join(lines, "\n"); got != want {
		b.t.Errorf("records\n%s\nwant\n%s\nsaid %q", got, want, b.said)
	}
	b.lines = nil
}

// heard checks that something was said n times.
func (b *bench) heard(n int, text string) {
	b.t.Helper()
	got := 0
	for _, s := range b.said {
		if strings.Contains(s, text) {
			got++
		}
	}
	if got != n {
		b.t.Errorf("%d times %q, want %d: %q", got, text, n, b.said)
	}
}
