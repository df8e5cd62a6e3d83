package serve

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"image/png"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"

	"anomem/imageio"
	"anomem/internal/atomicfile"
)

// The folders of Labels, and the kinds of their images.
const (
	normalFolder = "good"
	defectFolder = "defect"
	maskFolder   = "ground_truth" // in that of defects, where refit finds it, too
	labelNormal  = "normal"
	labelDefect  = "defect"
)

// Labels keeps images that people have marked, in a folder that train takes as it is, and whose
// folder of defects refit takes (docs/layouts.md, classes with masks):
//
//	good/ID.png                        normal images
//	defect/ID.png                      defects
//	defect/ground_truth/ID_mask.png    where they are, white on black
//
// An ID is the first half of the SHA-256 of the image's file, in hexadecimal digits, so that
// no name comes from a client, and an image is there once. A crash at any moment leaves an
// image with its label before or its label after; at worst a defect has lost its mask.
type Labels struct {
	dir  string
	most int

	mu sync.Mutex
}

// Label is a mark of an image.
type Label struct {
	ID    string `json:"id"`
	Label string `json:"label"` // normal or defect
	Mask  bool   `json:"mask"`  // it is known where the defect is
	file  string
}

// OpenLabels returns the marks in a folder, which it makes if there is none. It takes most of
// them.
func OpenLabels(dir string, most int) (*Labels, error) {
	if most < 1 {
		return nil, fmt.Errorf("serve: at most %d marks: want 1 or more", most)
	}
	if err := os.MkdirAll(dir, 0o777); err != nil {
		return nil, err
	}
	l := &Labels{dir: dir, most: most}
	_, err := l.list()
	return l, err
}

// Dir returns the folder.
func (l *Labels) Dir() string { return l.dir }

// labelFile is the name of an image in Labels.
var labelFile = regexp.MustCompile(`^([0-9a-f]{32})(\.[a-z]+)$`)

// list returns the marks, those of normal images first.
func (l *Labels) list() ([]Label, error) {
	masks := map[string]bool{}
	names, err := namesIn(filepath.Join(l.dir, defectFolder, maskFolder))
	if err != nil {
		return nil, err
	}
	for _, name := range names {
		masks[strings.TrimSuffix(name, "_mask.png")] = true
	}
	var all []Label
	for _, kind := range []string{labelNormal, labelDefect} {
		dir := filepath.Join(l.dir, folderOf(kind))
		names, err := namesIn(dir)
		if err != nil {
			return nil, err
		}
		for _, name := range names {
			if m := labelFile.FindStringSubmatch(name); m != nil {
				all = append(all, Label{m[1], kind, kind == labelDefect && masks[m[1]], filepath.Join(dir, name)})
			}
		}
	}
	return all, nil
}

// namesIn returns the names in a folder; none if it is not there.
func namesIn(dir string) (names []string, err error) {
	entries, err := os.ReadDir(dir)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	for _, e := range entries {
		names = append(names, e.Name())
	}
	return names, err
}

func folderOf(kind string) string {
	if kind == labelDefect {
		return defectFolder
	}
	return normalFolder
}

// find returns the mark of an ID.
func (l *Labels) find(id string) (Label, bool, error) {
	all, err := l.list()
	if err != nil {
		return Label{}, false, err
	}
	if i := slices.IndexFunc(all, func(a Label) bool { return a.ID == id }); i >= 0 {
		return all[i], true, nil
	}
	return Label{}, false, nil
}

// idOf returns the ID of an image's file.
func idOf(file []byte) string {
	sum := sha256.Sum256(file)
	return hex.EncodeToString(sum[:16])
}

// errLabelsFull says that no further image can be marked.
var errLabelsFull = errors.New("the folder of marks is full")

// put marks an image that can be decoded as normal or as a defect, with a mask or without, in
// place of its mark before.
func (l *Labels) put(file []byte, kind string, mask *imageio.Mask) (Label, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	id := idOf(file)
	all, err := l.list()
	if err != nil {
		return Label{}, err
	}
	at := slices.IndexFunc(all, func(a Label) bool { return a.ID == id })
	if at < 0 && len(all) >= l.most {
		return Label{}, errLabelsFull
	}
	if err := os.MkdirAll(filepath.Join(l.dir, folderOf(kind)), 0o777); err != nil {
		return Label{}, err
	}
	// A mask is there before its defect and gone before a normal image.
	if err := l.putMask(id, mask); err != nil {
		return Label{}, err
	}
	made := Label{ID: id, Label: kind, Mask: mask != nil}
	if at >= 0 {
		made.file = filepath.Join(l.dir, folderOf(kind), filepath.Base(all[at].file))
		return made, os.Rename(all[at].file, made.file)
	}
	made.file = filepath.Join(l.dir, folderOf(kind), id+suffix(file))
	return made, atomicfile.Write(made.file, file)
}

// suffix returns that of an image's file, which dataset recognises.
func suffix(file []byte) string {
	if kind := imageio.Sniff(file[:min(len(file), 512)]); len(kind.Suffixes) > 0 {
		return kind.Suffixes[0]
	}
	return ".png" // whatever it is, it was decoded
}

func (l *Labels) maskPath(id string) string {
	return filepath.Join(l.dir, defectFolder, maskFolder, id+"_mask.png")
}

// putMask writes a mask, or removes the one that is there for nil.
func (l *Labels) putMask(id string, mask *imageio.Mask) error {
	if mask == nil {
		return removed(os.Remove(l.maskPath(id)))
	}
	if err := os.MkdirAll(filepath.Dir(l.maskPath(id)), 0o777); err != nil {
		return err
	}
	var file bytes.Buffer
	if err := png.Encode(&file, mask.ToImage()); err != nil {
		return err
	}
	return atomicfile.Write(l.maskPath(id), file.Bytes())
}

// removed returns the error of a removal; that there was nothing is none.
func removed(err error) error {
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	return err
}

// remove takes a mark back, with the image. It reports whether there was one.
func (l *Labels) remove(id string) (bool, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	was, ok, err := l.find(id)
	if err != nil || !ok {
		return ok, err
	}
	if err := os.Remove(was.file); err != nil {
		return true, err
	}
	return true, l.putMask(id, nil)
}
