// Package check names one thing that can be verified at run time: a kernel
// against its specification, a gradient against finite differences, an equation
// against stored numbers. Tests and the verify command run the same checks.
package check

// Check is one verification. Run returns nil if it holds, and otherwise an error
// that says which value differed, where, and by how much.
type Check struct {
	Family string // for counts, e.g. "kernels/avx2", "gradients/operations"
	Name   string // unique within the family
	Run    func() error
}

// Skip is a case that is not checked, and why not: so that a count of checks
// never passes for a count of cases.
type Skip struct {
	Family, Name string // of the check that there would be
	Reason       string
}
