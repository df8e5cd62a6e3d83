// Command neon writes simd's NEON kernels: the assembly and its Go declarations.
//
// Go's assembler for arm64 lacks most of Advanced SIMD's float32 arithmetic, so
// those instructions are encoded here and written as WORDs, each with its name in
// a comment. A test decodes them again and compares.
//
// Usage, in this folder: go run . [-out ../..]
package main

import (
	"flag"
	"fmt"
	"go/format"
	"os"
	"path/filepath"
)

// files are the kernels by family; each becomes FAMILY_arm64.s. All declarations go to
// stubs_neon_arm64.go.
var files = []struct {
	family string
	write  func(*file)
}{
	{"elementwise", elementwiseKernels},
	{"reduce", reduceKernels},
	{"columns", columnKernels},
	{"norm", normKernels},
	{"gemm", gemmKernels},
	{"transpose", transposeKernel},
	{"winograd", winogradKernels},
}

func main() {
	out := flag.String("out", filepath.Join("..", ".."), "folder to write into")
	flag.Parse()
	for name, text := range generate() {
		if err := os.WriteFile(filepath.Join(*out, name), text, 0o644); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
	}
}

// generate returns the files by name.
func generate() map[string][]byte {
	all := map[string][]byte{}
	stubs := []byte(header + "package simd\n")
	for _, spec := range files {
		f := newFile()
		spec.write(f)
		all[spec.family+"_arm64.s"] = f.asm.Bytes()
		stubs = append(stubs, f.stubs.Bytes()...)
	}
	stubs, err := format.Source(stubs)
	if err != nil {
		panic(err)
	}
	all["stubs_neon_arm64.go"] = stubs
	return all
}
