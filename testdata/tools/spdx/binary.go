package main

import (
	"crypto/sha256"
	"debug/buildinfo"
	"encoding/hex"
	"os"
	"path/filepath"
	"runtime/debug"
)

// binary is what a binary says of itself.
type binary struct {
	name    string // of its file
	sum     string // SHA-256, hexadecimal
	main    module
	modules []module // that it is linked from, beside the main one
}

type module struct{ path, version string }

// readBinary reads a binary.
func readBinary(path string) (binary, error) {
	content, err := os.ReadFile(path)
	if err != nil {
		return binary{}, err
	}
	info, err := buildinfo.ReadFile(path)
	if err != nil {
		return binary{}, err
	}
	sum := sha256.Sum256(content)
	b := binary{name: filepath.Base(path), sum: hex.EncodeToString(sum[:]), main: module{info.Main.Path, versionOf(info)}}
	b.modules = append(b.modules, module{"std", info.GoVersion})
	for _, m := range info.Deps {
		if m.Replace != nil {
			m = m.Replace
		}
		b.modules = append(b.modules, module{m.Path, m.Version})
	}
	return b, nil
}

// versionOf returns the version of the main module: its commit if it is known.
func versionOf(info *debug.BuildInfo) string {
	for _, s := range info.Settings {
		if s.Key == "vcs.revision" {
			return s.Value
		}
	}
	return info.Main.Version
}
