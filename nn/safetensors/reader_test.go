package safetensors

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"testing"

	"anomem/nn/safetensors/safetensorstest"
)

func open(b []byte) (*File, error) {
	return NewReader(bytes.NewReader(b), int64(len(b)), "test")
}

// TestFiles holds the reader against good and malicious files: the right verdict,
// an error that names file and fault, and no memory for what a header merely claims.
func TestFiles(t *testing.T) {
	for _, tc := range safetensorstest.Files() {
		t.Run(tc.Name, func(t *testing.T) {
			var f *File
			var err error
			allocated := allocations(func() { f, err = open(tc.Bytes) })
			if limit := memoryLimit(len(tc.Bytes)); allocated > limit {
				t.Errorf("allocated %d bytes for a file of %d, want at most %d", allocated, len(tc.Bytes), limit)
			}
			if tc.Fault == "" {
				if err != nil {
					t.Fatal(err)
				}
				checkAccepted(t, f)
				return
			}
			if err == nil {
				t.Fatalf("accepted, want an error with %q", tc.Fault)
			}
			var e *Error
			if !errors.As(err, &e) || e.File != "test" {
				t.Errorf("error %#v does not name the file", err)
			}
			// On a 32-bit machine a huge axis is refused before its product is taken.
			narrow := strconv.IntSize == 32 && strings.Contains(err.Error(), "longer than this machine can count")
			if !strings.Contains(err.Error(), tc.Fault) && !narrow {
				t.Errorf("error %q, want one with %q", err, tc.Fault)
			}
			if len(err.Error()) > 2000 {
				t.Errorf("an error of %d bytes", len(err.Error()))
			}
		})
	}
}

// memoryLimit is what opening a file of n bytes may allocate: an entry of 50 bytes
// of text becomes about 300 of structures, growth included.
func memoryLimit(n int) uint64 { return 16*uint64(n) + 16<<10 }

// allocations returns the bytes that f allocates.
func allocations(f func()) uint64 {
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	f()
	runtime.ReadMemStats(&after)
	return after.TotalAlloc - before.TotalAlloc
}

// checkAccepted makes sure that an accepted file can be read from end to end, and
// that it stays the same when written and read again.
func checkAccepted(t *testing.T, f *File) {
	t.Helper()
	var tensors []Tensor
	for _, info := range f.Tensors() {
		if got, ok := f.Lookup(info.Name); !ok || got.Begin != info.Begin || got.End != info.End || got.DType != info.DType || !slices.Equal(got.Shape, info.Shape) {
			t.Errorf("Lookup(%q) = %v, %v, want %v", info.Name, got, ok, info)
		}
		raw, err := f.Raw(info.Name)
		if err != nil {
			t.Fatal(err)
		}
		if size, problem := byteSize(int64(info.Len()), info.DType.Bits()); problem != "" || size != raw.Size() {
			t.Errorf("%q: %s %v in %d bytes: %s", info.Name, info.DType, info.Shape, raw.Size(), problem)
		}
		// The length is bounded by the file's size: see the check above.
		err = Decode(f, info.Name, make([]float64, info.Len()))
		if wanted := info.DType.Decodable(); (err == nil) != wanted {
			t.Errorf("decoding %s: %v", info.DType, err)
		}
		tensors = append(tensors, Tensor{Name: info.Name, DType: info.DType, Shape: info.Shape, Data: func(w io.Writer) error {
			_, err := io.Copy(w, raw)
			return err
		}})
	}
	var out bytes.Buffer
	if err := Write(&out, tensors, f.Metadata()); err != nil {
		t.Fatal(err)
	}
	again, err := open(out.Bytes())
	if err != nil {
		t.Fatalf("what was written from it is refused: %v", err)
	}
	sameFile(t, again, f)
}

func sameFile(t *testing.T, got, want *File) {
	t.Helper()
	if len(got.Tensors()) != len(want.Tensors()) {
		t.Fatalf("%d tensors, want %d", len(got.Tensors()), len(want.Tensors()))
	}
	for _, w := range want.Tensors() {
		g, ok := got.Lookup(w.Name)
		if !ok || g.DType != w.DType || !slices.Equal(g.Shape, w.Shape) {
			t.Fatalf("tensor %q: %v, want %v", w.Name, g, w)
		}
		if !bytes.Equal(raw(t, got, w.Name), raw(t, want, w.Name)) {
			t.Errorf("tensor %q: other bytes", w.Name)
		}
	}
	gm, wm := got.Metadata(), want.Metadata()
	if len(gm) != len(wm) {
		t.Errorf("metadata %v, want %v", gm, wm)
	}
	for k := range wm {
		if gm[k] != wm[k] {
			t.Errorf("metadata %q: %q, want %q", k, gm[k], wm[k])
		}
	}
}

func raw(t *testing.T, f *File, name string) []byte {
	t.Helper()
	r, err := f.Raw(name)
	if err != nil {
		t.Fatal(err)
	}
	b, err := io.ReadAll(r)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// TestOfficial reads a file of the reference implementation, and writes it again
// to the same bytes.
func TestOfficial(t *testing.T) {
	const path = "testdata/official.safetensors"
	f, err := Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	type row struct {
		dtype DType
		shape []int
	}
	want := map[string]row{
		"layer.weight":           {F32, []int{3, 5}},
		"layer.bias":             {F32, []int{3}},
		"f64":                    {F64, []int{2, 3, 4}},
		"f16":                    {F16, []int{7}},
		"bf16":                   {BF16, []int{2, 9}},
		"bn.num_batches_tracked": {I64, []int{}},
		"scalar":                 {F32, []int{}},
		"nothing":                {F32, []int{4, 0}},
		"i8":                     {"I8", []int{5}},
		"bool":                   {"BOOL", []int{11}},
		"quote \" slash \\ newline \n bell \x07 ü 漢 😀": {F32, []int{2}},
	}
	if len(f.Tensors()) != len(want) {
		t.Fatalf("%d tensors, want %d", len(f.Tensors()), len(want))
	}
	if m := f.Metadata(); len(m) != 1 || m["format"] != "pt" {
		t.Errorf("metadata %v", m)
	}
	value := func(i int) float64 { return float64(i*37%101-50) / 16 }
	for name, w := range want {
		info, ok := f.Lookup(name)
		if !ok || info.DType != w.dtype || !slices.Equal(info.Shape, w.shape) {
			t.Errorf("%q: %v, want %v", name, info, w)
			continue
		}
		switch w.dtype {
		case I64:
			if b := raw(t, f, name); !bytes.Equal(b, []byte{0xce, 255, 255, 255, 255, 255, 255, 255}) {
				t.Errorf("%q: bytes %v, want those of -50", name, b)
			}
		case "I8":
			for i, b := range raw(t, f, name) {
				if int8(b) != int8(16*value(i)) {
					t.Errorf("%q: element %d is %d", name, i, int8(b))
				}
			}
		case "BOOL":
			for i, b := range raw(t, f, name) {
				if (b != 0) != (int(16*value(i))%2 != 0) {
					t.Errorf("%q: element %d is %d", name, i, b)
				}
			}
		default:
			v32, v64 := make([]float32, info.Len()), make([]float64, info.Len())
			if err := Decode(f, name, v32); err != nil {
				t.Error(err)
			}
			if err := Decode(f, name, v64); err != nil {
				t.Error(err)
			}
			for i := range v64 {
				if v64[i] != value(i) || v32[i] != float32(value(i)) {
					t.Errorf("%q: element %d is %v and %v, want %v", name, i, v32[i], v64[i], value(i))
				}
			}
		}
	}

	file, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	var tensors []Tensor
	for _, info := range f.Tensors() {
		b := raw(t, f, info.Name)
		tensors = append(tensors, Tensor{info.Name, info.DType, info.Shape, func(w io.Writer) error {
			_, err := w.Write(b)
			return err
		}})
	}
	slices.Reverse(tensors)
	var out bytes.Buffer
	if err := Write(&out, tensors, f.Metadata()); err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(out.Bytes(), file) {
		t.Errorf("written again it has other bytes:\n%q\nwant\n%q", out.Bytes(), file)
	}
}

func TestDecodeErrors(t *testing.T) {
	b := safetensorstest.Build(`{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]},"n":{"dtype":"I64","shape":[],"data_offsets":[8,16]}}`, make([]byte, 16))
	f, err := open(b)
	if err != nil {
		t.Fatal(err)
	}
	for _, tc := range []struct {
		name string
		n    int
		want string
	}{
		{"b", 2, `safetensors: test: tensor "b": not in the file`},
		{"a", 3, `safetensors: test: tensor "a": shape [2] has 2 elements, want 3`},
		{"n", 1, `safetensors: test: tensor "n": dtype "I64" cannot be decoded: want F64, F32, F16 or BF16`},
	} {
		if err := Decode(f, tc.name, make([]float32, tc.n)); err == nil || err.Error() != tc.want {
			t.Errorf("Decode(%q): %v, want %s", tc.name, err, tc.want)
		}
	}
	if _, err := f.Raw("b"); err == nil {
		t.Error("Raw of a tensor that is not there: no error")
	}
}

// TestShrunkFile reads a file that became shorter after its header was checked.
func TestShrunkFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "m.safetensors")
	if err := WriteFile(path, []Tensor{FromSlice("a", make([]float32, 100_000), 100_000)}, nil); err != nil {
		t.Fatal(err)
	}
	f, err := Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if err := os.Truncate(path, 300_000); err != nil {
		t.Fatal(err)
	}
	err = Decode(f, "a", make([]float32, 100_000))
	if !errors.Is(err, io.ErrUnexpectedEOF) || !strings.Contains(err.Error(), `m.safetensors: tensor "a": at byte 300000`) {
		t.Errorf("error %v", err)
	}
}

func TestOpenErrors(t *testing.T) {
	dir := t.TempDir()
	if _, err := Open(dir); err == nil || !strings.Contains(err.Error(), "not a regular file") {
		t.Errorf("a folder: %v", err)
	}
	path := filepath.Join(dir, "absent")
	if _, err := Open(path); !errors.Is(err, os.ErrNotExist) || strings.Count(err.Error(), path) != 1 {
		t.Errorf("a missing file: %v", err)
	}
	if err := os.WriteFile(path, []byte("{}"), 0o666); err != nil {
		t.Fatal(err)
	}
	if _, err := Open(path); err == nil || !strings.Contains(err.Error(), path+": 2 bytes are too few") {
		t.Errorf("a short file: %v", err)
	}
}

// TestManyTensors opens a header of 300 000 entries: in time and memory that
// grow with the file.
func TestManyTensors(t *testing.T) {
	if testing.Short() {
		t.Skip("a header of many tensors takes seconds, and is not part of the short form")
	}
	const n = 300_000
	header := []byte{'{'}
	for i := range n {
		if i > 0 {
			header = append(header, ',')
		}
		header = fmt.Appendf(header, `"%x":{"dtype":"U8","shape":[],"data_offsets":[%d,%d]}`, i, i, i+1)
	}
	b := safetensorstest.Build(string(header)+"}", make([]byte, n))
	var f *File
	var err error
	if got, limit := allocations(func() { f, err = open(b) }), memoryLimit(len(b)); got > limit {
		t.Errorf("allocated %d bytes for %d, want at most %d", got, len(b), limit)
	}
	if err != nil {
		t.Fatal(err)
	}
	if len(f.Tensors()) != n {
		t.Errorf("%d tensors", len(f.Tensors()))
	}
}

// TestHalf holds all binary16 numbers against their definition.
func TestHalf(t *testing.T) {
	for i := range 1 << 16 {
		h := uint16(i)
		sign, e, frac := 1-2*float64(h>>15), int(h>>10&31), float64(h&1023)
		var want float64
		switch {
		case e == 31 && frac != 0:
			if v := half(h); v == v {
				t.Fatalf("half(%#x) = %v, want NaN", h, v)
			}
			continue
		case e == 31:
			want = math.Inf(int(sign))
		case e == 0:
			want = sign * math.Ldexp(frac, -24)
		default:
			want = sign * math.Ldexp(1024+frac, e-25)
		}
		if got := float64(half(h)); got != want || math.Signbit(got) != math.Signbit(want) {
			t.Fatalf("half(%#x) = %v, want %v", h, got, want)
		}
	}
}

func TestDecodeSpecial(t *testing.T) {
	nan := math.NaN()
	for _, tc := range []struct {
		d    DType
		b    []byte
		want float64
	}{
		{BF16, []byte{0x80, 0x3f}, 1},
		{BF16, []byte{0x80, 0xff}, math.Inf(-1)},
		{BF16, []byte{0xc0, 0x7f}, nan},
		{BF16, []byte{0x01, 0x00}, 0x1p-133},
		{F16, []byte{0x00, 0x80}, math.Copysign(0, -1)},
		{F32, []byte{1, 0, 0, 0}, 0x1p-149},
		{F32, []byte{0, 0, 0x80, 0x7f}, math.Inf(1)},
		{F64, []byte{0, 0, 0, 0, 0, 0, 0xf0, 0x7f}, math.Inf(1)},
		{F64, []byte{0, 0, 0, 0, 0, 0, 0xf8, 0x7f}, nan},
		{F64, []byte{0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xef, 0x7f}, math.MaxFloat64},
		{F64, []byte{1, 0, 0, 0x10, 0, 0, 0xf0, 0x3f}, 1 + 0x1p-24 + 0x1p-52},
	} {
		var v64 [1]float64
		var v32 [1]float32
		decode(v64[:], tc.b, tc.d)
		decode(v32[:], tc.b, tc.d)
		if math.Float64bits(v64[0]) != math.Float64bits(tc.want) && !(v64[0] != v64[0] && tc.want != tc.want) {
			t.Errorf("%s % x = %v, want %v", tc.d, tc.b, v64[0], tc.want)
		}
		if want := float32(tc.want); math.Float32bits(v32[0]) != math.Float32bits(want) && !(v32[0] != v32[0] && want != want) {
			t.Errorf("%s % x = %v in float32, want %v", tc.d, tc.b, v32[0], want)
		}
	}
}
