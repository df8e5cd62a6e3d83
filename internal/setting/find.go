package setting

import (
	"cmp"
	"fmt"
	"reflect"
	"slices"
	"strconv"
	"strings"
)

// field is a field of a struct under its name.
type field struct {
	name  string
	value reflect.Value
	depth int // of the embedded struct that it comes from; 0: the struct's own
}

// fieldsOf returns the fields of a struct that have names, in order, with those of embedded
// structs in their place. A field hides an embedded one of its name.
func fieldsOf(v reflect.Value) []field {
	all := promoted(v, 0)
	depths := map[string]int{} // the least of each name
	for _, f := range all {
		key := strings.ToLower(f.name)
		if d, ok := depths[key]; !ok || f.depth < d {
			depths[key] = f.depth
		}
	}
	return slices.DeleteFunc(all, func(f field) bool { return f.depth > depths[strings.ToLower(f.name)] })
}

// promoted returns the fields of a struct and of those embedded in it.
func promoted(v reflect.Value, depth int) []field {
	if depth > maxDepth {
		return nil
	}
	var all []field
	for i := range v.NumField() {
		f := v.Type().Field(i)
		tag := f.Tag.Get("json")
		name, _, _ := strings.Cut(tag, ",")
		inner := followed(v.Field(i))
		switch {
		case tag == "-":
		case f.Anonymous && name == "" && inner.Kind() == reflect.Struct:
			all = append(all, promoted(inner, depth+1)...)
		case f.IsExported():
			all = append(all, field{cmp.Or(name, f.Name), v.Field(i), depth})
		}
	}
	return all
}

// find returns the value of a name, and the name in full as List writes it.
func find(target any, name string) (v reflect.Value, full string, err error) {
	root, err := rootOf(target)
	if err != nil {
		return v, "", err
	}
	v = root
	for i, part := range strings.Split(name, ".") {
		if i > maxDepth {
			return v, full, unknown(root, name, full, v)
		}
		next := reflect.Value{}
		switch shapeOf(v) {
		case group:
			next, part = child(v, part)
		case list:
			n, err := strconv.ParseUint(part, 10, 31)
			if err != nil || int(n) >= v.Len() {
				return v, full, fmt.Errorf("setting %q: %s has %d elements: want an index from 0", name, full, v.Len())
			}
			next, part = v.Index(int(n)), strconv.Itoa(int(n))
		}
		if !next.IsValid() {
			return v, full, unknown(root, name, full, v)
		}
		v, full = followed(next), join(full, part)
	}
	return v, full, nil
}

// child returns the field of a name, which is written so exactly or else in another case,
// and its own name.
func child(v reflect.Value, name string) (reflect.Value, string) {
	found := field{}
	for _, f := range fieldsOf(v) {
		if f.name == name {
			return f.value, f.name
		}
		if !found.value.IsValid() && strings.EqualFold(f.name, name) {
			found = f
		}
	}
	return found.value, found.name
}

func join(prefix, name string) string {
	if prefix == "" {
		return name
	}
	return prefix + "." + name
}
