package describe

import (
	"fmt"
	"os"
	"strings"

	"anomem"
)

// Files describes the files of a model that was loaded, not for scoring, from a path.
type Files struct {
	Bytes int64 `json:"bytes"` // of the model's file
	// RefitBytes is the size of the file beside it that refit needs; 0: there is none, or the
	// model's own file holds all.
	RefitBytes int64  `json:"refit_bytes"`
	NoRefit    string `json:"no_refit,omitempty"` // why it cannot be refitted; "": it can
}

// FilesOf describes the files of m at path.
func FilesOf(path string, m *anomem.Model) (*Files, error) {
	own, err := os.Stat(path)
	if err != nil {
		return nil, err
	}
	f := &Files{Bytes: own.Size()}
	if err := m.ReplayError(); err != nil {
		f.NoRefit = strings.TrimPrefix(err.Error(), "anomem: ")
	} else if beside, err := os.Stat(anomem.RefitPath(path)); err == nil {
		f.RefitBytes = beside.Size()
	}
	return f, nil
}

// String says how large the files are, and whether the model can be refitted.
func (f *Files) String() string {
	const mb = 1e6
	size := fmt.Sprintf("%.1f MB", float64(f.Bytes)/mb)
	switch {
	case f.NoRefit != "":
		return size + ", which cannot be refitted: " + f.NoRefit
	case f.RefitBytes == 0:
		return size + ", with what refit needs"
	}
	return fmt.Sprintf("%s, and %.1f MB beside it that refit alone needs", size, float64(f.RefitBytes)/mb)
}
