package serve

import (
	"context"
	"fmt"
	"os"
	"sync"
	"time"

	"anomem"
	"anomem/nn/safetensors"
	"anomem/simd/pool"
)

// Files keeps the models of a Server as their files are. Its methods may be called by any
// number of goroutines.
type Files struct {
	s    *Server
	pool *pool.Pool
	said func(text string)

	mu    sync.Mutex
	files []*modelFile
}

// modelFile is a model's file, as it was when it was last looked at.
type modelFile struct {
	name, path string
	id         string // of the version that answers
	info       os.FileInfo
}

// NewFiles returns no files yet. Their models work on p. said, unless it is nil, is told what
// becomes of files that change. Where Options.Refit allows it, clients of s refit them.
func NewFiles(s *Server, p *pool.Pool, said func(text string)) *Files {
	if said == nil {
		said = func(string) {}
	}
	f := &Files{s: s, pool: p, said: said}
	if s.refits != nil {
		s.refits.setFiles(f)
	}
	return f
}

// Add loads a model for scoring, as the version that the digest of its bytes names, and gives it
// to the server under a name.
func (f *Files) Add(name, path string) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	file := &modelFile{name: name, path: path}
	if _, err := f.load(file); err != nil {
		return err
	}
	f.files = append(f.files, file)
	return nil
}

// Reload loads all files again whose bytes have changed. A file that cannot be loaded leaves
// its model as it is; said is told why.
func (f *Files) Reload() {
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, file := range f.files {
		f.reload(file)
	}
}

func (f *Files) reload(file *modelFile) {
	changed, err := f.load(file)
	switch {
	case err != nil:
		f.said(fmt.Sprintf("model %s stays version %s: %v", file.name, file.id, err))
	case changed:
		f.said(fmt.Sprintf("model %s is version %s now", file.name, file.id))
	}
}

// Watch looks at the files again and again until ctx ends, and reloads those whose size or
// time has changed.
func (f *Files) Watch(ctx context.Context, every time.Duration) {
	t := time.NewTicker(every)
	defer t.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-t.C:
		}
		f.mu.Lock()
		for _, file := range f.files {
			if info, err := os.Stat(file.path); err == nil && !same(info, file.info) {
				f.reload(file)
			}
		}
		f.mu.Unlock()
	}
}

// same reports whether a file is what it was, as far as its size, its time and its place tell.
func same(a, b os.FileInfo) bool {
	return a.Size() == b.Size() && a.ModTime().Equal(b.ModTime()) && os.SameFile(a, b)
}

// load gives a file's model to the server, unless its bytes are those of the version that
// answers. The caller holds the lock.
func (f *Files) load(file *modelFile) (changed bool, err error) {
	r, err := os.Open(file.path)
	if err != nil {
		return false, err
	}
	defer r.Close()
	info, err := r.Stat()
	if err != nil {
		return false, err
	}
	if !info.Mode().IsRegular() {
		return false, fmt.Errorf("%s is no file", file.path)
	}
	file.info = info
	id, err := digest(r)
	if err != nil {
		return false, err
	}
	if id == file.id {
		return false, nil
	}
	opened, err := safetensors.NewReader(r, info.Size(), file.path)
	if err != nil {
		return false, err
	}
	m, err := anomem.LoadFrom(opened, f.pool, anomem.ForScoring())
	if err != nil {
		return false, err
	}
	if err := f.s.Set(file.name, m, id); err != nil {
		return false, err
	}
	file.id = id
	return true, nil
}
