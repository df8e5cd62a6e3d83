package learn

import (
	"slices"

	"anomem/nn"
)

// Snapshot keeps a copy of a network's parameters and statistics, and returns the function that
// brings them back.
func Snapshot(net nn.Params[float32]) (restore func()) {
	entries := nn.Entries(net, "")
	var kept [][]float32
	for _, e := range entries {
		kept = append(kept, slices.Clone(e.Tensor.Data()))
	}
	return func() {
		for i, e := range entries {
			copy(e.Tensor.Data(), kept[i])
		}
	}
}
