// Command spdx lists the modules in binaries of anomem, with their licences, as an SPDX 2.3
// document in JSON:
//
//	spdx -module FOLDER -created TIME BINARY... >anomem.spdx.json
//
// What a binary holds is what it says itself (go version -m); the licences are those of the
// texts in the modules, which FOLDER, that of the main module, finds. The same binaries and
// time give the same document.
package main

import (
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"time"
)

func main() {
	folder := flag.String("module", ".", "the `FOLDER` of the main module")
	created := flag.String("created", "", "`TIME` of the document, RFC 3339")
	flag.Parse()
	if err := run(*folder, *created, flag.Args()); err != nil {
		fmt.Fprintln(os.Stderr, "spdx:", err)
		os.Exit(1)
	}
}

func run(folder, created string, paths []string) error {
	at, err := time.Parse(time.RFC3339, created)
	if err != nil {
		return err
	}
	licences, err := licencesOf(folder)
	if err != nil {
		return err
	}
	var all []binary
	for _, path := range paths {
		b, err := readBinary(path)
		if err != nil {
			return err
		}
		all = append(all, b)
	}
	d := newDocument(all, licences, at)
	if err := d.check(); err != nil {
		return err
	}
	out := json.NewEncoder(os.Stdout)
	out.SetIndent("", "  ")
	return out.Encode(d)
}
