package safetensorstest

import "strings"

// good returns files that a reader must accept.
func good() []File {
	return []File{
		{Name: "empty", Bytes: Build("{}", nil)},
		{Name: "empty, padded", Bytes: Build("{}      ", nil)},
		{Name: "one", Bytes: one()},
		{Name: "two", Bytes: Build(object(a, b), data(12))},
		{Name: "two, later data first", Bytes: Build(object(b, a), data(12))},
		{Name: "white space", Bytes: Build("{ \"a\"\t:\n{\"dtype\" : \"F32\" , \"shape\" : [ 1 ] , \"data_offsets\" : [ 0 , 4 ] } }\n", data(4))},
		{Name: "metadata", Bytes: Build(object(`"__metadata__":{"format":"pt","":"\u00e9\n\"\ud83d\ude00"}`, a), data(4))},
		{Name: "metadata only", Bytes: Build(`{"__metadata__":{}}`, nil)},
		{Name: "scalar", Bytes: Build(object(entry("a", "F64", "[]", 0, 8)), data(8))},
		{Name: "no elements", Bytes: Build(object(entry("a", "F32", "[0,3]", 0, 0), b, entry("c", "F32", "[1]", 0, 4), entry("z", "I8", "[3,0]", 12, 12)), data(12))},
		{Name: "escaped name", Bytes: Build(`{"\u0061\/\\\"":{"dtype":"\u004632","shape":[1],"data_offsets":[0,4]}}`, data(4))},
		{Name: "empty name", Bytes: Build(object(entry("", "U8", "[2]", 0, 2)), data(2))},
		{Name: "many axes", Bytes: Build(object(entry("a", "F32", "[1"+strings.Repeat(",1", 99)+"]", 0, 4)), data(4))},
		{Name: "less than a byte an element", Bytes: Build(object(entry("a", "F4", "[4]", 0, 2), entry("b", "F6_E2M3", "[4]", 2, 5)), data(5))},
		{Name: "every width", Bytes: Build(object(entry("a", "BOOL", "[1]", 0, 1), entry("b", "BF16", "[1]", 1, 3), entry("c", "U32", "[1]", 3, 7), entry("d", "C64", "[1]", 7, 15)), data(15))},
	}
}
