// Package setting reads and sets the fields of a struct by name.
//
// A name is a path of parts joined by dots: "scales.0.patterns". A part is the name of a
// field, or the index of an element of an array or slice. A field is called as in JSON; one
// without a tag has its Go name, and fields of an embedded struct count as the outer
// struct's. Case does not matter. Pointers are followed. What JSON leaves out (a field
// tagged "-", an unexported one) has no name here.
package setting

import (
	"fmt"
	"reflect"
	"strings"
)

// Entry is one setting: its name in full and its value, as Set takes it.
type Entry struct{ Name, Value string }

// String returns NAME=VALUE.
func (e Entry) String() string { return e.Name + "=" + e.Value }

// Set makes an assignment, "NAME=VALUE", to a field of the struct that target points to. The
// value is read by the field's type:
//
//   - a type with UnmarshalText and MarshalText by the former;
//   - a number or string with UnmarshalJSON by that, names without quotes;
//   - bool, integers, floats (finite ones) and strings as Go writes them, strings without
//     quotes;
//   - arrays and slices as a JSON array, an array with all its elements.
//
// A struct cannot be assigned as a whole. On an error, which names the nearest settings or
// says what is wanted, the struct stays as it was.
func Set(target any, assignment string) error {
	name, text, ok := strings.Cut(assignment, "=")
	if !ok {
		return fmt.Errorf("setting %q: want NAME=VALUE", assignment)
	}
	v, full, err := find(target, name)
	if err != nil {
		return err
	}
	if err := assign(v, text); err != nil {
		return fmt.Errorf("setting %s: %w", full, err)
	}
	return nil
}

// Get returns the setting of a name, with the name in full as List has it. An array or slice
// may be asked for as a whole.
func Get(target any, name string) (Entry, error) {
	v, full, err := find(target, name)
	if err != nil {
		return Entry{}, err
	}
	if shapeOf(v) == group {
		return Entry{}, fmt.Errorf("setting %s: %w", full, groupError(v))
	}
	return Entry{full, format(v)}, nil
}

// rootOf returns the struct that target points to.
func rootOf(target any) (reflect.Value, error) {
	v := followed(reflect.ValueOf(target))
	if v.Kind() != reflect.Struct || !v.CanSet() {
		return v, fmt.Errorf("setting: target %T: want a pointer to a struct", target)
	}
	return v, nil
}

// followed returns what v points to, through any number of pointers; the pointer itself if it
// is nil.
func followed(v reflect.Value) reflect.Value {
	for range maxDepth {
		if v.Kind() != reflect.Pointer || v.IsNil() {
			break
		}
		v = v.Elem()
	}
	return v
}

// maxDepth bounds how deep names go, against values that contain themselves.
const maxDepth = 32
