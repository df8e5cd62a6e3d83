// Command kernels writes the assembly of every kernel except the products for
// amd64: a file a family and level, and a file of Go declarations a level. Run it
// by go generate in package simd.
//
// The families describe a kernel once, in terms of a vector; vec.go knows the
// widths. Each kernel has the bits of its specification in Go by taking the same
// steps: fused where the specification says FMA32, and not fused elsewhere.
package main

import (
	"flag"
	"log"
	"os"
	"path/filepath"

	"github.com/mmcloughlin/avo/ir"
	"github.com/mmcloughlin/avo/pass"
	"github.com/mmcloughlin/avo/printer"
)

var families = []struct {
	name string
	emit func(*gen)
}{
	{"elementwise", elementwise},
	{"reduce", reduce},
	{"exp", exponentials},
	{"columns", columns},
	{"norm", norm},
	{"sgd", sgd},
	{"transpose", transpose},
	{"winograd", winograd},
}

func main() {
	log.SetFlags(0)
	log.SetPrefix("kernels: ")
	dir := flag.String("dir", ".", "write the files to this directory")
	flag.Parse()
	generate(*dir)
}

func generate(dir string) {
	for _, l := range []width{avx2, avx512} {
		stubs := ir.NewFile()
		for _, f := range families {
			g := newGen(l)
			f.emit(g)
			file, err := g.Result()
			if err != nil {
				log.Fatalf("%s %s: %v", f.name, l.name, err)
			}
			if err := pass.Compile.Execute(file); err != nil {
				log.Fatalf("%s %s: %v", f.name, l.name, err)
			}
			write(filepath.Join(dir, f.name+"_"+l.file+"_amd64.s"), printer.NewGoAsm, file)
			stubs.Constraints = file.Constraints
			stubs.Sections = append(stubs.Sections, file.Sections...)
		}
		write(filepath.Join(dir, "stubs_"+l.file+"_amd64.go"), printer.NewStubs, stubs)
	}
}

func write(name string, p printer.Builder, f *ir.File) {
	text, err := p(printer.Config{Argv: []string{"go", "generate"}, Pkg: "simd"}).Print(f)
	if err == nil {
		err = os.WriteFile(name, text, 0o644)
	}
	if err != nil {
		log.Fatal(err)
	}
}
