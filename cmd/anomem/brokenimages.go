package main

import (
	"errors"
	"fmt"
	"strings"

	"anomem/dataset"
)

// orSkip adds to the error of images that cannot be decoded that --skip-broken leaves them
// out.
func orSkip(err error) error {
	var broken *dataset.BrokenError
	var several *dataset.FaultsError
	switch {
	case errors.As(err, &several) && errors.As(err, &broken):
		return fmt.Errorf("%w\nreplace them, or leave out images by --skip-broken", err)
	case errors.As(err, &broken):
		return fmt.Errorf("%w; replace it, or leave it out by --skip-broken", err)
	}
	return err
}

// brokenImages reports images that cannot be decoded, the first ones by name.
type brokenImages struct {
	first []string
	n, of int // how many of how many
}

// add takes an image's error.
func (b *brokenImages) add(err error) {
	const most = 20
	if b.n++; len(b.first) < most {
		b.first = append(b.first, errorText(err))
	}
}

func (b *brokenImages) Error() string {
	if b.n == 1 {
		return b.first[0] + "; replace it, or leave it out by --skip-broken"
	}
	return fmt.Sprintf("%d of %d images cannot be decoded:", b.n, b.of) + b.lines() + "\nreplace them, or leave them out by --skip-broken"
}

// lines names the first images and counts the rest.
func (b *brokenImages) lines() string {
	lines := append([]string{""}, b.first...)
	if more := b.n - len(b.first); more > 0 {
		lines = append(lines, fmt.Sprintf("and %d more", more))
	}
	return strings.Join(lines, "\n  ")
}

// skipped says which images were left out.
func (b *brokenImages) skipped() string {
	if b.n == 1 {
		return "skipped: " + b.first[0]
	}
	return fmt.Sprintf("skipped %d of %d images, which cannot be decoded:", b.n, b.of) + b.lines()
}
