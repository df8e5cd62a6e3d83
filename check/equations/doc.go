// Package equations holds every equation against numbers that PyTorch computed, in
// float64 and in float32, values and gradients, and every derivative against finite
// differences. Tests and the verify command run the same checks.
package equations
