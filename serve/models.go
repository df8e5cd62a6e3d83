package serve

import (
	"errors"
	"fmt"
	"net/http"
	"slices"
	"sync/atomic"

	"anomem"
	"anomem/describe"
	"anomem/imageio"
)

// model is a name under which a version of a model answers.
type model struct {
	name     string
	current  atomic.Pointer[version]
	queue    chan *job
	arriving atomic.Int64 // requests whose images have not reached the queue
}

// version is a model that does not change.
type version struct {
	id      string
	m       *anomem.Model
	colours *describe.Colours
	scales  int
	seen    *seen
}

// Set makes m answer under a name, from the next request on: a new name, or one whose
// requests another model answered. id tells versions apart. Requests that have begun get
// their answer from the version with which they began.
//
// It is an error if the name is not of letters, digits, '.', '_' and '-', or if m needs a
// region of interest with each image.
func (s *Server) Set(name string, m *anomem.Model, id string) error {
	if !validName(name) || !validName(id) {
		return fmt.Errorf("serve: a model of name %q and version %q: want 1 to 100 letters, digits, '.', '_' and '-' each, and a letter or digit first", name, id)
	}
	if m.Config().Input.Regions {
		return errors.New("serve: each image that the model was trained on has a region of interest of its own, which requests do not carry")
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return errors.New("serve: the server is closed")
	}
	all := *s.models.Load()
	at := slices.IndexFunc(all, func(o *model) bool { return o.name == name })
	v := &version{id: id, m: m, colours: describe.ColoursOf(m), scales: len(m.Config().Scales)}
	v.seen = newSeen(name, m.Calibration())
	if at >= 0 {
		s.metrics.replaced(all[at].current.Swap(v), v)
		return nil
	}
	o := &model{name: name, queue: make(chan *job, s.limits.Queue)}
	o.current.Store(v)
	s.metrics.added(o, v)
	all = append(slices.Clone(all), o)
	s.models.Store(&all)
	s.workers.Go(func() { s.work(o) })
	return nil
}

// validName reports whether a name can stand in a path.
func validName(name string) bool {
	if name == "" || len(name) > 100 {
		return false
	}
	for i, r := range name {
		letter := 'a' <= r && r <= 'z' || 'A' <= r && r <= 'Z' || '0' <= r && r <= '9'
		if !letter && (i == 0 || r != '.' && r != '_' && r != '-') {
			return false
		}
	}
	return true
}

// model returns the model of a name, for "" the one that was set first, and its version of
// the moment.
func (s *Server) model(name string) (*model, *version, error) {
	for _, o := range *s.models.Load() {
		if name == "" || o.name == name {
			return o, o.current.Load(), nil
		}
	}
	if name == "" {
		return nil, nil, &refusal{http.StatusServiceUnavailable, "no model is loaded yet", 1}
	}
	return nil, nil, refuse(http.StatusNotFound, "there is no model %.100q", name)
}

// modelVersion is model for a version, which must be that of the moment; "": any.
func (s *Server) modelVersion(name, id string) (*model, *version, error) {
	o, v, err := s.model(name)
	if err == nil && id != "" && id != v.id {
		err = refuse(http.StatusNotFound, "model %s has no version %.100q: it has %s", name, id, v.id)
	}
	return o, v, err
}

// decoder returns a decoder of images for v, which asks allow before it spends memory.
func (v *version) decoder(allow func(w, h int) error) *imageio.Decoder {
	return &imageio.Decoder{Range: v.m.Config().Input.Range, Allow: allow}
}
