package setting

import (
	"reflect"
	"strconv"
)

// List returns all settings of the struct that target points to, in the order of its fields.
// Each can be given to Set again. The elements of an array or slice are listed one by one if
// they are structs, else together. A target that is no such pointer has none.
func List(target any) []Entry {
	v, err := rootOf(target)
	if err != nil {
		return nil
	}
	return appendEntries(nil, "", v, 0)
}

func appendEntries(all []Entry, name string, v reflect.Value, depth int) []Entry {
	v = followed(v)
	if depth > maxDepth {
		return all
	}
	switch shapeOf(v) {
	case leaf:
		return append(all, Entry{name, format(v)})
	case group:
		for _, f := range fieldsOf(v) {
			all = appendEntries(all, join(name, f.name), f.value, depth+1)
		}
	case list:
		if v.Len() == 0 || shapeOf(followed(v.Index(0))) != group {
			if settable(v.Type(), 0) {
				all = append(all, Entry{name, format(v)})
			}
			return all
		}
		for i := range v.Len() {
			all = appendEntries(all, join(name, strconv.Itoa(i)), v.Index(i), depth+1)
		}
	}
	return all
}

// Difference is a setting in which two structs differ.
type Difference struct{ Name, A, B string }

// Diff returns the settings in which a and b, pointers to structs, differ: in the order of
// List(a), then those that b alone has. Where one of them lacks a setting, its value is
// "none".
func Diff(a, b any) []Difference {
	const none = "none"
	inB := List(b)
	values := make(map[string]string, len(inB))
	for _, e := range inB {
		values[e.Name] = e.Value
	}
	var all []Difference
	for _, e := range List(a) {
		switch other, ok := values[e.Name]; {
		case !ok:
			all = append(all, Difference{e.Name, e.Value, none})
		case other != e.Value:
			all = append(all, Difference{e.Name, e.Value, other})
		}
		delete(values, e.Name)
	}
	for _, e := range inB {
		if _, ok := values[e.Name]; ok {
			all = append(all, Difference{e.Name, none, e.Value})
		}
	}
	return all
}
