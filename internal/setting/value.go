package setting

import (
	"bytes"
	"encoding"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"reflect"
	"strconv"
	"strings"
)

// shape says how a value is named and set.
type shape int

const (
	unnamed shape = iota // it has no setting: a map, a function, a nil pointer ...
	leaf                 // it is set as a whole
	group                // a struct: its fields are set
	list                 // an array or slice: it or its elements are set
)

var (
	marshaler       = reflect.TypeFor[encoding.TextMarshaler]()
	unmarshaler     = reflect.TypeFor[encoding.TextUnmarshaler]()
	jsonUnmarshaler = reflect.TypeFor[json.Unmarshaler]()
)

// isText reports that values of a type are written and read as text by their own methods.
func isText(t reflect.Type) bool {
	return reflect.PointerTo(t).Implements(unmarshaler) && reflect.PointerTo(t).Implements(marshaler)
}

// isNamed reports that a type reads itself from JSON, from a name for example. It counts for
// leaves alone.
func isNamed(t reflect.Type) bool { return reflect.PointerTo(t).Implements(jsonUnmarshaler) }

func shapeOf(v reflect.Value) shape {
	if !v.IsValid() || v.Kind() == reflect.Pointer {
		return unnamed
	}
	if isText(v.Type()) {
		return leaf
	}
	switch k := v.Kind(); {
	case k == reflect.Struct:
		return group
	case k == reflect.Array || k == reflect.Slice:
		return list
	case k == reflect.Bool || k == reflect.String || v.CanInt() || v.CanUint() || v.CanFloat():
		return leaf
	}
	return unnamed
}

// settable reports that JSON can hold the elements of a list of type t.
func settable(t reflect.Type, depth int) bool {
	switch {
	case depth > maxDepth:
		return false
	case isText(t):
		return true
	}
	switch t.Kind() {
	case reflect.Array, reflect.Slice, reflect.Pointer:
		return settable(t.Elem(), depth+1)
	case reflect.Chan, reflect.Func, reflect.Complex64, reflect.Complex128, reflect.UnsafePointer, reflect.Interface, reflect.Map, reflect.Uintptr:
		return false
	}
	return true
}

// assign reads text into v. On an error v stays as it was.
func assign(v reflect.Value, text string) error {
	if !v.CanSet() {
		return errors.New("it cannot be set")
	}
	switch shapeOf(v) {
	case leaf:
		next := reflect.New(v.Type())
		if err := parse(next.Elem(), text); err != nil {
			return err
		}
		v.Set(next.Elem())
		return nil
	case list:
		return assignList(v, text)
	case group:
		return groupError(v)
	}
	return fmt.Errorf("a %v cannot be set by name", v.Type())
}

// groupError says that v is a struct, which is not set as a whole.
func groupError(v reflect.Value) error {
	return fmt.Errorf("it is a group: name one of its fields, %s", strings.Join(names(v), ", "))
}

// parse reads text into v, a leaf.
func parse(v reflect.Value, text string) error {
	if isText(v.Type()) {
		return v.Addr().Interface().(encoding.TextUnmarshaler).UnmarshalText([]byte(text))
	}
	if isNamed(v.Type()) {
		return parseNamed(v.Addr().Interface().(json.Unmarshaler), text)
	}
	bits := 0
	if v.Kind() != reflect.Bool && v.Kind() != reflect.String {
		bits = v.Type().Bits()
	}
	var err error
	want := ""
	switch {
	case v.Kind() == reflect.String:
		v.SetString(text)
	case v.Kind() == reflect.Bool:
		var b bool
		b, err = strconv.ParseBool(text)
		v.SetBool(b)
		want = "true or false"
	case v.CanInt():
		var n int64
		n, err = strconv.ParseInt(text, 10, bits)
		v.SetInt(n)
		want = fmt.Sprintf("a whole number of %d bits", bits)
	case v.CanUint():
		var n uint64
		n, err = strconv.ParseUint(text, 10, bits)
		v.SetUint(n)
		want = fmt.Sprintf("a whole number from 0, of %d bits", bits)
	default:
		var x float64
		x, err = strconv.ParseFloat(text, bits)
		if math.IsNaN(x) || math.IsInf(x, 0) {
			err = errors.New("not finite")
		}
		v.SetFloat(x)
		want = "a finite number"
	}
	if err != nil {
		return fmt.Errorf("%q: want %s", text, want)
	}
	return nil
}

// parseNamed reads text as JSON, or as a JSON string without its quotes.
func parseNamed(v json.Unmarshaler, text string) error {
	if json.Valid([]byte(text)) && v.UnmarshalJSON([]byte(text)) == nil {
		return nil
	}
	quoted, err := json.Marshal(text)
	if err != nil {
		return err
	}
	return v.UnmarshalJSON(quoted)
}

// assignList reads a JSON array into v, an array or slice.
func assignList(v reflect.Value, text string) error {
	var elements []json.RawMessage
	err := json.Unmarshal([]byte(text), &elements)
	switch fixed := v.Kind() == reflect.Array; {
	case !settable(v.Type(), 0):
		return fmt.Errorf("a %v cannot be set by name", v.Type())
	case err != nil || elements == nil || fixed && len(elements) != v.Len():
		n := ""
		if fixed {
			n = fmt.Sprintf(" of %d elements", v.Len())
		}
		return fmt.Errorf("%q: want a JSON array%s, such as %s", text, n, format(v))
	}
	next := reflect.New(v.Type()).Elem()
	if v.Kind() == reflect.Slice && len(elements) > 0 { // an empty one is nil
		next = reflect.MakeSlice(v.Type(), len(elements), len(elements))
	}
	for i, e := range elements {
		d := json.NewDecoder(bytes.NewReader(e))
		d.DisallowUnknownFields()
		if err := d.Decode(next.Index(i).Addr().Interface()); err != nil || string(e) == "null" {
			return fmt.Errorf("element %d, %s: want what %s holds", i, e, format(v))
		}
	}
	v.Set(next)
	return nil
}

// format returns a leaf or list as assign reads it.
func format(v reflect.Value) string {
	if isText(v.Type()) {
		text, err := v.Addr().Interface().(encoding.TextMarshaler).MarshalText()
		if err != nil {
			return err.Error()
		}
		return string(text)
	}
	if shapeOf(v) == list {
		return formatList(v)
	}
	if isNamed(v.Type()) {
		again := reflect.New(v.Type())
		name := fmt.Sprint(v)
		if err := parseNamed(again.Interface().(json.Unmarshaler), name); err == nil && again.Elem().Equal(v) {
			return name
		}
	}
	switch {
	case v.Kind() == reflect.Bool:
		return strconv.FormatBool(v.Bool())
	case v.CanInt():
		return strconv.FormatInt(v.Int(), 10)
	case v.CanUint():
		return strconv.FormatUint(v.Uint(), 10)
	case v.CanFloat():
		return strconv.FormatFloat(v.Float(), 'g', -1, v.Type().Bits())
	}
	return v.String()
}

// formatList returns a JSON array.
func formatList(v reflect.Value) string {
	elements := make([]string, v.Len())
	for i := range elements {
		text, err := json.Marshal(v.Index(i).Addr().Interface())
		if err != nil {
			return err.Error()
		}
		elements[i] = string(text)
	}
	return "[" + strings.Join(elements, ",") + "]"
}
