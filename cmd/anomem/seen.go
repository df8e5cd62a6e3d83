package main

import (
	"context"
	"fmt"

	"anomem"
	"anomem/dataset"
)

// seenImages counts the images that a model has seen before, among others.
type seenImages struct {
	trained, calibrated, of int
	names                   [2]string            // the first that was trained on, and that calibrated
	prints                  []anomem.Fingerprint // of all
}

// seenBefore looks for images that m has seen. It reads no file for a model that does not
// know which it has.
func seenBefore(ctx context.Context, m *anomem.Model, images *dataset.Images, threads int) (seenImages, error) {
	n := seenImages{of: images.Len()}
	if m.Seen() == nil {
		return n, nil
	}
	var err error
	if n.prints, err = images.Fingerprints(ctx, threads); err != nil {
		return n, err
	}
	for k, f := range n.prints {
		switch name := images.Item(k).Path; {
		case m.Seen().TrainedOn(f):
			if n.trained++; n.trained == 1 {
				n.names[0] = name
			}
		case m.Seen().CalibratedBy(f):
			if n.calibrated++; n.calibrated == 1 {
				n.names[1] = name
			}
		}
	}
	return n, nil
}

// trainedOn says how many of the images, "images" or another plural, the model was trained
// on, and what that means for one and for several; "" for none.
func (n seenImages) trainedOn(what, one, several string) string {
	switch n.trained {
	case 0:
		return ""
	case 1:
		return fmt.Sprintf("1 of %d %s was trained on (%s): %s", n.of, what, n.names[0], one)
	}
	return fmt.Sprintf("%d of %d %s were trained on (%s, …): %s", n.trained, n.of, what, n.names[0], several)
}

// calibratedBy says how many of the images calibrated the model; "" for none.
func (n seenImages) calibratedBy() string {
	switch n.calibrated {
	case 0:
		return ""
	case 1:
		return fmt.Sprintf("1 of %d images calibrated the model (%s): that it is called normal says little", n.of, n.names[1])
	}
	return fmt.Sprintf("%d of %d images calibrated the model (%s, …): that few of them are called anomalous says little", n.calibrated, n.of, n.names[1])
}
