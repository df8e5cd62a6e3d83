package simd

// gemmArgs is what one call of a level's inner product kernel works on.
type gemmArgs struct{}

// gemmKernel is a level's register tile. A nil run means that products follow
// the specification in Go.
type gemmKernel struct {
	mr, nr int // rows and columns of the register tile
	run    func(*gemmArgs)
}
