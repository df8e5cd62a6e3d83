package watch

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"anomem/internal/filelock"
)

// journal is the file of records.
type journal struct {
	format format
	file   *os.File // nil: none, and records are forgotten
	size   int64    // of the file
}

// openJournal opens the file at path, or makes it, for CSV if its name says so. It locks the
// file, cuts off a torn last line and calls take with each record. "" opens none.
func openJournal(path string, take func(*Record)) (*journal, error) {
	j := &journal{format: jsonLines{}}
	if strings.EqualFold(filepath.Ext(path), ".csv") {
		j.format = csvLines{}
	}
	if path == "" {
		return j, nil
	}
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE|os.O_APPEND, 0o666)
	if err != nil {
		return nil, err
	}
	j.file = f
	if err := j.open(path, take); err != nil {
		f.Close()
		return nil, err
	}
	return j, nil
}

// open reads the file.
func (j *journal) open(path string, take func(*Record)) error {
	info, err := j.file.Stat()
	if err != nil {
		return err
	}
	if !info.Mode().IsRegular() {
		return fmt.Errorf("%s is no file", path)
	}
	if err := filelock.Try(j.file); errors.Is(err, filelock.ErrHeld) {
		return fmt.Errorf("%s is in use by another watch: give each a file of its own", path)
	} else if err != nil {
		return fmt.Errorf("%s cannot be locked: %w", path, err)
	}
	lines, rest, err := lastLine(j.file)
	if err != nil {
		return err
	}
	j.size, err = j.format.read(io.NewSectionReader(j.file, 0, lines), take)
	head := j.format.head()
	switch {
	case err != nil:
		return fmt.Errorf("%s: %w: name a file that watch has written, or a new one", path, err)
	case j.size == 0 && len(head) > 0 && !bytes.HasPrefix(head, rest), len(rest) > 0 && !j.format.torn(rest):
		return fmt.Errorf("%s has text that watch has not written: name another file", path)
	}
	if err := j.file.Truncate(j.size); err != nil {
		return err
	}
	if j.size == 0 && len(head) > 0 {
		return j.write(head)
	}
	return nil
}

// lastLine returns where the last line without an end begins, and its first bytes.
func lastLine(f *os.File) (at int64, text []byte, err error) {
	at, err = f.Seek(0, io.SeekEnd)
	if err != nil {
		return 0, nil, err
	}
	block := make([]byte, 64<<10)
	for at > 0 {
		n := min(at, int64(len(block)))
		if _, err := f.ReadAt(block[:n], at-n); err != nil {
			return 0, nil, err
		}
		if end := bytes.LastIndexByte(block[:n], '\n'); end >= 0 {
			at += int64(end) + 1 - n
			break
		}
		at -= n
	}
	n, err := f.ReadAt(block, at)
	if err == io.EOF {
		err = nil
	}
	return at, block[:n], err
}

// add appends records, and syncs them to disk. After an error none of them is in the file.
func (j *journal) add(records []*Record) error {
	var text []byte
	for _, r := range records {
		text = append(text, j.format.line(r)...)
	}
	return j.write(text)
}

// write appends a text as a whole.
func (j *journal) write(text []byte) error {
	if j.file == nil {
		return nil
	}
	_, err := j.file.Write(text)
	if err == nil {
		err = j.file.Sync()
	}
	if err != nil {
		return errors.Join(err, j.file.Truncate(j.size))
	}
	j.size += int64(len(text))
	return nil
}

// close closes the file, which unlocks it.
func (j *journal) close() {
	if j.file != nil {
		j.file.Close()
	}
}
