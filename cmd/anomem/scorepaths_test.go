package main

import (
	"bytes"
	"context"
	"errors"
	"image"
	"image/png"
	"os"
	"testing"

	"anomem/imageio"
)

// An interrupt ends the wait for a pipe that gives nothing, and what a pipe gives is decoded.
func TestDecodeInputFromPipe(t *testing.T) {
	read, write, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer read.Close()
	defer func(was *os.File) { os.Stdin = was }(os.Stdin)
	os.Stdin = read
	s := &scorer{decoder: new(imageio.Decoder)}
	ctx, cancel := context.WithCancel(t.Context())
	waited := make(chan error)
	go func() {
		_, err := s.decodeInput(ctx, stdinPath)
		waited <- err
	}()
	cancel()
	if err := <-waited; !errors.Is(err, context.Canceled) {
		t.Errorf("interrupted: %v", err)
	}
	write.Close()

	var file bytes.Buffer
	if err := png.Encode(&file, image.NewGray(image.Rect(0, 0, 3, 2))); err != nil {
		t.Fatal(err)
	}
	if read, write, err = os.Pipe(); err != nil {
		t.Fatal(err)
	}
	os.Stdin = read
	write.Write(file.Bytes())
	write.Close()
	if img, err := s.decodeInput(t.Context(), stdinPath); err != nil || img.W != 3 || img.H != 2 {
		t.Errorf("%v, %v", img, err)
	}
	if _, err := s.decodeInput(t.Context(), stdinPath); err == nil || err.Error() != "-: the image file is empty" {
		t.Errorf("at the end of the pipe: %v", err)
	}
}
