// Package gradients holds the gradient table: a row for each operation of
// package autograd, with the cases in which its gradient is compared with finite
// differences. Tests and the verify command go through the same table.
package gradients

import (
	"fmt"

	"anomem/autograd"
	"anomem/check"
)

// Row is one operation and the cases in which it is checked.
type Row[T autograd.Float] struct {
	Op    string // the method of autograd.Graph
	Cases []Case[T]
}

// Case is a function built from the operation, at inputs away from its kinks.
type Case[T autograd.Float] struct {
	Name      string
	In        []*autograd.Tensor[T]
	Constants bool // F also makes tensors of its own
	F         func(g *autograd.Graph[T], in []*autograd.Tensor[T]) *autograd.Tensor[T]
}

// Checks returns a check for each row, of family "gradients/operations": the
// gradients of all its cases, in float64, against central differences, to within
// 1e-6 + 1e-4·|numeric|.
func Checks() []check.Check {
	var checks []check.Check
	for _, row := range Rows[float64]() {
		checks = append(checks, check.Check{Family: "gradients/operations", Name: row.Op, Run: func() error {
			for _, c := range row.Cases {
				if err := autograd.GradCheck(row.Op+", "+c.Name, c.F, c.In); err != nil {
					return err
				}
			}
			if len(row.Cases) == 0 {
				return fmt.Errorf("%s: no cases", row.Op)
			}
			return nil
		}})
	}
	return checks
}
