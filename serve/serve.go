package serve

import (
	"cmp"
	"errors"
	"fmt"
	"net/http"
	"runtime/debug"
	"sync"
	"sync/atomic"
	"time"
)

// Options say how a Server works. The zero value of each but Limits is its default.
type Options struct {
	Limits Limits
	// Tokens are those that all requests but those for health must bear; nil: none need any.
	Tokens *Tokens
	// Local refuses requests that name another host than this machine, as a page does whose
	// name an attacker makes point here. It is for a server that listens on a loopback address.
	Local bool
	// Page answers GET / with a page to drop images on. The page's files need no token: it asks
	// for one.
	Page bool
	// Labels keeps what clients mark as normal or as a defect; nil: nothing is kept.
	Labels *Labels
	// Refit lets clients refit the models of Files on the marks, and put former ones back.
	Refit bool
	// Root answers requests that no route of the server takes; nil: nothing does.
	Root http.Handler
	// Failed is told of panics, which are faults of the program; nil: nobody is.
	Failed func(text string)
}

// Server is an http.Handler that scores images by models. Set gives it models, and Close ends
// it. Its methods may be called by any number of goroutines.
type Server struct {
	limits  Limits
	tokens  *Tokens
	local   bool
	paged   bool
	labels  *Labels // nil: none are kept
	refits  *refits // nil: none are allowed
	failed  func(string)
	metrics *metrics
	handler http.Handler

	bodies *budget // bytes of bodies
	images *budget // bytes of images

	models   atomic.Pointer[[]*model] // in the order in which they were set; models are added and stay
	draining atomic.Bool

	mu      sync.RWMutex // of closed and of adding models
	closed  bool         // nothing enters a queue any more
	closing chan struct{}
	workers sync.WaitGroup
}

// New returns a server without a model. It is an error if limits contradict each other.
func New(o Options) (*Server, error) {
	if err := o.Limits.check(); err != nil {
		return nil, err
	}
	s := &Server{
		limits: o.Limits, tokens: o.Tokens, local: o.Local, paged: o.Page, labels: o.Labels, failed: o.Failed, metrics: newMetrics(),
		bodies: &budget{left: o.Limits.bodies()}, images: &budget{left: o.Limits.images()},
		closing: make(chan struct{}),
	}
	if s.failed == nil {
		s.failed = func(string) {}
	}
	if o.Refit {
		if o.Labels == nil {
			return nil, errors.New("serve: models are refitted on marks, and no folder keeps any")
		}
		s.refits = newRefits(s)
	}
	s.models.Store(new([]*model))
	own := http.NewCrossOriginProtection()
	own.SetDenyHandler(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		s.fail(w, refuse(http.StatusForbidden, "a page of another site made this request"))
	}))
	s.handler = own.Handler(s.routes(o.Root))
	return s, nil
}

// Drain makes GET /v2/health/ready say that the server takes no new requests, so that a load
// balancer sends none. It goes on to answer those that come.
func (s *Server) Drain() { s.draining.Store(true) }

// Close scores the images that wait, breaks off a refit, and ends the server's goroutines. Later requests are
// refused. An http.Server's Shutdown should end all requests before.
func (s *Server) Close() {
	s.Drain()
	s.mu.Lock()
	first := !s.closed
	s.closed = true
	s.mu.Unlock()
	if first {
		close(s.closing)
		if s.refits != nil {
			s.refits.close()
		}
	}
	s.workers.Wait()
}

// ready reports whether requests for scores make sense.
func (s *Server) ready() bool { return !s.draining.Load() && len(*s.models.Load()) > 0 }

// ServeHTTP implements http.Handler.
func (s *Server) ServeHTTP(rw http.ResponseWriter, r *http.Request) {
	w := &recorder{ResponseWriter: rw, route: "none"}
	began := time.Now()
	w.Header().Set("X-Content-Type-Options", "nosniff")
	w.Header().Set("Cache-Control", "no-store")
	defer func() {
		p := recover()
		if p != nil && p != http.ErrAbortHandler {
			s.failed(fmt.Sprintf("a request for %.100q panicked: %v\n%s", r.URL.Path, p, debug.Stack()))
			if w.status == 0 {
				refusalOf(errors.New("the request made the server panic")).answer(w)
			}
		}
		s.metrics.request(w.route, cmp.Or(w.status, http.StatusOK), time.Since(began))
		if p == http.ErrAbortHandler {
			panic(p) // of Root: the server ends the connection
		}
	}()
	// The time to send the answer before on this connection says nothing of this one.
	http.NewResponseController(rw).SetWriteDeadline(time.Time{})
	if err := s.admit(r); err != nil {
		w.refuse(err)
		return
	}
	s.handler.ServeHTTP(w, r)
}

// admit returns why a request may not be made by whoever makes it.
func (s *Server) admit(r *http.Request) error {
	if s.local && !localHost(r.Host) {
		return refuse(http.StatusMisdirectedRequest, "this server answers for localhost alone")
	}
	if s.tokens != nil && !s.openToAll(r.URL.Path) && !s.tokens.allow(r) {
		return refuse(http.StatusUnauthorized, "the header Authorization: Bearer TOKEN is missing, or its token is wrong")
	}
	return nil
}

// openToAll reports whether a path needs no token: whoever watches over the process has none,
// nor has a browser that loads the page.
func (s *Server) openToAll(path string) bool {
	if path == "/v2/health/live" || path == "/v2/health/ready" {
		return true
	}
	file, _ := pageFile(path)
	return s.paged && file != nil
}

// recorder keeps what /metrics counts of an answer.
type recorder struct {
	http.ResponseWriter
	route  string
	status int // 0: nothing is sent yet
}

func (w *recorder) WriteHeader(status int) {
	if w.status == 0 {
		w.status = status
	}
	w.ResponseWriter.WriteHeader(status)
}

func (w *recorder) Write(p []byte) (int, error) {
	if w.status == 0 {
		w.status = http.StatusOK
	}
	return w.ResponseWriter.Write(p)
}

// Unwrap lets an http.ResponseController set deadlines.
func (w *recorder) Unwrap() http.ResponseWriter { return w.ResponseWriter }

// refuse sends a refusal.
func (w *recorder) refuse(err error) {
	no := refusalOf(err)
	if no.status == http.StatusUnauthorized {
		w.Header().Set("WWW-Authenticate", "Bearer")
	}
	no.answer(w)
}
