package simd

// kernels is one level's set of float32 kernels. Every field is set; a level may
// use the Go specification for a kernel that its instructions do not speed up.
type kernels struct {
	name string
	gemm gemmKernel
}

// purego is the specification, run as it stands.
var purego = kernels{
	name: "purego",
}

// active is the level in use. Init and Use write it; kernels read it.
var active = &purego
