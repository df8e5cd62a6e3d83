package serve

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"runtime/debug"
	"slices"
	"sync"

	"anomem"
)

// The states of a refit.
const (
	refitNone    = "none"
	refitRunning = "running"
	refitReady   = "ready" // to be used or given up
	refitFailed  = "failed"
)

// refits is the refit that is under way on a server, or waits to be used. There is one at a
// time: it takes the memory and the time of a training.
type refits struct {
	s *Server

	mu      sync.Mutex
	files   *Files // nil: no model has a file
	closed  bool
	now     *refit // nil: none
	busy    bool   // a refit is running, perhaps one that was broken off and has not ended
	running sync.WaitGroup
}

// refit is a model that is made on the marks. The lock of refits guards its answer.
type refit struct {
	cancel context.CancelFunc
	next   *anomem.Model // that is ready
	answer refitAnswer
}

// refitAnswer is what GET /v1/refit answers.
type refitAnswer struct {
	State   string   `json:"state"`
	Model   string   `json:"model,omitempty"`
	Version string   `json:"version,omitempty"` // that is refitted
	Phase   string   `json:"phase,omitempty"`   // of one that is running
	Notes   []string `json:"notes,omitempty"`   // what was found on the way
	Error   string   `json:"error,omitempty"`   // of one that failed
	Change  *change  `json:"change,omitempty"`  // of one that is ready
}

// change says what would change if a refitted model were used.
type change struct {
	Threshold pair[*float64] `json:"threshold"` // null: nothing is called anomalous
	AUROC     *pair[float64] `json:"auroc"`     // on the marked images; null: these are all of one kind
	Images    []changed      `json:"images"`
}

// pair is what the model that answers says, and what the refitted one does.
type pair[T any] struct {
	Before T `json:"before"`
	After  T `json:"after"`
}

// changed is what becomes of a marked image.
type changed struct {
	ID      string        `json:"id"`
	Label   string        `json:"label"`
	Learned bool          `json:"learned"` // the refitted model was trained on it: that it is right says little
	Result  pair[*judged] `json:"result"`
}

// judged is what a model says of an image.
type judged struct {
	Score     float64  `json:"score"`
	PValue    *float64 `json:"p_value"`
	Anomalous bool     `json:"anomalous"`
}

func newRefits(s *Server) *refits { return &refits{s: s} }

func (r *refits) setFiles(f *Files) { r.tell(func() { r.files = f }) }

// of returns the files of models; it is an error if there are none.
func (r *refits) of() (*Files, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.files == nil {
		return nil, refuse(http.StatusConflict, "no model has a file on this server")
	}
	return r.files, nil
}

// state returns what there is to say.
func (r *refits) state() refitAnswer {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.now == nil {
		return refitAnswer{State: refitNone}
	}
	a := r.now.answer
	a.Notes = slices.Clone(a.Notes)
	return a
}

// start begins to refit a model. There is an error if a refit is running.
func (r *refits) start(name string) error {
	files, err := r.of()
	if err != nil {
		return err
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	switch {
	case r.closed:
		return errClosed
	case r.busy:
		return refuse(http.StatusConflict, "a model is being refitted: wait for it, or end it by DELETE and wait a moment")
	}
	ctx, cancel := context.WithCancel(context.Background())
	job := &refit{cancel: cancel, answer: refitAnswer{State: refitRunning, Model: name, Phase: "reading"}}
	r.now, r.busy = job, true
	r.running.Go(func() {
		defer cancel()
		err := r.run(ctx, files, job)
		r.mu.Lock()
		defer r.mu.Unlock()
		r.busy = false
		job.answer.Phase = ""
		if err != nil {
			job.answer.State, job.answer.Error = refitFailed, err.Error()
			return
		}
		job.answer.State = refitReady
	})
	return nil
}

// run makes the model of a refit. A panic ends the refit and not the server.
func (r *refits) run(ctx context.Context, files *Files, job *refit) (err error) {
	defer func() {
		if p := recover(); p != nil {
			r.s.failed(fmt.Sprintf("a refit panicked: %v\n%s", p, debug.Stack()))
			err = errors.New("the refit panicked")
		}
	}()
	w := &refitWork{
		r: r, job: job, files: files, labels: r.s.labels, limits: r.s.limits,
		phase: func(text string) { r.tell(func() { job.answer.Phase = text }) },
		note:  func(text string) { r.tell(func() { job.answer.Notes = append(job.answer.Notes, text) }) },
	}
	return w.do(ctx)
}

// tell changes an answer.
func (r *refits) tell(change func()) {
	r.mu.Lock()
	defer r.mu.Unlock()
	change()
}

// end breaks a refit off, or gives up the model that it made.
func (r *refits) end() {
	r.mu.Lock()
	job := r.now
	r.now = nil
	r.mu.Unlock()
	if job != nil {
		job.cancel()
	}
}

// close ends a refit, and lets none begin.
func (r *refits) close() {
	r.mu.Lock()
	r.closed = true
	r.mu.Unlock()
	r.end()
	r.running.Wait()
}

// use writes the model that is ready in place of the one that it was made from, which it
// keeps. It returns the number under which.
func (r *refits) use() (kept int, err error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.now == nil || r.now.answer.State != refitReady {
		return 0, refuse(http.StatusConflict, "no refitted model is ready")
	}
	a := r.now.answer
	kept, err = r.files.replace(a.Model, a.Version, r.now.next)
	if err != nil {
		return 0, err
	}
	r.now = nil
	return kept, nil
}
