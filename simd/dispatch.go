package simd

import (
	"fmt"
	"os"
	"strings"
)

// kernels is one level's set of float32 kernels. Every field is set; a level uses the
// Go specification (the function of the same name that ends in Go) for a kernel that
// its instructions do not speed up. Callers have checked the lengths.
type kernels struct {
	name string

	add, sub, mul, div, larger             func(dst, a, b []float32)
	addScalar, scale, maxScalar, minScalar func(dst, a []float32, s float32)
	axpy                                   func(dst []float32, s float32, x []float32)
	mulAdd                                 func(dst, a, b []float32)
	scaleShift                             func(dst, a, scale, shift []float32)
	sqrt, abs, exp, log, relu              func(dst, x []float32)
	reluBackward                           func(dx, dy, x []float32)
	keepPositive                           func(dst, src, y []float32)

	sum, sumSq, max func(x []float32) float32
	dot             func(x, y []float32) float32
	expShiftSum     func(dst, x []float32, shift float32) float32
	expSum          func(x []float32, shift float32) float32

	// One chunk: rows <= ColumnChunk.
	columnSums    func(sum []float64, x []float32, rows, cols int)
	columnMoments func(sum, sumsq []float64, x []float32, stride, rows, cols int) // of rows stride apart
	columnDots    func(dot []float64, x, y []float32, rows, cols int)

	// floor is 0 for a ReLU and -Inf for none.
	normalize    func(y, x, scale, shift []float32, rows, cols int, floor float32)
	normalizeAdd func(y, x, residual, scale, shift []float32, rows, cols int, floor float32)
	normGrad     func(dx, dy, x, gain, scale, shift []float32, rows, cols int)

	// One chunk: rows <= ColumnChunk.
	normGradSums     func(sum, dot []float64, dy, x []float32, rows, cols int)
	normGradSumsReLU func(sum, dot []float64, dy, x, y []float32, rows, cols int)

	sgdNesterov func(w, g, v []float32, lr, momentum, weightDecay float32)

	// dst[j*ldd+i] = src[i*lds+j] for i < rows, j < cols.
	transpose func(dst []float32, ldd int, src []float32, lds, rows, cols int)

	gemm gemmKernel

	winograd2, winograd4 winogradKernels // by the size of a tile
}

// purego runs the specification itself.
var purego = kernels{
	name: "purego",

	add:          addGo,
	sub:          subGo,
	mul:          mulGo,
	div:          divGo,
	larger:       largerGo,
	addScalar:    addScalarGo,
	scale:        scaleGo,
	maxScalar:    maxScalarGo,
	minScalar:    minScalarGo,
	axpy:         axpyGo,
	mulAdd:       mulAddGo,
	scaleShift:   scaleShiftGo,
	sqrt:         sqrtGo,
	abs:          absGo,
	exp:          expGo,
	log:          logGo,
	relu:         reluGo,
	reluBackward: reluBackwardGo,
	keepPositive: keepPositiveGo,

	sum:         sumGo,
	sumSq:       sumSqGo,
	max:         maxGo,
	dot:         dotGo,
	expShiftSum: expShiftSumGo,
	expSum:      expSumGo,

	columnSums:    columnSumsGo,
	columnMoments: columnMomentsGo,
	columnDots:    columnDotsGo,

	normalize:        normalizeGo,
	normalizeAdd:     normalizeAddGo,
	normGrad:         normGradGo,
	normGradSums:     normGradSumsGo,
	normGradSumsReLU: normGradSumsReLUGo,

	sgdNesterov: sgdNesterovGo,

	transpose: transposeGo,

	winograd2: winogradGo2,
	winograd4: winogradGo4,
}

// level is a set of kernels and what it needs of the CPU. Each architecture lists its
// own in archLevels, best first.
type level struct {
	kernels *kernels
	missing func() []string // the features this CPU lacks, by name
}

// levels returns every level in this binary, best first.
func levels() []level {
	return append(archLevels[:len(archLevels):len(archLevels)],
		level{&purego, func() []string { return nil }})
}

// LevelInfo describes a level in this binary.
type LevelInfo struct {
	Name    string
	Missing []string // the CPU features that it needs and this machine lacks
}

// Levels lists every level in this binary, best first. The last is "purego".
func Levels() []LevelInfo {
	var infos []LevelInfo
	for _, l := range levels() {
		infos = append(infos, LevelInfo{l.kernels.name, l.missing()})
	}
	return infos
}

// Env is the environment variable that names the level to use.
const Env = "ANOMEM_SIMD"

var (
	active   = &purego // the level in use; init and Use write it
	levelErr error
)

func init() {
	if name := os.Getenv(Env); name != "" {
		if err := Use(name); err != nil {
			levelErr = fmt.Errorf("%s=%s: %w", Env, name, err)
		}
		return
	}
	for _, l := range levels() {
		if len(l.missing()) == 0 {
			active = l.kernels
			return
		}
	}
}

// Level returns the name of the level in use: "avx512", "avx2", "neon" or "purego".
func Level() string { return active.name }

// LevelError says why the level named by the environment is not in use; it is nil if
// that level is in use or none is named. After an error "purego" is in use; a command
// should print the error and stop.
func LevelError() error { return levelErr }

// Use switches the process to a level. It returns an error, and changes nothing, if
// the level is not in the binary or the CPU cannot run it. No kernel may run
// meanwhile.
func Use(name string) error {
	var names []string
	for _, l := range levels() {
		if l.kernels.name != name {
			names = append(names, l.kernels.name)
			continue
		}
		if missing := l.missing(); len(missing) > 0 {
			return fmt.Errorf("simd: this CPU cannot run level %q: it lacks %s", name, strings.Join(missing, ", "))
		}
		active = l.kernels
		return nil
	}
	return fmt.Errorf("simd: no level %q in this binary; there are %s", name, strings.Join(names, ", "))
}
