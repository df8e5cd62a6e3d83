package augment

import (
	"fmt"
	"strings"
)

// name is names[i], or says that there is no such value of the type.
func name(names []string, i uint8, typ string) string {
	if int(i) < len(names) {
		return names[i]
	}
	return fmt.Sprintf("%s(%d)", typ, i)
}

// parse is the place of s in names; what says what names are names of.
func parse(names []string, s, what string) (uint8, error) {
	for i, n := range names {
		if n == s {
			return uint8(i), nil
		}
	}
	return 0, fmt.Errorf("augment: %q is no %s: want one of %s", s, what, strings.Join(names, ", "))
}
