package main

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"
)

// report prints a line a comparison and counts them.
type report struct {
	w                        io.Writer
	words                    bool // rewording is a failure
	same, reworded, differed int
}

// line reports one comparison. difference is "" where there is none.
func (r *report) line(name, what, difference string) {
	if difference == "" {
		r.same++
		fmt.Fprintf(r.w, "same      %s: %s\n", name, what)
		return
	}
	r.differed++
	fmt.Fprintf(r.w, "DIFFERS   %s: %s: %s\n", name, what, difference)
}

// messages reports a comparison of what people read.
func (r *report) messages(name, what, base, here string) {
	difference := textDiffers(base, here)
	if difference == "" || r.words || numbers(base) != numbers(here) {
		r.line(name, what, difference)
		return
	}
	r.reworded++
	fmt.Fprintf(r.w, "reworded  %s: %s: %s\n", name, what, difference)
}

// close prints the totals and returns errDiffers if anything differs.
func (r *report) close(took time.Duration) error {
	fmt.Fprintf(r.w, "%d same, %d reworded, %d differ, in %v\n", r.same, r.reworded, r.differed, took.Round(time.Second))
	switch {
	case r.same+r.reworded+r.differed == 0:
		return errors.New("nothing was compared")
	case r.differed > 0:
		return errDiffers
	}
	return nil
}

// run runs the commands of a trial on both sides, side by side, and compares.
func (t trial) run(base, here *side, r *report) error {
	for _, command := range t.commands {
		results, err := both(base, here, func(s *side) (result, error) { return s.run(t.name, command) })
		if err != nil {
			return err
		}
		if err := r.results(t.name, command, results[0], results[1]); err != nil {
			return err
		}
	}
	return r.files(t.name, filepath.Join(base.dir, t.name), filepath.Join(here.dir, t.name))
}

// both calls f for both sides at a time.
func both(base, here *side, f func(*side) (result, error)) (results [2]result, err error) {
	var errs [2]error
	var wg sync.WaitGroup
	for i, s := range []*side{base, here} {
		wg.Go(func() { results[i], errs[i] = f(s) })
	}
	wg.Wait()
	if errs[0] != nil {
		return results, errs[0]
	}
	return results, errs[1]
}

// foundAnomaly is the exit code of score --fail-on-anomaly.
const foundAnomaly = 3

// results compares what a command printed on both sides. It returns an error where it
// failed on both, as nothing is compared then.
func (r *report) results(name, command string, base, here result) error {
	if base.code != here.code {
		r.line(name, command, fmt.Sprintf("exit code %d, was %d: %s%s", here.code, base.code, here.stderr, base.stderr))
		return nil
	}
	if strings.HasPrefix(command, "interrupt: ") {
		return nil // at which step it ends differs from run to run
	}
	if base.code != 0 && !(base.code == foundAnomaly && strings.Contains(command, " --fail-on-anomaly")) {
		return fmt.Errorf("both sides fail: anomem %s: exit code %d: %s", command, base.code, base.stderr)
	}
	baseOut, baseNotes := notes(base.stdout)
	hereOut, hereNotes := notes(here.stdout)
	switch {
	case strings.HasPrefix(command, "inspect "): // for people, but for its numbers
		r.messages(name, command, baseOut, hereOut)
	case command == "verify --list": // more checks are welcome
		r.line(name, command, lost(renamedChecks.Replace(baseOut), hereOut))
	default:
		r.line(name, command, textDiffers(timeless(baseOut), timeless(hereOut)))
	}
	resumed := strings.Contains(command, " --resume") // its messages name that step
	if was, is := timeless(baseNotes+base.stderr), timeless(hereNotes+here.stderr); was+is != "" && !resumed {
		r.messages(name, "messages of it", was, is)
	}
	return nil
}

// files compares the files below two folders: each that lies in the folder itself, and
// together those of each folder within.
func (r *report) files(name, base, here string) error {
	was, err := readFiles(base)
	if err != nil {
		return err
	}
	is, err := readFiles(here)
	if err != nil {
		return err
	}
	all := maps.Clone(was)
	maps.Copy(all, is)
	folders := map[string]int{}
	failed := map[string]string{}
	for _, file := range slices.Sorted(maps.Keys(all)) {
		what := file
		if top, _, below := strings.Cut(file, "/"); below {
			what = top + "/"
		}
		folders[what]++
		if failed[what] != "" {
			continue
		}
		if difference := fileDiffers(was, is, file); difference != "" {
			failed[what] = path.Base(file) + ": " + difference
		}
	}
	for _, what := range slices.Sorted(maps.Keys(folders)) {
		label := what
		if strings.HasSuffix(what, "/") {
			label = fmt.Sprintf("%s (%d files)", what, folders[what])
		}
		r.line(name, label, failed[what])
	}
	return nil
}

func fileDiffers(was, is map[string][]byte, file string) string {
	old, inBase := was[file]
	b, inHere := is[file]
	switch {
	case !inHere:
		return "only the base wrote it"
	case !inBase:
		return "the base did not write it"
	case strings.HasSuffix(file, ".csv"):
		return textDiffers(string(old), string(b))
	}
	return bytesDiffer(old, b)
}

// readFiles returns the files below a folder by their paths.
func readFiles(root string) (map[string][]byte, error) {
	files := map[string][]byte{}
	err := filepath.WalkDir(root, func(file string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		rel, err := filepath.Rel(root, file)
		if err != nil {
			return err
		}
		files[filepath.ToSlash(rel)], err = os.ReadFile(file)
		return err
	})
	return files, err
}
