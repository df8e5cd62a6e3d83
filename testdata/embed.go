// Package testdata holds the stored numbers that the verify command compares with,
// so that the binary carries them. Each file lies beside the script that made it.
package testdata

import "embed"

// Equations holds equations/*.jsonl, written by equations/generate.py.
//
//go:embed equations/*.jsonl
var Equations embed.FS
