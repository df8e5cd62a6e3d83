package safetensorstest

import "strings"

// badLengths returns files that are cut short, or claim a wrong length of their header.
func badLengths() []File {
	one := one()
	return []File{
		{Name: "no bytes", Bytes: nil, Fault: "0 bytes are too few"},
		{Name: "length only in part", Bytes: one[:7], Fault: "7 bytes are too few"},
		{Name: "length only", Bytes: one[:8], Fault: "truncated"},
		{Name: "header truncated", Bytes: one[:20], Fault: "truncated"},
		{Name: "data truncated", Bytes: one[:len(one)-1], Fault: `tensor "a": data_offsets [0 4] reach beyond the 3 bytes`},
		{Name: "trailing byte", Bytes: append(one[:len(one):len(one)], 0), Fault: "trailing bytes"},
		{Name: "header of nothing", Bytes: claim(0, ""), Fault: "does not start with '{'"},
		{Name: "lying length", Bytes: claim(99_999_999, "{}"), Fault: "the header claims 99999999 bytes, 2 follow"},
		{Name: "length over the limit", Bytes: claim(100_000_001, "{}"), Fault: "100000000 are allowed"},
		{Name: "length 2^63", Bytes: claim(1<<63, "{}"), Fault: "are allowed"},
		{Name: "length 2^64-1", Bytes: claim(1<<64-1, "{}"), Fault: "are allowed"},
		{Name: "length 2^64-8", Bytes: claim(1<<64-8, "{}"), Fault: "are allowed"},
	}
}

// badText returns files with a header that is not JSON in UTF-8, or not an object.
func badText() []File {
	return []File{
		{Name: "space first", Bytes: Build(" "+object(a), data(4)), Fault: "does not start with '{'", Lenient: true},
		{Name: "byte order mark", Bytes: Build("\ufeff"+object(a), data(4)), Fault: "does not start with '{'"},
		{Name: "array", Bytes: Build(`[`+deep, nil), Fault: "does not start with '{'"},
		{Name: "bad UTF-8", Bytes: Build("{\"\xff\":0}", nil), Fault: "not valid UTF-8"},
		{Name: "not closed", Bytes: Build("{", nil), Fault: "found its end"},
		{Name: "zeros behind", Bytes: Build(object(a)+"\x00\x00", data(4)), Fault: "nothing but spaces"},
		{Name: "two objects", Bytes: Build("{}{}", nil), Fault: "nothing but spaces"},
		{Name: "trailing comma", Bytes: Build("{"+a+",}", data(4)), Fault: "want a string"},
		{Name: "no comma", Bytes: Build("{"+a+" "+b+"}", data(12)), Fault: "want ',' or '}'"},
		{Name: "no colon", Bytes: Build(`{"a" {}}`, nil), Fault: "want ':'"},
		{Name: "unquoted", Bytes: Build(`{a:{}}`, nil), Fault: "want a string"},
		{Name: "string not closed", Bytes: Build(`{"a`, nil), Fault: "does not end"},
		{Name: "escape not closed", Bytes: Build(`{"a\`, nil), Fault: "broken escape"},
		{Name: "unknown escape", Bytes: Build(`{"\x":0}`, nil), Fault: "broken escape"},
		{Name: "short escape", Bytes: Build(`{"\u00`, nil), Fault: "broken escape"},
		{Name: "half a pair", Bytes: Build(`{"\ud800":{}}`, nil), Fault: "broken escape"},
		{Name: "pair the wrong way round", Bytes: Build(`{"\udc00\ud800":{}}`, nil), Fault: "broken escape"},
		{Name: "control character", Bytes: Build("{\"a\nb\":{}}", nil), Fault: "control character"},
		{Name: "deep nesting", Bytes: Build(`{"a":`+deep, nil), Fault: "want '{' before a tensor's fields"},
		{Name: "deep objects", Bytes: Build(strings.Repeat(`{"a":`, 50_000), nil), Fault: "unknown field"},
		{Name: "deep shape", Bytes: Build(`{"a":{"shape":`+deep, nil), Fault: "non-negative integer"},
	}
}

// badFields returns files with tensors whose names or fields are repeated, unknown,
// missing or of another type.
func badFields() []File {
	return []File{
		{Name: "name twice", Bytes: Build(object(a, a), data(4)), Fault: `tensor "a": the header has this name twice`, Lenient: true},
		{Name: "name twice, once escaped", Bytes: Build(object(a, entry(`\u0061`, "F32", "[1]", 0, 4)), data(4)), Fault: `tensor "a": the header has this name twice`, Lenient: true},
		{Name: "dtype twice", Bytes: Build(`{"a":{"dtype":"F32","dtype":"F32","shape":[1],"data_offsets":[0,4]}}`, data(4)), Fault: `field "dtype" occurs twice`},
		{Name: "shape twice", Bytes: Build(`{"a":{"dtype":"F32","shape":[1],"shape":[1],"data_offsets":[0,4]}}`, data(4)), Fault: `field "shape" occurs twice`},
		{Name: "offsets twice", Bytes: Build(`{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4],"data_offsets":[0,4]}}`, data(4)), Fault: `field "data_offsets" occurs twice`},
		{Name: "unknown field", Bytes: Build(`{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4],"x":[]}}`, data(4)), Fault: `tensor "a": unknown field "x"`, Lenient: true},
		{Name: "no dtype", Bytes: Build(`{"a":{"shape":[1],"data_offsets":[0,4]}}`, data(4)), Fault: `no field "dtype"`},
		{Name: "no shape", Bytes: Build(`{"a":{"dtype":"F32","data_offsets":[0,4]}}`, data(4)), Fault: `no field "shape"`},
		{Name: "no offsets", Bytes: Build(`{"a":{"dtype":"F32","shape":[1]}}`, data(4)), Fault: `no field "data_offsets"`},
		{Name: "tensor as array", Bytes: Build(`{"a":["F32",[1],[0,4]]}`, data(4)), Fault: "want '{'", Lenient: true},
		{Name: "dtype a number", Bytes: Build(`{"a":{"dtype":32,"shape":[1],"data_offsets":[0,4]}}`, data(4)), Fault: "dtype: header byte 14: want a string"},
		{Name: "three offsets", Bytes: Build(`{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4,4]}}`, data(4)), Fault: "after two offsets"},
		{Name: "one offset", Bytes: Build(`{"a":{"dtype":"F32","shape":[1],"data_offsets":[0]}}`, data(4)), Fault: "between offsets"},
		{Name: "shape null", Bytes: Build(object(entry("a", "F32", "null", 0, 4)), data(4)), Fault: "before a shape"},
	}
}

// badMetadata returns files with metadata that are not one map from string to string.
func badMetadata() []File {
	return []File{
		{Name: "metadata twice", Bytes: Build(object(`"__metadata__":{}`, `"__metadata__":{}`), nil), Fault: `"__metadata__" twice`},
		{Name: "metadata key twice", Bytes: Build(`{"__metadata__":{"k":"1","k":"2"}}`, nil), Fault: `key "k" occurs twice`, Lenient: true},
		{Name: "metadata null", Bytes: Build(`{"__metadata__":null}`, nil), Fault: "before the metadata", Lenient: true},
		{Name: "metadata of numbers", Bytes: Build(`{"__metadata__":{"k":1}}`, nil), Fault: "__metadata__: header byte 21: want a string"},
		{Name: "metadata nested", Bytes: Build(`{"__metadata__":{"k":{}}}`, nil), Fault: "want a string"},
	}
}

// badNumbers returns files with axes and sizes that are not plain integers, or that overflow.
func badNumbers() []File {
	return []File{
		{Name: "negative axis", Bytes: Build(object(entry("a", "F32", "[-1]", 0, 4)), data(4)), Fault: "non-negative integer"},
		{Name: "fraction", Bytes: Build(object(entry("a", "F32", "[1.0]", 0, 4)), data(4)), Fault: "non-negative integer"},
		{Name: "exponent", Bytes: Build(object(entry("a", "F32", "[1e0]", 0, 4)), data(4)), Fault: "non-negative integer"},
		{Name: "huge exponent", Bytes: Build(object(entry("a", "F32", "[1e999999999]", 0, 4)), data(4)), Fault: "non-negative integer"},
		{Name: "needless zero", Bytes: Build(object(entry("a", "F32", "[01]", 0, 4)), data(4)), Fault: "needless 0"},
		{Name: "minus zero", Bytes: Build(object(entry("a", "F32", "[-0]", 0, 0)), nil), Fault: "non-negative integer"},
		{Name: "number bomb", Bytes: Build(object(entry("a", "F32", "["+strings.Repeat("9", 100_000)+"]", 0, 4)), data(4)), Fault: "overflows"},
		{Name: "axis 2^63", Bytes: Build(object(entry("a", "U8", "[9223372036854775808]", 0, 0)), nil), Fault: "overflows"},
		{Name: "huge shape", Bytes: Build(object(entry("a", "F32", "[4294967296,4294967296]", 0, 0)), nil), Fault: `tensor "a": the product of shape`},
		{Name: "huge shape behind a zero", Bytes: Build(object(entry("a", "F32", "[0,4294967296,4294967296]", 0, 0)), nil), Fault: "the product of shape", Lenient: true},
		{Name: "huge shape before a zero", Bytes: Build(object(entry("a", "F32", "[4294967296,4294967296,0]", 0, 0)), nil), Fault: "the product of shape"},
		{Name: "product 2^63", Bytes: Build(object(entry("a", "U8", "[4294967296,2147483648]", 0, 0)), nil), Fault: "the product of shape"},
		{Name: "product 2^64", Bytes: Build(object(entry("a", "U8", "[65536,65536,65536,65536]", 0, 0)), nil), Fault: "the product of shape"},
		{Name: "bytes 2^64", Bytes: Build(object(entry("a", "F64", "[2305843009213693952]", 0, 0)), nil), Fault: "overflows"},
		{Name: "ends inside a byte", Bytes: Build(object(entry("a", "F4", "[3]", 0, 2)), data(2)), Fault: "ends inside a byte"},
	}
}

// badRanges returns files with tensors that do not tile the data, or that have an unknown type.
func badRanges() []File {
	return []File{
		{Name: "negative offset", Bytes: Build(object(entry("a", "F32", "[1]", -4, 0)), data(4)), Fault: "non-negative integer"},
		{Name: "offset 2^63", Bytes: Build(`{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,9223372036854775808]}}`, data(4)), Fault: "overflows"},
		{Name: "range backwards", Bytes: Build(object(entry("a", "F32", "[1]", 4, 0)), data(4)), Fault: "end before they begin"},
		{Name: "range too long", Bytes: Build(object(entry("a", "F32", "[1]", 0, 8)), data(8)), Fault: `tensor "a": F32 of shape [1] takes 4 bytes, data_offsets [0 8] hold 8`},
		{Name: "range too short", Bytes: Build(object(entry("a", "F32", "[2]", 0, 4)), data(4)), Fault: "takes 8 bytes"},
		{Name: "range far away", Bytes: Build(object(entry("a", "U8", "[9223372036854775807]", 0, 9223372036854775807)), data(4)), Fault: "reach beyond"},
		{Name: "overlap", Bytes: Build(object(entry("a", "F32", "[2]", 0, 8), entry("b", "F32", "[2]", 4, 12)), data(12)), Fault: `tensor "b": data_offsets [4 12] overlap those of tensor "a"`},
		{Name: "same range", Bytes: Build(object(a, entry("b", "F32", "[1]", 0, 4)), data(4)), Fault: "overlap"},
		{Name: "no elements inside another", Bytes: Build(object(entry("a", "F32", "[2]", 0, 8), entry("b", "F32", "[0]", 4, 4)), data(8)), Fault: "overlap"},
		{Name: "gap", Bytes: Build(object(a, entry("b", "F32", "[1]", 8, 12)), data(12)), Fault: "nothing covers bytes 4 to 8"},
		{Name: "gap first", Bytes: Build(object(entry("a", "F32", "[1]", 4, 8)), data(8)), Fault: "nothing covers bytes 0 to 4"},
		{Name: "data of nobody", Bytes: Build("{}", data(1)), Fault: "trailing bytes"},
		{Name: "unknown dtype", Bytes: Build(object(entry("a", "X9", "[5]", 0, 3)), data(3)), Fault: `tensor "a": unknown dtype "X9"`},
		{Name: "unknown dtype of many elements", Bytes: Build(object(entry("a", "F99", "[1000000]", 0, 4)), data(4)), Fault: `tensor "a": unknown dtype "F99"`},
		{Name: "unknown dtype of a long name", Bytes: Build(object(entry("a", strings.Repeat("F", 100_000), "[1]", 0, 4)), data(4)), Fault: `tensor "a": unknown dtype "FFF`},
		{Name: "dtype in small letters", Bytes: Build(object(entry("a", "f32", "[1]", 0, 4)), data(4)), Fault: `tensor "a": unknown dtype "f32"`},
	}
}
