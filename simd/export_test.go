package simd

import "reflect"

// KernelFields names every kernel that a level must provide.
func KernelFields() []string {
	var names []string
	for _, f := range reflect.VisibleFields(reflect.TypeFor[kernels]()) {
		if f.Name != "name" {
			names = append(names, f.Name)
		}
	}
	return names
}

// MissingKernels names the fields that a level leaves out.
func MissingKernels() map[string][]string {
	missing := map[string][]string{}
	for _, l := range levels() {
		v := reflect.ValueOf(*l.kernels)
		for _, f := range reflect.VisibleFields(v.Type()) {
			if f.Type.Kind() == reflect.Func && v.FieldByIndex(f.Index).IsNil() {
				missing[l.kernels.name] = append(missing[l.kernels.name], f.Name)
			}
		}
	}
	return missing
}
