package watch

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// oddNames are what files may be called.
var oddNames = []string{"plain.png", "sub/with space.png", "comma,\"quote\".png", "two\nlines.png", "ends\r\n.png", "bytes\xff\xfe.png"}

// What is recorded is not scored again at the next start, in both formats.
func TestRemembers(t *testing.T) {
	for _, output := range []string{"r.csv", "r.jsonl"} {
		o := Options{Dir: t.TempDir(), Output: filepath.Join(t.TempDir(), output)}
		b := newBench(t, o)
		for i, name := range oddNames {
			b.put(name, string(rune('1'+i))+".")
		}
		b.after(0)
		b.after(settle)
		if len(b.lines) != len(oddNames) {
			t.Errorf("%s: %d records", output, len(b.lines))
		}
		b.w.journal.close()
		again := newBench(t, o)
		again.put("new.png", "2.")
		again.after(0)
		again.after(settle)
		again.want("normal 2.00000 0.3333 new.png")
	}
}

// However much of the last line a crash has written, its image is scored again and no other,
// and the file is what it would have been.
func TestTornLine(t *testing.T) {
	for _, output := range []string{"r.csv", "r.jsonl"} {
		o := Options{Dir: t.TempDir(), Output: filepath.Join(t.TempDir(), output)}
		b := newBench(t, o)
		b.put("one.png", "1.")
		b.after(0)
		b.after(settle)
		before := readFile(t, o.Output)
		b.put("two\nlines.png", "2.")
		b.after(0)
		b.after(settle)
		b.w.journal.close()
		whole := readFile(t, o.Output)
		for n := range len(whole) - len(before) {
			if err := os.WriteFile(o.Output, whole[:len(before)+n], 0o666); err != nil {
				t.Fatal(err)
			}
			b := newBench(t, o)
			b.after(0)
			b.after(settle)
			b.w.journal.close()
			if len(b.lines) != 1 || !bytes.Equal(readFile(t, o.Output), whole) {
				t.Fatalf("%s: after %d bytes: %q", output, n, b.lines)
			}
		}
	}
}

func readFile(t *testing.T, path string) []byte {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return text
}

// A file of something else is refused and left as it is, and so is one in use.
func TestForeignFile(t *testing.T) {
	for _, tt := range []struct{ name, text, want string }{
		{"notes.txt", "remember the milk", "text that watch has not written"},
		{"notes.jsonl", "remember\n", "line 1: invalid character"},
		{"notes.jsonl", `{"path":"a.png"}` + "\n", "line 1: it is no record of an image or a part"},
		{"table.csv", "path,label\na.png,good\n", "its columns are not"},
		{"table.csv", "path,label", "text that watch has not written"},
		{"rows.csv", strings.Join(csvColumns, ",") + "\na.png,,,x,,,,1,2026-01-01T00:00:00Z\nb.png,,,1,,,,1,2026-01-01T00:00:00Z\n", "invalid syntax"},
	} {
		path := filepath.Join(t.TempDir(), tt.name)
		if err := os.WriteFile(path, []byte(tt.text), 0o666); err != nil {
			t.Fatal(err)
		}
		_, err := openJournal(path, func(*Record) {})
		if err == nil || !strings.Contains(err.Error(), tt.want) || !strings.HasPrefix(err.Error(), path) {
			t.Errorf("%s: %v, want %s", tt.name, err, tt.want)
		}
		if got := string(readFile(t, path)); got != tt.text {
			t.Errorf("%s has become %q", tt.name, got)
		}
	}
	path := filepath.Join(t.TempDir(), "r.csv")
	j, err := openJournal(path, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer j.close()
	if _, err := openJournal(path, nil); err == nil || !strings.Contains(err.Error(), "in use by another watch") {
		t.Errorf("a second one: %v", err)
	}
}

// Times that RFC 3339 cannot say make records that can be read.
func TestOddTimes(t *testing.T) {
	o := Options{Dir: t.TempDir(), Output: filepath.Join(t.TempDir(), "r.jsonl")}
	b := newBench(t, o)
	b.put("old.png", "1.")
	b.put("late.png", "2.")
	far := time.Date(12026, 1, 1, 0, 0, 0, 0, time.UTC)
	if err := os.Chtimes(filepath.Join(o.Dir, "late.png"), far, far); err != nil {
		t.Logf("this file system has no such times: %v", err)
	}
	long := time.Date(1890, 1, 1, 0, 0, 0, 1, time.UTC)
	if err := os.Chtimes(filepath.Join(o.Dir, "old.png"), long, long); err != nil {
		t.Logf("this file system has no such times: %v", err)
	}
	b.after(0)
	b.after(settle)
	b.w.journal.close()
	again := newBench(t, o)
	again.after(0)
	again.after(settle)
	again.want()
}

// A record that cannot be written ends the work, and leaves no part of it.
func TestFailedWrite(t *testing.T) {
	j, err := openJournal(filepath.Join(t.TempDir(), "r.jsonl"), nil)
	if err != nil {
		t.Fatal(err)
	}
	j.close()
	r := version("a.png", fileInfo(t))
	if err := j.add([]*Record{&r}); !errors.Is(err, os.ErrClosed) {
		t.Errorf("%v", err)
	}
}

func fileInfo(t *testing.T) os.FileInfo {
	t.Helper()
	info, err := os.Stat(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	return info
}
