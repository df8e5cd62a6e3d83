package main

// The image formats beside png, jpeg and gif, which the library brings.
import (
	_ "golang.org/x/image/bmp"
	_ "golang.org/x/image/webp"

	_ "anomem/cmd/anomem/internal/pnm"
	_ "anomem/cmd/anomem/internal/tiff"
)
