package ocsvm

import (
	"context"
	"math"
)

// flat is the least curvature along a step: a kernel of rows that occur twice has none.
const flat = 1e-12

// solver finds the coefficients α of the dual problem
//
//	min ½ αᵀKα   subject to   0 ≤ α_i ≤ 1,   Σα_i = νn
//
// (Schölkopf et al. 2001, eqs. 8 and 9, times νn). It changes two coefficients at a time: sequential
// minimal optimisation.
type solver struct {
	n        int
	kernel   []float32 // K, [n n], with a diagonal of 1
	alpha    []float64 // [n]
	gradient []float64 // Kα, [n]
}

// newSolver returns a solver at a feasible start: the first coefficients are 1.
func newSolver(kernel []float32, n int, nu float64) *solver {
	s := &solver{n, kernel, make([]float64, n), make([]float64, n)}
	left := nu * float64(n)
	for i := 0; i < n && left > 0; i++ {
		s.alpha[i] = min(1, left)
		left -= s.alpha[i]
		s.step(i, s.alpha[i])
	}
	return s
}

// row returns row i of the kernel.
func (s *solver) row(i int) []float32 { return s.kernel[i*s.n : (i+1)*s.n] }

// step adds what a change of coefficient i makes of the gradient.
func (s *solver) step(i int, change float64) {
	for k, v := range s.row(i) {
		s.gradient[k] += float64(change * float64(v))
	}
}

// solve changes coefficients until no pair violates the conditions of an optimum by more than
// tolerance. It returns ctx's error once that is done.
func (s *solver) solve(ctx context.Context, tolerance float64) error {
	for round := 0; ; round++ {
		if round%1024 == 0 {
			if err := ctx.Err(); err != nil {
				return err
			}
		}
		up, down := s.pair(tolerance)
		if down < 0 {
			return nil
		}
		s.move(up, down)
	}
}

// pair returns the coefficient to raise, that with the least gradient of those below 1, and the
// one to lower, of those above 0 that whose change together with it gains most by the second
// order (R.-E. Fan, P.-H. Chen and C.-J. Lin, Working set selection using second order
// information for training support vector machines, JMLR 6, 2005, WSS 2). down is negative if
// no pair violates the conditions by more than tolerance.
func (s *solver) pair(tolerance float64) (up, down int) {
	up, down = -1, -1
	for i, g := range s.gradient {
		if s.alpha[i] < 1 && (up < 0 || g < s.gradient[up]) {
			up = i
		}
	}
	if up < 0 {
		return up, down
	}
	var worst, most float64
	row := s.row(up)
	for i, g := range s.gradient {
		if !(s.alpha[i] > 0) {
			continue
		}
		b := g - s.gradient[up]
		worst = max(worst, b)
		if b <= 0 {
			continue
		}
		if gain := float64(b*b) / curvature(row[i]); gain > most {
			down, most = i, gain
		}
	}
	if worst <= tolerance {
		down = -1
	}
	return up, down
}

// curvature returns K_ii + K_jj - 2K_ij, or a little where that is nothing.
func curvature(k float32) float64 { return max(2*(1-float64(k)), flat) }

// move raises one coefficient and lowers another as much, to the least of the objective or as
// far as their bounds.
func (s *solver) move(up, down int) {
	change := (s.gradient[down] - s.gradient[up]) / curvature(s.row(up)[down])
	switch raise, lower := 1-s.alpha[up], s.alpha[down]; {
	case change >= raise && raise <= lower:
		change = raise
		s.alpha[up], s.alpha[down] = 1, lower-change
	case change >= lower:
		change = lower
		s.alpha[up], s.alpha[down] = s.alpha[up]+change, 0
	default:
		s.alpha[up] += change
		s.alpha[down] -= change
	}
	s.step(up, change)
	s.step(down, -change)
}

// offset returns ρ: the mean gradient of the coefficients between their bounds, and with none
// the middle of what the conditions leave.
func (s *solver) offset() float64 {
	var sum, free float64
	low, high := math.Inf(-1), math.Inf(1)
	for i, g := range s.gradient {
		switch a := s.alpha[i]; {
		case a >= 1:
			low = max(low, g)
		case a <= 0:
			high = min(high, g)
		default:
			sum += g
			free++
		}
	}
	switch {
	case free > 0:
		return sum / free
	case math.IsInf(low, -1):
		return high
	case math.IsInf(high, 1):
		return low
	}
	return low + (high-low)/2
}
