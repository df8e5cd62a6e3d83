package protocol

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"anomem/internal/atomicfile"
)

// The contents of a folder of results.
const (
	planFile      = "plan.json"
	resultsFolder = "results"
	logsFolder    = "logs"
)

// ResultPath returns the file of r's result in a folder of results.
func ResultPath(dir string, r *Run) string {
	return filepath.Join(dir, resultsFolder, r.Name()+".json")
}

// LogPath returns the file of r's log in a folder of results.
func LogPath(dir string, r *Run) string {
	return filepath.Join(dir, logsFolder, r.Name()+".log")
}

// ReadPlan returns the plan of a folder of results; nil if it has none.
func ReadPlan(dir string) ([]Run, error) {
	path := filepath.Join(dir, planFile)
	text, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	plan, err := ParsePlan(text)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return plan, nil
}

// AddPlan adds runs to the plan of a folder of results, which it makes, but for those that
// are in the plan already.
func AddPlan(dir string, runs []Run) error {
	for _, folder := range []string{resultsFolder, detailsFolder, logsFolder} {
		if err := os.MkdirAll(filepath.Join(dir, folder), 0o777); err != nil {
			return err
		}
	}
	plan, err := ReadPlan(dir)
	if err != nil {
		return err
	}
	all := Distinct(append(plan, runs...))
	if len(all) == len(plan) && plan != nil {
		return nil
	}
	text, err := MarshalPlan(all)
	if err != nil {
		return err
	}
	return atomicfile.Write(filepath.Join(dir, planFile), text)
}

// Distinct returns the first of equal runs.
func Distinct(runs []Run) []Run {
	seen := map[string]bool{}
	var all []Run
	for i := range runs {
		if name := runs[i].Name(); !seen[name] {
			seen[name] = true
			all = append(all, runs[i])
		}
	}
	return all
}

// readResult returns the result of r in a folder of results; nil if there is none. It is an
// error if the file holds another run's.
func readResult(dir string, r *Run) (*Result, error) {
	path := ResultPath(dir, r)
	text, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	result, err := ParseResult(text)
	if err == nil && result.Run.Name() != r.Name() {
		err = errors.New("it is the result of another run")
	}
	if err != nil {
		return nil, fmt.Errorf("%s: %w; remove it, and the run is made again", path, err)
	}
	return result, nil
}

// ReadResults returns the results of a folder in the order of its plan, and the runs of the
// plan that have none. It is an error if there is neither.
func ReadResults(dir string) (results []*Result, missing []Run, err error) {
	plan, err := ReadPlan(dir)
	if err != nil {
		return nil, nil, err
	}
	if plan == nil {
		return nil, nil, fmt.Errorf("protocol: %s is no folder of results: it has no %s", dir, planFile)
	}
	for i := range plan {
		switch r, err := readResult(dir, &plan[i]); {
		case err != nil:
			return nil, nil, err
		case r == nil:
			missing = append(missing, plan[i])
		default:
			results = append(results, r)
		}
	}
	return results, missing, nil
}

// Merge copies the plans, the results and their details of folders into the folder dir, and returns the
// runs of plan, or of all plans if that is nil, that have no result. It is an error if a
// run has different results in two folders, as a training within a budget may; then no
// further one is copied.
func Merge(dir string, from []string, plan []Run) (merged int, missing []Run, err error) {
	all := plan
	for _, d := range from {
		p, err := ReadPlan(d)
		if err != nil {
			return 0, nil, err
		}
		if p == nil && plan == nil {
			return 0, nil, fmt.Errorf("protocol: %s has no %s: give the plan", d, planFile)
		}
		if plan == nil {
			all = append(all, p...)
		}
	}
	all = Distinct(all)
	if err := AddPlan(dir, all); err != nil {
		return 0, nil, err
	}
	for i := range all {
		found, err := mergeRun(dir, from, &all[i])
		if err != nil {
			return merged, nil, err
		}
		if found {
			merged++
		} else {
			missing = append(missing, all[i])
		}
	}
	return merged, missing, nil
}

// mergeRun copies the result of a run, and reports whether dir has it then.
func mergeRun(dir string, from []string, r *Run) (found bool, err error) {
	to := ResultPath(dir, r)
	content, err := os.ReadFile(to)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return false, err
	}
	found = err == nil
	first := dir
	for _, d := range from {
		if _, err := readResult(d, r); err != nil {
			return false, err
		}
		text, err := os.ReadFile(ResultPath(d, r))
		switch {
		case errors.Is(err, fs.ErrNotExist):
		case err != nil:
			return false, err
		case found && !bytes.Equal(text, content):
			return false, fmt.Errorf("protocol: %s and %s have different results of %s: leave one away", first, d, r.Name())
		case !found:
			if err := atomicfile.Write(to, text); err != nil {
				return false, err
			}
			content, found, first = text, true, d
		}
		if err := mergeDetails(dir, d, r); err != nil {
			return false, err
		}
	}
	return found, nil
}

// mergeDetails copies the details of a run unless dir has some. Those of equal results are equal.
func mergeDetails(dir, from string, r *Run) error {
	text, err := os.ReadFile(DetailsPath(from, r))
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	if err = atomicfile.WriteNew(DetailsPath(dir, r), text); errors.Is(err, fs.ErrExist) {
		return nil
	}
	return err
}

// LogError returns the last line of a run's log that tells an error; "" if there is none.
func LogError(dir string, r *Run) string {
	text, err := os.ReadFile(LogPath(dir, r))
	if err != nil {
		return ""
	}
	last := ""
	for line := range strings.Lines(string(text)) {
		if _, is, ok := strings.Cut(strings.TrimRight(line, "\n"), logError); ok {
			last = is
		}
	}
	return last
}
