package main

import (
	"cmp"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"log"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"anomem/serve"
	"anomem/simd/pool"
)

func serveCommand() *command {
	return &command{
		name:    "serve",
		summary: "answer HTTP requests with the scores of images",
		args:    "-m [NAME=]MODEL... [flags]",
		text: `
Serve answers POST /v1/score with the JSON object that score --json prints. The body is an
image, or several as multipart/form-data, which give an array of objects. ?model=NAME says
which model scores, by default the first. ?heatmap=json adds where the image deviates, at
most 256 pixels the longer way; ?heatmap=png answers the picture that score --heatmap writes,
with the object in the header Anomem-Result.

GET / is a page to drop images on, with heatmaps, the threshold and a download. --labels DIR
keeps what is marked there as normal or as a defect: anomem train takes that folder as it is,
and refit its folder defect. With --refit the page refits the model on the marked defects,
shows what would change on all marked images, and replaces MODEL on demand; the former one is
kept as MODEL.1, MODEL.2 and so on, and the page puts it back.

Clients of the Open Inference Protocol find its REST routes under /v2, with the extension for
binary tensors. /metrics is for Prometheus, and /openapi.json describes all routes.

Images of all clients are scored together, in batches. Where more requests come than the
queue takes, or memory is left for, they are refused with status 429 and Retry-After. Each
limit is checked before memory is spent.

SIGHUP, or a model's file that changes, loads the model again; requests that have begun are
answered by the model before. A file that cannot be loaded changes nothing. At SIGTERM or
Ctrl-C the server takes no new requests, answers those that it has, and ends with code 0.

Serve listens on this machine alone. On another address it wants --tokens, a file of bearer
tokens, one a line, or --insecure. SIGHUP reads it and the certificate of --tls-cert again.`,
		examples: `anomem serve -m model.safetensors
anomem serve -m model.safetensors --labels marked --refit
anomem serve -m lid=lid.safetensors -m base=base.safetensors --listen 127.0.0.1:9000
anomem serve -m model.safetensors --listen :8443 --tls-cert cert.pem --tls-key key.pem --tokens tokens
curl --data-binary @new.png localhost:8080/v1/score
curl -F a=@a.png -F b=@b.png localhost:8080/v1/score?heatmap=json`,
		run: runServe,
	}
}

// serveFlags are the options of serve.
type serveFlags struct {
	models   modelNames
	threads  int
	reload   time.Duration
	listen   string
	cert     string
	key      string
	tokens   string
	insecure bool
	limits   serve.Limits
	labels   string
	most     int // marks
	refit    bool

	headerTime, idleTime, grace time.Duration
	connections                 int
	body, memory                int // MiB
}

func (f *serveFlags) declare(e *env) {
	d := serve.DefaultLimits()
	g := e.group("What is served")
	option(g, &f.models, "m", nil, "the model's `[NAME=]FILE`; give it again for further models (default name: the file's)")
	option(g, &f.reload, "reload", 2*time.Second, "look for changed files each `TIME`; 0s: at SIGHUP alone", notNegativeTime)
	g.threads(&f.threads)

	g = e.group("Who may ask")
	option(g, &f.listen, "listen", "127.0.0.1:8080", "listen on `HOST:PORT`; port 0: any that is free")
	option(g, &f.tokens, "tokens", "", "`FILE` of bearer tokens, one a line, of which each request must bear one")
	option(g, &f.cert, "tls-cert", "", "`FILE` with the certificate, PEM; the server then speaks HTTPS alone")
	option(g, &f.key, "tls-key", "", "`FILE` with its key, PEM")
	option(g, &f.insecure, "insecure", false, "serve other machines, and other names of this one, without tokens")

	g = e.group("What the page may do")
	option(g, &f.labels, "labels", "", "keep images that are marked on the page in `FOLDER`").byDefault("marks are not kept")
	option(g, &f.refit, "refit", false, "let the page refit models on the marks, replace their files and put former ones back")

	g = e.group("Limits")
	option(g, &f.most, "max-labels", 10000, "keep up to `N` marked images", fromTo(1, 1<<20))
	option(g, &f.body, "max-body", int(d.Body>>20), "take bodies of up to `N` MiB", fromTo(1, 1<<20))
	option(g, &f.limits.Pixels, "max-pixels", d.Pixels, "take images of up to `N` pixels", above(0))
	option(g, &f.limits.Images, "max-images", d.Images, "take up to `N` images in a request", fromTo(1, 1<<20))
	option(g, &f.memory, "max-memory", int(d.Memory>>20), "hold up to `N` MiB of bodies, a quarter of it, and of pixels, 16 bytes each", fromTo(1, 1<<30))
	option(g, &f.limits.Queue, "max-queue", d.Queue, "let up to `N` images wait for a model", fromTo(1, 1<<20))
	option(g, &f.limits.Batch, "batch", d.Batch, "score up to `N` images together", fromTo(1, 1<<10))
	option(g, &f.limits.Window, "batch-time", d.Window, "let an image wait for up to `TIME` while others come", notNegativeTime)
	option(g, &f.connections, "max-connections", 1024, "keep up to `N` connections", fromTo(1, 1<<20))
	option(g, &f.headerTime, "header-time", 10*time.Second, "`TIME` to receive a request's header", above(time.Duration(0)))
	option(g, &f.limits.BodyTime, "body-time", d.BodyTime, "`TIME` to receive a request's body", above(time.Duration(0)))
	option(g, &f.limits.SendTime, "send-time", d.SendTime, "`TIME` to send an answer", above(time.Duration(0)))
	option(g, &f.idleTime, "idle-time", 2*time.Minute, "`TIME` that a connection may be idle", above(time.Duration(0)))
	option(g, &f.grace, "grace", 30*time.Second, "`TIME` to answer requests after SIGTERM", above(time.Duration(0)))
}

// check returns an error if options contradict each other.
func (f *serveFlags) check() error {
	f.limits.Body, f.limits.Memory = int64(f.body)<<20, int64(f.memory)<<20
	switch host, _, err := net.SplitHostPort(f.listen); {
	case len(f.models) == 0:
		return usagef("say which model: -m FILE")
	case f.refit && f.labels == "":
		return usagef("--refit learns from marks: give --labels FOLDER, too")
	case (f.cert == "") != (f.key == ""):
		return usagef("--tls-cert and --tls-key go together")
	case err != nil:
		return usagef("--listen %s: want HOST:PORT, such as 127.0.0.1:8080", f.listen)
	case !isLoopback(host) && f.tokens == "" && !f.insecure:
		return usagef("--listen %s: other machines could ask, too: give --tokens FILE, or --insecure if they may", f.listen)
	}
	return nil
}

// isLoopback reports whether only this machine reaches a host.
func isLoopback(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}

// local reports whether requests must name this machine.
func (f *serveFlags) local() bool {
	host, _, _ := net.SplitHostPort(f.listen)
	return isLoopback(host) && f.tokens == "" && !f.insecure
}

func runServe(e *env, args []string) error {
	var f serveFlags
	f.declare(e)
	if done, err := e.parse(args); done {
		return err
	}
	if err := f.check(); err != nil {
		return err
	}
	ctx, stop := untilInterrupt()
	defer stop()
	boundGarbage(f.limits.Memory)
	p := pool.New(f.threads)
	defer p.Close()
	said := func(text string) { e.warn(visible(text)) }
	o, err := f.options(said)
	if err != nil {
		return err
	}
	s, err := serve.New(o)
	if err != nil {
		return err
	}
	defer s.Close()
	files := serve.NewFiles(s, p, said)
	for _, m := range f.models {
		if err := files.Add(m.name, m.path); err != nil {
			return err
		}
	}
	watched, unwatch := context.WithCancel(ctx)
	var watching sync.WaitGroup
	defer watching.Wait()
	defer unwatch()
	if f.reload > 0 {
		watching.Go(func() { files.Watch(watched, f.reload) })
	}
	c, err := f.certificate()
	if err != nil {
		return err
	}
	stopHangups := onHangup(func() {
		if o.Tokens != nil {
			f.report(said, o.Tokens.Reload())
		}
		if c != nil {
			f.report(said, c.reload())
		}
		files.Reload()
	})
	defer stopHangups()
	return f.listenAndServe(ctx, e, s, c)
}

// options returns how the server works. said is told of faults.
func (f *serveFlags) options(said func(string)) (o serve.Options, err error) {
	o = serve.Options{Limits: f.limits, Local: f.local(), Page: true, Refit: f.refit, Failed: said}
	if f.labels != "" {
		if o.Labels, err = serve.OpenLabels(f.labels, f.most); err != nil {
			return o, err
		}
	}
	if f.tokens != "" {
		o.Tokens, err = serve.ReadTokens(f.tokens)
	}
	return o, err
}

// report tells of an error that leaves things as they are.
func (f *serveFlags) report(said func(string), err error) {
	if err != nil {
		said(errorText(err))
	}
}

// listenAndServe answers requests until ctx ends, and then those that have begun. c is nil
// without TLS.
func (f *serveFlags) listenAndServe(ctx context.Context, e *env, s *serve.Server, c *certificate) error {
	l, err := net.Listen("tcp", f.listen)
	if err != nil {
		return err
	}
	scheme := "http"
	server := &http.Server{
		Handler: s, ErrorLog: log.New(discardLines{}, "", 0), MaxHeaderBytes: 64 << 10,
		ReadHeaderTimeout: f.headerTime, ReadTimeout: f.headerTime + f.limits.BodyTime, IdleTimeout: f.idleTime,
	}
	l = limitConnections(l, f.connections)
	if c != nil {
		scheme = "https"
		server.TLSConfig = &tls.Config{GetCertificate: c.get, MinVersion: tls.VersionTLS12}
	}
	ended := make(chan error, 1)
	go func() {
		if c != nil {
			ended <- server.ServeTLS(l, "", "")
		} else {
			ended <- server.Serve(l)
		}
	}()
	e.warn(fmt.Sprintf("listening on %s://%s, models %s", scheme, l.Addr(), strings.Join(s.Models(), ", ")))
	select {
	case err := <-ended:
		return err
	case <-ctx.Done():
	}
	s.Drain()
	e.warn("no new requests are taken; those that have begun are answered")
	last, cancel := context.WithTimeout(context.Background(), f.grace)
	defer cancel()
	if err := server.Shutdown(last); errors.Is(err, context.DeadlineExceeded) {
		server.Close()
		return fmt.Errorf("some requests were not answered within --grace %v", f.grace)
	} else if err != nil {
		return err
	}
	return nil
}

// discardLines is for what http.Server says of clients: that they broke off, or speak no HTTP.
type discardLines struct{}

func (discardLines) Write(p []byte) (int, error) { return len(p), nil }

// modelNames is the value of -m: files, each with a name.
type modelNames []modelName

type modelName struct{ name, path string }

func (m *modelNames) String() string { return "" }

func (m *modelNames) Set(value string) error {
	name, path, ok := strings.Cut(value, "=")
	if _, err := os.Stat(value); err == nil || !ok { // a file's own name may have a '='
		path = value
		name = strings.TrimSuffix(filepath.Base(value), filepath.Ext(value))
	}
	if cmp.Or(name, path) == "" || path == "" {
		return errors.New("want NAME=FILE or FILE")
	}
	for _, o := range *m {
		if o.name == name {
			return fmt.Errorf("two models of name %s: give one another by NAME=FILE", name)
		}
	}
	*m = append(*m, modelName{name, path})
	return nil
}

// notNegativeTime takes 0s and longer times.
var notNegativeTime = rule[time.Duration]{want: "0s or more", ok: func(v time.Duration) bool { return v >= 0 }, plain: true}
