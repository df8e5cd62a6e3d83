package serve

import (
	_ "embed"
	"maps"
	"net"
	"net/http"
	"slices"
	"strings"
	"time"
)

// openAPI describes the routes.
//
//go:embed openapi.json
var openAPI []byte

// routes returns what answers requests that are admitted. root answers those of other paths.
func (s *Server) routes(root http.Handler) http.Handler {
	mux := http.NewServeMux()
	routes := func(path string, by methods) {
		mux.HandleFunc(path, func(w http.ResponseWriter, r *http.Request) {
			name(w, path)
			answer, err := by.of(w, r)
			if err == nil {
				err = answer(w, r)
			}
			if err != nil {
				s.fail(w, err)
			}
		})
	}
	route := func(method, path string, answer answerer) { routes(path, methods{method: answer}) }
	route("POST", "/v1/score", s.score)
	route("GET", "/v1/models", s.listModels)
	route("GET", "/v1/models/{model}/promise", s.promise)
	route("GET", "/v1/models/{model}/history", s.history)
	route("POST", "/v1/models/{model}/history/{n}", s.restore)
	routes("/v1/labels", methods{"GET": s.listLabels, "POST": s.putLabel})
	routes("/v1/labels/{id}", methods{"GET": s.labelledImage, "DELETE": s.removeLabel})
	routes("/v1/refit", methods{"GET": s.refitState, "POST": s.startRefit, "DELETE": s.endRefit})
	route("POST", "/v1/refit/use", s.useRefit)
	route("GET", "/v2", s.serverMetadata)
	route("GET", "/v2/health/live", s.live)
	route("GET", "/v2/health/ready", s.isReady)
	for _, of := range []string{"/v2/models/{model}", "/v2/models/{model}/versions/{version}"} {
		route("GET", of, s.modelMetadata)
		route("GET", of+"/ready", s.modelReady)
		route("POST", of+"/infer", s.infer)
	}
	metrics := s.metrics.handler()
	route("GET", "/metrics", func(w http.ResponseWriter, r *http.Request) error {
		s.sendBy(w)
		metrics.ServeHTTP(w, r)
		return nil
	})
	route("GET", "/openapi.json", func(w http.ResponseWriter, r *http.Request) error {
		return s.send(w, http.StatusOK, "application/json", openAPI)
	})
	if s.paged {
		route("GET", "/{$}", s.page)
		route("GET", "/page/{file}", s.page)
	}
	mux.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) {
		if root != nil {
			name(w, "/")
			root.ServeHTTP(w, r)
			return
		}
		s.fail(w, refuse(http.StatusNotFound, "there is nothing at this path; GET /openapi.json lists the paths"))
	})
	return mux
}

// name tells /metrics which route a request took.
func name(w http.ResponseWriter, route string) {
	if rec, ok := w.(*recorder); ok {
		rec.route = route
	}
}

// answerer answers a request, or returns why it does not.
type answerer func(w http.ResponseWriter, r *http.Request) error

// methods are those that a path takes.
type methods map[string]answerer

// of returns what answers a request, or a refusal of its method. What takes GET takes HEAD.
func (m methods) of(w http.ResponseWriter, r *http.Request) (answerer, error) {
	answer, ok := m[r.Method]
	if r.Method == http.MethodHead {
		answer, ok = m[http.MethodGet]
	}
	if ok {
		return answer, nil
	}
	allowed := slices.Sorted(maps.Keys(m))
	if m[http.MethodGet] != nil {
		allowed = append(allowed, http.MethodHead)
	}
	list := strings.Join(allowed, ", ")
	w.Header().Set("Allow", list)
	return nil, refuse(http.StatusMethodNotAllowed, "this path takes %s", list)
}

// fail sends a refusal, unless an answer has begun.
func (s *Server) fail(w http.ResponseWriter, err error) {
	if rec, ok := w.(*recorder); ok {
		if rec.status == 0 {
			s.sendBy(w)
			rec.refuse(err)
		}
		return
	}
	refusalOf(err).answer(w)
}

// send sends an answer.
func (s *Server) send(w http.ResponseWriter, status int, kind string, body []byte) error {
	s.sendBy(w)
	w.Header().Set("Content-Type", kind)
	w.WriteHeader(status)
	_, err := w.Write(body)
	return err
}

// sendBy sets the time by which an answer must be sent. A server that cannot is one of tests.
func (s *Server) sendBy(w http.ResponseWriter) {
	http.NewResponseController(w).SetWriteDeadline(time.Now().Add(s.limits.SendTime))
}

// localHost reports whether a Host header names this machine.
func localHost(host string) bool {
	if h, _, err := net.SplitHostPort(host); err == nil {
		host = h
	}
	host = strings.TrimSuffix(strings.TrimPrefix(host, "["), "]")
	if ip := net.ParseIP(host); ip != nil {
		return ip.IsLoopback()
	}
	return strings.EqualFold(host, "localhost") || strings.HasSuffix(strings.ToLower(host), ".localhost")
}
