package main

import (
	"errors"
	"fmt"

	"anomem"
	"anomem/dataset"
	"anomem/describe"
	"anomem/imageio"
)

// needsROI returns an error if each image that m was trained on had a region of interest of
// its own, and none are given.
func needsROI(m *anomem.Model, roi string) error {
	if m.Config().Input.Regions && roi == "" {
		return errors.New("each image that the model was trained on has a region of interest of its own: give those of the new images with --roi FOLDER")
	}
	return nil
}

// roiLine says what counts of the images of a training, "" if all of them does.
func roiLine(all *dataset.Images) (string, error) {
	common, err := all.CommonRegion()
	if err != nil {
		return "", err
	}
	if common != nil {
		return fmt.Sprintf("region: %v", describe.ROIOf(common)), nil
	}
	some, err := dataset.HasRegions(all)
	if err != nil || !some {
		return "", err
	}
	return "region: each image has its own", nil
}

// regionFor returns the region of an image that --roi gives; nil: that of the model.
func (s *scorer) regionFor(path string, img *imageio.Image) (*imageio.Mask, error) {
	if path == "" {
		return nil, nil
	}
	if s.lastROI.path != path {
		m, err := dataset.ReadRegion(path, img.W, img.H)
		if err != nil {
			return nil, err
		}
		s.lastROI.path, s.lastROI.mask = path, m
	}
	if m := s.lastROI.mask; m.W != img.W || m.H != img.H {
		return nil, fmt.Errorf("%s: a region of interest of %d×%d pixels for an image of %d×%d", path, m.W, m.H, img.W, img.H)
	}
	return s.lastROI.mask, nil
}
