package setting

import (
	"fmt"
	"reflect"
	"strings"

	"anomem/internal/spelling"
)

// unknown returns the error of a name that is not there: within what is the value of the part
// named full, which is there.
func unknown(root reflect.Value, name, full string, within reflect.Value) error {
	text := fmt.Sprintf("no setting %q", name)
	if near := nearest(name, appendEntries(nil, "", root, 0)); len(near) > 0 {
		text += "; nearest: " + strings.Join(near, ", ")
	}
	switch {
	case shapeOf(within) == group && full == "":
		text += "; there are " + strings.Join(names(within), ", ")
	case shapeOf(within) == group:
		text += fmt.Sprintf("; %s has %s", full, strings.Join(names(within), ", "))
	case full != "":
		text += fmt.Sprintf("; %s has no parts", full)
	}
	return fmt.Errorf("%s", text)
}

// names returns the names of a struct's fields.
func names(v reflect.Value) []string {
	var all []string
	for _, f := range fieldsOf(v) {
		all = append(all, f.name)
	}
	return all
}

// nearest returns the names of the entries that a misspelt name is nearest to, three at most;
// none if all are far.
func nearest(name string, entries []Entry) []string {
	const most, longest = 3, 100
	if len(name) > longest {
		return nil
	}
	least := max(2, len(name)/3)
	var near []string
	for _, e := range entries {
		d := distance(name, e.Name)
		if d < least {
			least, near = d, nil
		}
		if d == least && len(near) < most {
			near = append(near, e.Name)
		}
	}
	return near
}

// distance is how far a misspelt name is from a full one: the least of the edit distances to
// the name, to its end with as many parts (and 1), and of the last parts (and 2).
func distance(name, full string) int {
	a, b := strings.Split(strings.ToLower(name), "."), strings.Split(strings.ToLower(full), ".")
	end := b[max(0, len(b)-len(a)):]
	return min(
		spelling.Edits(strings.Join(a, "."), strings.Join(b, ".")),
		spelling.Edits(strings.Join(a, "."), strings.Join(end, "."))+1,
		spelling.Edits(a[len(a)-1], b[len(b)-1])+2,
	)
}
