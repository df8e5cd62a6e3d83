package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// fake is a command that a shell script stands in for.
func fake(t *testing.T, root, name, script string) *side {
	t.Helper()
	path := filepath.Join(root, name+".sh")
	if err := os.WriteFile(path, []byte(script), 0o666); err != nil {
		t.Fatal(err)
	}
	return &side{name: name, dir: filepath.Join(root, name), start: []string{"sh", path}}
}

func TestTrial(t *testing.T) {
	if _, err := exec.LookPath("sh"); err != nil {
		t.Skip(err)
	}
	const header = `printf '\055\0\0\0\0\0\0\0{"w":{"dtype":"U8","data_offsets":[0,4]}}    ' >m; `
	for _, tt := range []struct {
		about, base, here string
		words             bool
		want              string // a part of a line of the report
		fails             bool
	}{
		{about: "the same", base: "echo 1; echo a >f", here: "echo 1; echo a >f", want: "same      t: f\n"},
		{about: "times", base: `echo '"seconds":1.5'`, here: `echo '"seconds":2'`, want: "same      t: score\n"},
		{about: "output", base: "echo 1", here: "echo 2", want: "DIFFERS   t: score: line 1\n    is  2\n    was 1\n", fails: true},
		{about: "words of output", base: "echo a 1", here: "echo b 1", want: "DIFFERS", fails: true},
		{about: "more lines", base: "echo 1", here: "echo 1; echo 2", want: "DIFFERS", fails: true},
		{about: "words of messages", base: "echo a 1 >&2", here: "echo b 1 >&2", want: "reworded  t: messages of it"},
		{about: "words of messages, which count", base: "echo a 1 >&2", here: "echo b 1 >&2", words: true, want: "DIFFERS", fails: true},
		{about: "numbers of messages", base: "echo a 1.5 >&2", here: "echo a 1.6 >&2", want: "DIFFERS   t: messages of it", fails: true},
		{about: "words of notes", base: `echo '{"event":"note","note":"a"}'`, here: `echo '{"event":"note","note":"b"}'`, want: "reworded"},
		{about: "exit codes", base: "exit 0", here: "exit 1", want: "exit code 1, was 0", fails: true},
		{about: "a file more", base: "echo 1", here: "echo 1; echo a >f", want: "the base did not write it", fails: true},
		{about: "a file less", base: "echo 1 >f", here: "echo 1", want: "only the base wrote it", fails: true},
		{about: "a file in a folder", base: "mkdir d; echo 1 >d/f; echo 1 >d/g", here: "mkdir d; echo 1 >d/f; echo 2 >d/g", want: "d/ (2 files): g: byte 0 of 2 is 0x32, was 0x31", fails: true},
		{about: "a shorter file", base: "echo 11 >f", here: "printf 11 >f", want: "2 bytes, were 3", fails: true},
		{about: "a tensor", base: header + "printf abcd >>m", here: header + "printf abce >>m", want: "in tensor w", fails: true},
	} {
		t.Run(tt.about, func(t *testing.T) {
			root := t.TempDir()
			var b strings.Builder
			r := &report{w: &b, words: tt.words}
			base, here := fake(t, root, "base", tt.base), fake(t, root, "here", tt.here)
			if err := (trial{"t", []string{"score"}}).run(base, here, r); err != nil {
				t.Fatal(err)
			}
			if err := r.close(time.Second); (err == errDiffers) != tt.fails {
				t.Errorf("error %v, want one: %t", err, tt.fails)
			}
			if !strings.Contains(b.String(), tt.want) {
				t.Errorf("want %q in\n%s", tt.want, &b)
			}
		})
	}
}

// TestBothFail wants no agreement in that nothing works.
func TestBothFail(t *testing.T) {
	if _, err := exec.LookPath("sh"); err != nil {
		t.Skip(err)
	}
	root := t.TempDir()
	r := &report{w: &strings.Builder{}}
	if err := (trial{"t", []string{"score"}}).run(fake(t, root, "base", "exit 2"), fake(t, root, "here", "exit 2"), r); err == nil {
		t.Error("no error though the command fails on both sides")
	}
	if err := r.close(0); err == nil {
		t.Error("no error though nothing was compared")
	}
}

func TestTimeless(t *testing.T) {
	const text = "epoch 1 of 2  loss 3.5\nnote\nepoch 2 of 2  loss 2.5  430 images/s  12s left\nwrote m: score heads, in 1m5s\n"
	const want = "note\nepoch 2 of 2  loss 2.5\nwrote m: score heads, in T\n"
	if got := timeless(text); got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestSpelled(t *testing.T) {
	const before, after = "  --memory GIB   \n", "  --ram GIB   \n"
	args := []string{"train", "--ram", "1"}
	if got := strings.Join(spelled(args, before), " "); got != "train --memory 1" {
		t.Errorf("before the renaming: %s", got)
	}
	if got := strings.Join(spelled(args, after), " "); got != "train --ram 1" {
		t.Errorf("after the renaming: %s", got)
	}
	if args[1] != "--ram" {
		t.Error("the arguments were changed")
	}
}
