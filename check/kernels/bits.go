package kernels

import (
	"fmt"
	"math"
)

func same32(a, b float32) bool {
	return math.Float32bits(a) == math.Float32bits(b) || a != a && b != b
}

func same64(a, b float64) bool {
	return math.Float64bits(a) == math.Float64bits(b) || a != a && b != b
}

func show32(v float32) string { return fmt.Sprintf("%v (%#08x)", v, math.Float32bits(v)) }
