package augment

import (
	"fmt"
	"strings"
)

// name returns names[i], or the type and i if there is no such name.
func name(names []string, i uint8, typ string) string {
	if int(i) < len(names) {
		return names[i]
	}
	return fmt.Sprintf("%s(%d)", typ, i)
}

// parse returns the index of s in names. Its error calls names what.
func parse(names []string, s, what string) (uint8, error) {
	for i, n := range names {
		if n == s {
			return uint8(i), nil
		}
	}
	return 0, fmt.Errorf("augment: %q is no %s: want one of %s", s, what, strings.Join(names, ", "))
}
