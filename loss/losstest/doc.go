// Package losstest holds every equation against numbers that PyTorch computed, in
// float64 and in float32, values and gradients. Tests and the verify command run
// the same checks.
package losstest
