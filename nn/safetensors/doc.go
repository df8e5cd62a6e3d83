// Package safetensors reads and writes the safetensors format: named tensors in one
// file. The format holds no code, so that a file from an untrusted source can be wrong
// but cannot do harm.
//
// A file is
//
//	8 bytes   N, the length of the header, little-endian
//	N bytes   the header: a JSON object, padded with spaces
//	the rest  the data buffer
//
// and each entry of the header describes one tensor in the data buffer,
//
//	"name": {"dtype": "F32", "shape": [2, 3], "data_offsets": [0, 24]}
//
// except "__metadata__", a map from string to string. Elements are little-endian, and
// the last axis is contiguous.
//
// # What the reader accepts
//
// The reader checks the whole header before the first tensor is read: the header is at
// most 100 MB and fits the file; it is valid UTF-8 and valid JSON and starts with '{';
// no key of the header, of a tensor or of the metadata occurs twice; a tensor has the
// three fields above and no other; shapes and offsets are plain integers whose products
// do not overflow; the dtype is one that the reference implementation knows; a range is
// as long as dtype and shape say; and the ranges tile the data buffer from its first
// byte to its last, without overlap or gap. Memory is allocated for what the file
// really holds, never for what its header claims.
//
// The reader is stricter than the reference implementation (safetensors 0.8), which
// accepts a header that starts with white space, a repeated tensor name or metadata key
// (the last one wins), unknown fields, null as metadata, a tensor written as an array
// of its fields, and a shape whose product overflows behind a zero.
//
// Every error is an [*Error] and names the file, the tensor and the fault.
package safetensors
