package safetensors

import (
	"bytes"
	"testing"
)

func BenchmarkDecode(b *testing.B) {
	const n = 4 << 20
	var out bytes.Buffer
	if err := Write(&out, []Tensor{FromSlice("a", make([]float32, n), n)}, nil); err != nil {
		b.Fatal(err)
	}
	f, err := open(out.Bytes())
	if err != nil {
		b.Fatal(err)
	}
	dst := make([]float32, n)
	b.SetBytes(4 * n)
	for b.Loop() {
		if err := Decode(f, "a", dst); err != nil {
			b.Fatal(err)
		}
	}
}
