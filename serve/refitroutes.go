package serve

import (
	"net/http"
	"strconv"
)

// errNoRefits refuses what changes models.
var errNoRefits = refuse(http.StatusNotFound, "this server refits no model")

// refitState answers GET /v1/refit.
func (s *Server) refitState(w http.ResponseWriter, r *http.Request) error {
	if s.refits == nil {
		return errNoRefits
	}
	return s.sendJSON(w, s.refits.state())
}

// startRefit answers POST /v1/refit: it begins to refit a model on the marks.
func (s *Server) startRefit(w http.ResponseWriter, r *http.Request) error {
	if s.refits == nil {
		return errNoRefits
	}
	q, err := query(r.URL.RawQuery, "model")
	if err != nil {
		return err
	}
	o, _, err := s.model(q["model"])
	if err != nil {
		return err
	}
	if err := s.refits.start(o.name); err != nil {
		return err
	}
	return s.sendJSON(w, s.refits.state())
}

// endRefit answers DELETE /v1/refit: it breaks a refit off, or gives up the model that it made.
func (s *Server) endRefit(w http.ResponseWriter, r *http.Request) error {
	if s.refits == nil {
		return errNoRefits
	}
	s.refits.end()
	return s.sendJSON(w, s.refits.state())
}

// keptAnswer says under which number the former model is kept.
type keptAnswer struct {
	Kept    int    `json:"kept"`
	Version string `json:"version"` // that answers now
}

// useRefit answers POST /v1/refit/use: the refitted model replaces the one it was made from.
func (s *Server) useRefit(w http.ResponseWriter, r *http.Request) error {
	if s.refits == nil {
		return errNoRefits
	}
	name := s.refits.state().Model
	kept, err := s.refits.use()
	if err != nil {
		return err
	}
	_, v, err := s.model(name)
	if err != nil {
		return err
	}
	return s.sendJSON(w, keptAnswer{kept, v.id})
}

// historyAnswer is what GET /v1/models/{model}/history answers.
type historyAnswer struct {
	Version string   `json:"version"` // of the file that answers
	History []former `json:"history"` // the latest first
}

// history answers GET /v1/models/{model}/history.
func (s *Server) history(w http.ResponseWriter, r *http.Request) error {
	files, name, err := s.fileOf(r)
	if err != nil {
		return err
	}
	version, all, err := files.history(name)
	if err != nil {
		return err
	}
	return s.sendJSON(w, historyAnswer{version, append([]former{}, all...)})
}

// restore answers POST /v1/models/{model}/history/{n}: a former model answers again.
func (s *Server) restore(w http.ResponseWriter, r *http.Request) error {
	files, name, err := s.fileOf(r)
	if err != nil {
		return err
	}
	n, err := strconv.Atoi(r.PathValue("n"))
	if err != nil {
		return refuse(http.StatusNotFound, "there is no former model %.100q", r.PathValue("n"))
	}
	kept, err := files.restore(name, n)
	if err != nil {
		return err
	}
	_, v, err := s.model(name)
	if err != nil {
		return err
	}
	return s.sendJSON(w, keptAnswer{kept, v.id})
}

// fileOf returns the files of models, and the name of the one that a request is for, if models
// may change.
func (s *Server) fileOf(r *http.Request) (*Files, string, error) {
	if s.refits == nil {
		return nil, "", errNoRefits
	}
	o, _, err := s.model(r.PathValue("model"))
	if err != nil {
		return nil, "", err
	}
	files, err := s.refits.of()
	return files, o.name, err
}
