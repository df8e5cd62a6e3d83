// Package equations checks every equation, values and gradients, in float64 and in
// float32, against numbers computed by PyTorch, and every derivative against finite
// differences. Tests and the verify command run the same checks.
package equations
