package watch

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"time"

	"anomem/describe"
	"anomem/imageio"
	"anomem/simd/pool"
)

// Options say what is watched and what follows.
type Options struct {
	Dir       string // whose images are scored, and those of the folders below it
	Model     string // the model's file; a changed one is loaded again
	Pool      *pool.Pool
	Threshold *float64 // of verdicts; nil: the model's

	// Poll is the time from one look at the whole folder to the next, and no other notice is
	// taken of changes; 0: the system tells of them, and where it cannot, the time is 2 s.
	Poll   time.Duration
	Settle time.Duration // for which a file must not change before it is read
	GiveUp time.Duration // since its last change, after which a file is recorded as one that cannot be read

	// Group finds a part's name in the path of its shots below Dir, by its first group; nil:
	// images are no shots. A part is complete with GroupSize shots, unless that is 0, or after
	// GroupTime without a further one.
	Group     *regexp.Regexp
	GroupSize int
	GroupTime time.Duration

	// Output is the file of records: CSV if it ends in .csv, else JSON lines; "": none, and
	// what was scored is forgotten at the end. OnRecord receives each record, with its line as
	// a JSON object; nil: nobody.
	Output   string
	OnRecord func(r *Record, json []byte)

	Move string // a folder that anomalous images are moved to; "": none
	Link string // a folder in which anomalous images are linked; "": none

	// Exec is a program with its arguments, and Post a URL, which receive the record of each
	// anomalous image or, with Group, part, as a JSON object. Each is tried up to Tries times,
	// for TryTime. Up to Queue anomalies wait.
	Exec    []string
	Post    string
	Tries   int
	TryTime time.Duration
	Queue   int

	Said func(text string) // receives what people should know; nil: nobody
}

// Run watches until ctx ends, and then ends after the images that it is scoring. It returns an
// error if it cannot go on, such as with a full disk; another Run then goes on from the
// records. A part that is not complete goes on then, too; without Output it ends.
func Run(ctx context.Context, o Options) error {
	if o.Said == nil {
		o.Said = func(string) {}
	}
	if o.OnRecord == nil {
		o.OnRecord = func(*Record, []byte) {}
	}
	w, err := newWatcher(o, &modelFile{path: o.Model, pool: o.Pool, byHand: o.Threshold})
	if err != nil {
		return err
	}
	defer w.close()
	o.Said("watching " + o.Dir)
	return w.run(ctx)
}

// watcher scores what arrives. Only its own goroutine uses it, but for changes.
type watcher struct {
	Options
	now     func() time.Time // with a monotonic part
	model   models
	judge   judge
	journal *journal
	done    map[id]fate // versions of images that are recorded
	parts   parts
	pending *pending
	scanner scanner
	changes *changes
	notify  notifier // nil: none
	every   time.Duration
	sender  *sender

	nextScan, nextModel time.Time
	said                map[string]bool // errors of moving and linking, which last
}

// The times between two looks at the whole folder, with and without a notifier, and between two
// at the model's file.
const (
	restEvery  = time.Minute
	pollEvery  = 2 * time.Second
	modelEvery = 2 * time.Second
)

// newWatcher opens what o names.
func newWatcher(o Options, m models) (w *watcher, err error) {
	w = &watcher{Options: o, now: time.Now, model: m, changes: newChanges(), pending: newPending(o.Settle), said: map[string]bool{}, done: map[id]fate{}}
	w.parts = parts{size: o.GroupSize, quiet: o.GroupTime, open: map[string]*part{}}
	info, err := os.Stat(o.Dir)
	if err != nil {
		return nil, err
	}
	if !info.IsDir() {
		return nil, fmt.Errorf("watch: %s is no folder", o.Dir)
	}
	if w.judge, err = w.model.load(); err != nil {
		return nil, err
	}
	w.scanner = scanner{root: o.Dir, named: map[string]bool{}, said: o.Said, found: w.found, enter: w.enter}
	if err := w.openOutputs(info); err != nil {
		return nil, err
	}
	w.startNotifier()
	w.sender = newSender(w.targets(), max(1, o.Queue), o.Tries, o.TryTime, o.Said)
	return w, nil
}

// openOutputs makes the folders and the file that are written to. dir is the folder that is
// watched.
func (w *watcher) openOutputs(dir os.FileInfo) error {
	for _, to := range []string{w.Move, w.Link} {
		if to == "" {
			continue
		}
		if err := os.MkdirAll(to, 0o777); err != nil {
			return err
		}
		own, err := os.Stat(to)
		if err != nil {
			return err
		}
		if os.SameFile(own, dir) {
			return fmt.Errorf("watch: anomalies cannot stay in %s, which is watched", to)
		}
		w.scanner.own = append(w.scanner.own, own)
	}
	var err error
	if w.journal, err = openJournal(w.Output, w.judged); err != nil || w.journal.file == nil {
		return err
	}
	own, err := w.journal.file.Stat()
	w.scanner.own = append(w.scanner.own, own)
	return err
}

// startNotifier decides how changes are noticed.
func (w *watcher) startNotifier() {
	w.every = w.Poll
	if w.Poll > 0 {
		return
	}
	n, err := newNotifier(w.Dir, w.changes)
	if err != nil {
		w.withoutNotifier(err)
		return
	}
	w.notify, w.every = n, restEvery
}

// withoutNotifier looks through folders from now on.
func (w *watcher) withoutNotifier(err error) {
	w.every = pollEvery
	if !errors.Is(err, errors.ErrUnsupported) {
		w.Said(fmt.Sprintf("%v: looking for images every %v", err, w.every))
	}
	if w.notify != nil {
		w.notify.close()
		w.notify = nil
	}
}

// targets returns where anomalies are sent.
func (w *watcher) targets() []target {
	var all []target
	if len(w.Exec) > 0 {
		dir, err := filepath.Abs(w.Dir)
		if err != nil {
			dir = w.Dir
		}
		all = append(all, command(w.Exec, dir))
	}
	if w.Post != "" {
		all = append(all, post(w.Post))
	}
	return all
}

func (w *watcher) close() {
	if w.notify != nil {
		w.notify.close()
	}
	w.sender.end(w.TryTime)
	w.journal.close()
}

// run takes changes and makes steps until ctx ends.
func (w *watcher) run(ctx context.Context) error {
	for ctx.Err() == nil {
		for _, name := range w.changes.take() {
			if name == "." {
				w.nextScan = time.Time{}
			} else {
				w.scanner.notice(name)
			}
		}
		if err := w.step(ctx); err != nil {
			return err
		}
		timer := time.NewTimer(w.next().Sub(w.now()))
		select {
		case <-ctx.Done():
		case <-w.changes.come:
		case <-timer.C:
		}
		timer.Stop()
	}
	if w.journal.file == nil {
		for _, name := range slices.Sorted(maps.Keys(w.parts.open)) {
			if err := w.complete(name); err != nil {
				return err
			}
		}
	}
	return nil
}

// next returns when something is to be done if nothing changes.
func (w *watcher) next() time.Time {
	at := w.nextScan
	earlier := func(t time.Time) {
		if t.Before(at) {
			at = t
		}
	}
	earlier(w.nextModel)
	if len(w.pending.all) > 0 {
		earlier(w.pending.all[0].next)
	}
	if t, any := w.parts.next(w.pending.parts); any {
		earlier(t)
	}
	return at
}

// step does what is due: at most one batch of images.
func (w *watcher) step(ctx context.Context) error {
	now := w.now()
	if !now.Before(w.nextScan) {
		w.scanner.look(".")
		w.nextScan = w.now().Add(w.every)
	}
	if !now.Before(w.nextModel) {
		w.reload()
		w.nextModel = now.Add(modelEvery)
	}
	if err := w.batch(ctx); err != nil {
		return err
	}
	for {
		name, any := w.parts.complete(w.now(), w.pending.parts)
		if !any {
			return nil
		}
		if err := w.complete(name); err != nil {
			return err
		}
	}
}

// reload loads a changed model. Without one that can be loaded, the old one goes on.
func (w *watcher) reload() {
	switch j, err := w.model.changed(); {
	case err != nil:
		w.Said(fmt.Sprintf("%s has changed and cannot be loaded; the model before goes on: %v", w.Model, err))
	case j != nil:
		w.judge = j
		w.Said(fmt.Sprintf("%s has changed and is loaded", w.Model))
	}
}

// enter watches a folder.
func (w *watcher) enter(name string) error {
	if w.notify == nil {
		return nil
	}
	if err := w.notify.add(name); err != nil {
		w.withoutNotifier(err)
	}
	return nil
}

// found takes an image that is in the folder.
func (w *watcher) found(name string, info fs.FileInfo) {
	r := version(name, info)
	r.Part = w.partOf(name)
	switch w.done[r.id()] {
	case recorded:
	case anomaly:
		w.move(name)
	default:
		w.pending.add(r, w.now())
	}
}

// partOf returns the part that an image is a shot of, "" for none.
func (w *watcher) partOf(name string) string {
	if w.Group != nil {
		if m := w.Group.FindStringSubmatch(name); m != nil {
			return m[1]
		}
	}
	return ""
}

// judged notes what becomes of an image, or of the shots of a part, that is recorded.
func (w *watcher) judged(r *Record) {
	switch {
	case r.Shots == nil && r.Part == "" && r.Anomalous:
		w.done[r.id()] = anomaly
	case r.Shots == nil:
		w.done[r.id()] = recorded
	}
	if o := w.parts.open[r.Part]; r.Shots != nil && o != nil && r.Anomalous {
		for _, s := range o.shots[:min(len(r.Shots), len(o.shots))] {
			w.done[s.id()] = anomaly
		}
	}
	w.parts.take(r, w.now())
}

// record writes records and tells of them.
func (w *watcher) record(all ...*Record) error {
	if err := w.journal.add(all); err != nil {
		return fmt.Errorf("watch: %s: %w", cmp.Or(w.Output, "the output"), err)
	}
	for _, r := range all {
		w.OnRecord(r, jsonLines{}.line(r))
		w.judged(r)
	}
	return nil
}

// The limits of a batch, which bound memory. One image may exceed that on pixels.
const (
	mostImages = 16
	mostPixels = 4 << 20
)

// batch reads the images that have settled, scores them together and records them. If ctx ends
// before they are scored, they wait for the next start.
func (w *watcher) batch(ctx context.Context) error {
	var ready []*arrival
	var imgs []*imageio.Image
	pixels := 0
	for len(imgs) < mostImages && pixels < mostPixels {
		a := w.pending.due(w.now())
		if a == nil {
			break
		}
		if ctx.Err() != nil {
			return nil
		}
		img, err := w.read(a)
		if err != nil {
			return err
		}
		if img != nil {
			ready, imgs, pixels = append(ready, a), append(imgs, img), pixels+img.W*img.H
			w.pending.remove(a)
		}
	}
	if len(imgs) == 0 {
		return nil
	}
	verdicts, err := w.judge.score(imgs)
	if err != nil {
		return err
	}
	return w.take(ready, verdicts)
}

// read decodes an image that has not changed since it was last looked at, and nil if it has,
// has gone or cannot be decoded yet.
func (w *watcher) read(a *arrival) (*imageio.Image, error) {
	same, err := w.unchanged(a)
	if !same || err != nil {
		return nil, err
	}
	img, failed := w.judge.decode(w.scanner.file(a.path))
	if same, err := w.unchanged(a); !same || err != nil {
		return nil, err
	}
	if failed == nil {
		return img, nil
	}
	if w.pending.again(a, w.now(), w.GiveUp) {
		return nil, nil
	}
	w.pending.remove(a)
	r := a.seen
	r.Error = strings.TrimPrefix(cause(failed).Error(), "imageio: ")
	w.Said(fmt.Sprintf("%s cannot be read: %v", a.path, r.Error))
	return nil, w.record(&r)
}

// unchanged reports whether a file is as it was. If not, it begins to settle again, or is
// forgotten if it has gone.
func (w *watcher) unchanged(a *arrival) (bool, error) {
	info, err := os.Stat(w.scanner.file(a.path))
	switch {
	case errors.Is(err, fs.ErrNotExist):
		w.pending.remove(a)
		return false, nil
	case err != nil:
		return true, nil // decoding it fails, too
	}
	r := version(a.path, info)
	r.Part = a.part
	if r.id() == a.seen.id() {
		return true, nil
	}
	if w.done[r.id()] != 0 {
		w.pending.remove(a) // it is again what it was
		return false, nil
	}
	w.pending.changed(a, r, w.now())
	return false, nil
}

// take records verdicts of images, and does what follows from them.
func (w *watcher) take(ready []*arrival, verdicts []describe.Image) error {
	var all []*Record
	for i, a := range ready {
		r := a.seen
		r.Image = verdicts[i]
		r.Path = a.path
		if r.Anomalous && r.Part == "" {
			w.link(a.path)
		}
		all = append(all, &r)
	}
	if err := w.record(all...); err != nil {
		return err
	}
	for _, r := range all {
		if r.Anomalous && r.Part == "" {
			w.move(r.Path)
			w.sender.add(message{r.Path, jsonLines{}.line(r)})
		}
	}
	return nil
}

// complete records a part, and does what follows.
func (w *watcher) complete(name string) error {
	r := w.parts.verdict(name)
	if r.Anomalous {
		for _, path := range r.Shots {
			w.link(path)
		}
	}
	if err := w.record(r); err != nil {
		return err
	}
	if r.Anomalous {
		for _, path := range r.Shots {
			w.move(path)
		}
		w.sender.add(message{"part " + name, jsonLines{}.line(r)})
	}
	return nil
}

// move moves an anomalous image away. One that cannot be moved is tried again at the next look
// at the whole folder.
func (w *watcher) move(name string) {
	if w.Move != "" {
		_, err := moveFile(w.scanner.file(name), w.Move, name)
		w.placed(name, err)
	}
}

// link links to an anomalous image.
func (w *watcher) link(name string) {
	if w.Link != "" {
		_, err := linkFile(w.scanner.file(name), w.Link, name)
		w.placed(name, err)
	}
}

// placed tells of an error, once.
func (w *watcher) placed(name string, err error) {
	if err == nil || errors.Is(err, fs.ErrNotExist) {
		return
	}
	if text := fmt.Sprintf("%s: %v", name, err); !w.said[text] {
		w.said[text] = true
		w.Said(text)
	}
}
