package watch

import (
	"crypto/sha256"
	"fmt"
	"io/fs"
	"math"
	"strings"
	"time"

	"anomem/describe"
)

// Record is what is known of an image or, with Shots, of a part.
type Record struct {
	describe.Image // of a part without a path; of an image that cannot be read the path alone

	Part     string    // that the image is a shot of, or that the record is about; "": none
	Shots    []string  // of a part's record: the paths of its images
	Error    string    // why there is no verdict, or less than there should be
	Size     int64     // of the image's file, bytes
	Modified time.Time // its time of change, in UTC
}

// version returns an image's record without a verdict.
func version(path string, info fs.FileInfo) Record {
	r := Record{Image: describe.Image{Path: path}, Size: info.Size(), Modified: info.ModTime().UTC()}
	if y := r.Modified.Year(); y < 1 || y > 9999 { // which RFC 3339 cannot say
		r.Modified = time.Unix(0, 0).UTC()
	}
	return r
}

// id names a version of a file: the digest of its path, size and time of change.
type id [16]byte

// fate is what became of a version of an image.
type fate byte

const (
	recorded fate = iota + 1
	anomaly       // it, or its part, is anomalous
)

// id returns that of the image of a record. Records lose the bytes of a path that are no
// UTF-8, and CSV the difference between two ends of a line.
func (r *Record) id() id {
	path := strings.ReplaceAll(strings.ToValidUTF8(r.Path, "\uFFFD"), "\uFFFD\uFFFD", "\uFFFD")
	path = strings.ReplaceAll(path, "\r\n", "\n")
	sum := sha256.Sum256(fmt.Appendf(nil, "%s\x00%d\x00%s", path, r.Size, stamp(r.Modified)))
	return id(sum[:len(id{})])
}

// stamp returns a time as records have it.
func stamp(t time.Time) string { return t.Format(time.RFC3339Nano) }

// String returns a line for people: that of the image, or of the part with its shots.
func (r *Record) String() string {
	d := r.Image
	if r.Shots != nil {
		d.Path = fmt.Sprintf("part %s, %d shots", r.Part, len(r.Shots))
		if len(r.Shots) == 1 {
			d.Path = fmt.Sprintf("part %s, 1 shot", r.Part)
		}
	}
	if r.Error == "" {
		return d.String()
	}
	if r.judged() {
		return d.String() + "  (" + r.Error + ")"
	}
	return fmt.Sprintf("%-10s  %10s  %8s  %s  (%s)", "unread", "-", "-", d.Path, r.Error)
}

// judged reports whether there is a verdict. A score is always finite, and has scales; of a
// part without one it is NaN.
func (r *Record) judged() bool {
	if r.Shots != nil {
		return !math.IsNaN(r.Score)
	}
	return r.Error == ""
}
