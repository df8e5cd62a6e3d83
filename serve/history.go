package serve

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"time"

	"anomem"
	"anomem/internal/atomicfile"
)

// The former models of MODEL are MODEL.1, MODEL.2 and so on, each with what refits it,
// MODEL.1.refit. None is ever overwritten.

// former is a model that another one has replaced.
type former struct {
	N       int       `json:"n"`
	Version string    `json:"version"`
	Time    time.Time `json:"time"` // when it was written
	path    string
}

// file returns the file of a model.
func (f *Files) file(name string) (*modelFile, error) {
	for _, file := range f.files {
		if file.name == name {
			return file, nil
		}
	}
	return nil, refuse(http.StatusConflict, "model %s has no file on this server", name)
}

// loadWhole returns a model with what refits it, and its version.
func (f *Files) loadWhole(name string) (*anomem.Model, string, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	file, err := f.file(name)
	if err != nil {
		return nil, "", err
	}
	id, err := versionOf(file.path)
	if err != nil {
		return nil, "", err
	}
	m, err := anomem.Load(file.path, f.pool)
	if err != nil {
		return nil, "", err
	}
	if again, err := versionOf(file.path); err != nil || again != id {
		return nil, "", fmt.Errorf("%s is being written: try again", file.path)
	}
	return m, id, nil
}

// replace writes a model in place of the version of a name, which it keeps, and lets it
// answer. It returns the number of the former one. It is an error if another version stands in
// the file by now.
func (f *Files) replace(name, version string, next *anomem.Model) (kept int, err error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	file, err := f.file(name)
	if err != nil {
		return 0, err
	}
	switch id, err := versionOf(file.path); {
	case err != nil:
		return 0, err
	case id != version:
		return 0, refuse(http.StatusConflict, "model %s is version %s by now, and %s was refitted: refit again", name, id, version)
	}
	if kept, err = keep(file.path); err != nil {
		return 0, err
	}
	if err := next.Save(file.path); err != nil {
		return 0, err
	}
	_, err = f.load(file)
	return kept, err
}

// history returns the version in a model's file, and the former models, the latest first.
func (f *Files) history(name string) (version string, all []former, err error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	file, err := f.file(name)
	if err != nil {
		return "", nil, err
	}
	if version, err = versionOf(file.path); err != nil {
		return "", nil, err
	}
	all, err = formers(file.path)
	return version, all, err
}

// restore puts a former model in place of the one that answers, which it keeps. It returns the
// number of that one.
func (f *Files) restore(name string, n int) (kept int, err error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	file, err := f.file(name)
	if err != nil {
		return 0, err
	}
	all, err := formers(file.path)
	if err != nil {
		return 0, err
	}
	at := slices.IndexFunc(all, func(o former) bool { return o.N == n })
	if at < 0 {
		return 0, refuse(http.StatusNotFound, "model %s has no former model %d", name, n)
	}
	if _, err := anomem.Load(all[at].path, f.pool, anomem.ForScoring()); err != nil {
		return 0, fmt.Errorf("the former model %d stays where it is: %w", n, err)
	}
	if kept, err = keep(file.path); err != nil {
		return 0, err
	}
	// As Save does, the model comes last: a crash before leaves the one that answers, which
	// then has no refit file of its own but under its number.
	refit := anomem.RefitPath(file.path)
	if err := copyFile(anomem.RefitPath(all[at].path), refit); errors.Is(err, fs.ErrNotExist) {
		err = removed(os.Remove(refit))
		if err != nil {
			return 0, err
		}
	} else if err != nil {
		return 0, err
	}
	if err := copyFile(all[at].path, file.path); err != nil {
		return 0, err
	}
	_, err = f.load(file)
	return kept, err
}

// keep gives the model at a path, and its refit file, a number, and returns it. One that has a
// number keeps that.
func keep(path string) (int, error) {
	path, err := atomicfile.Follow(path)
	if err != nil {
		return 0, err
	}
	id, err := versionOf(path)
	if err != nil {
		return 0, err
	}
	all, err := formers(path)
	if err != nil {
		return 0, err
	}
	n := 1
	for _, o := range all {
		if o.Version == id {
			return o.N, nil
		}
		n = max(n, o.N+1)
	}
	numbered := fmt.Sprintf("%s.%d", path, n)
	if err := copyFile(anomem.RefitPath(path), anomem.RefitPath(numbered)); removed(err) != nil {
		return 0, err
	}
	return n, copyFile(path, numbered)
}

// formers returns the former models beside the one at a path, the latest first.
func formers(path string) ([]former, error) {
	path, err := atomicfile.Follow(path)
	if err != nil {
		return nil, err
	}
	dir, base := filepath.Split(path)
	names, err := namesIn(cmp.Or(dir, "."))
	if err != nil {
		return nil, err
	}
	numbered := regexp.MustCompile(`^` + regexp.QuoteMeta(base) + `\.([1-9][0-9]{0,8})$`)
	var all []former
	for _, name := range names {
		m := numbered.FindStringSubmatch(name)
		if m == nil {
			continue
		}
		o := former{path: dir + name}
		if o.N, err = strconv.Atoi(m[1]); err != nil {
			return nil, err
		}
		info, err := os.Stat(o.path)
		if err != nil || !info.Mode().IsRegular() {
			continue
		}
		o.Time = info.ModTime()
		if o.Version, err = versionOf(o.path); err != nil {
			return nil, err
		}
		all = append(all, o)
	}
	slices.SortFunc(all, func(a, b former) int { return cmp.Compare(b.N, a.N) })
	return all, nil
}

// versionOf returns the version of a model's file: the beginning of its digest.
func versionOf(path string) (string, error) {
	r, err := os.Open(path)
	if err != nil {
		return "", err
	}
	defer r.Close()
	return digest(r)
}

func digest(r io.Reader) (string, error) {
	sum := sha256.New()
	if _, err := io.Copy(sum, r); err != nil {
		return "", err
	}
	return hex.EncodeToString(sum.Sum(nil))[:12], nil
}

// copyFile writes a copy of a file in place of another one, as a whole.
func copyFile(from, to string) error {
	r, err := os.Open(from)
	if err != nil {
		return err
	}
	defer r.Close()
	s, err := atomicfile.Stage(to)
	if err != nil {
		return err
	}
	defer s.Discard()
	err = s.Fill(func(w *os.File) error {
		_, err := io.Copy(w, r)
		return err
	})
	if err != nil {
		return err
	}
	return s.Rename()
}
