// Package torchtest compares networks with what PyTorch makes of the same numbers. Both
// sides get weights and inputs from a formula by their names, and whole tensors are compared
// by digests. testdata/resnet/generate.py and testdata/twin/formula.py are the other side.
package torchtest

import (
	"bytes"
	"strings"

	"anomem/nn"
	"anomem/nn/safetensors"
)

// hashes returns n pseudo-random numbers that belong to a name: the finaliser of MurmurHash3
// over FNV-1a of the name and a multiple of the index.
func hashes(name string, n int) []uint32 {
	seed := uint32(2166136261)
	for _, b := range []byte(name) {
		seed = (seed ^ uint32(b)) * 16777619
	}
	out := make([]uint32, n)
	for i := range out {
		h := seed + 2654435761*uint32(i)
		h ^= h >> 16
		h *= 0x85ebca6b
		h ^= h >> 13
		h *= 0xc2b2ae35
		out[i] = h ^ h>>16
	}
	return out
}

// Formula returns the n numbers that belong to a name, multiples of 1/2048 in [-1, 1).
func Formula[T nn.Float](name string, n int) []T {
	u := make([]T, n)
	for i, h := range hashes(name, n) {
		u[i] = T(int(h>>20)-2048) / 2048
	}
	return u
}

// Fill gives the parameters and running statistics of m the numbers of the formula that
// belong to their names, of sizes that keep those of a network's maps. They are exact in
// float32. bottleneck says that the encoder is of a depth whose blocks end with bn3, not
// with bn2: the weight of a block's last norm is small. The error is that of nn.Load.
func Fill[T nn.Float](m nn.Params[T], bottleneck bool) error {
	var tensors []safetensors.Tensor
	for _, s := range nn.State(m, "") {
		tensors = append(tensors, safetensors.FromSlice(s.Name, first[T](s.Name, s.Shape, bottleneck), s.Shape...))
	}
	var b bytes.Buffer
	if err := safetensors.Write(&b, tensors, nil); err != nil {
		return err
	}
	f, err := safetensors.NewReader(bytes.NewReader(b.Bytes()), int64(b.Len()), "formula.safetensors")
	if err != nil {
		return err
	}
	return nn.Load(m, f, "")
}

// first returns the first values of a tensor in PyTorch's layout.
func first[T nn.Float](name string, shape []int, bottleneck bool) []T {
	n := 1
	for _, d := range shape {
		n *= d
	}
	v := Formula[T](name, n)
	scale, shift := T(0.25), T(0)
	last := strings.HasSuffix(name, ".bn2.weight") && !bottleneck || strings.HasSuffix(name, ".bn3.weight")
	switch {
	case len(shape) > 1:
		scale = 1
		for e := 6; e < n/shape[0]; e *= 4 {
			scale /= 2
		}
	case last:
		scale, shift = 1.0/16, 0.25
	case strings.HasSuffix(name, "running_var"):
		scale, shift = 0.5, 1
	case strings.HasSuffix(name, "weight"):
		shift = 1
	}
	for i := range v {
		v[i] = v[i]*scale + shift // exact
	}
	return v
}
