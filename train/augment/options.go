package augment

import (
	"fmt"
	"math"
)

// Options are the strengths of a view's transformations. A strength or probability of
// zero switches its transformation off and leaves all others unchanged, because every
// random number is drawn in any case. With zero Options every view is [Plain].
type Options struct {
	// CropArea is the least and the largest share of the image's area in a view; {0, 0}:
	// all of it. CropRatio is the least and the largest ratio of the crop's width to its
	// height, relative to the image's own.
	CropArea, CropRatio [2]float64

	Flip float64 // probability of mirroring, left for right
	Turn float64 // probability of a turn by 90°, 180° or 270°, all equally likely

	// Jitter is the probability of changes of colour, in random order. Brightness, contrast
	// and saturation change by factors from [1-s, 1+s], s being the option's value; the
	// hue turns by up to Hue of the colour circle in either direction, Hue <= 0.5.
	Jitter, Brightness, Contrast, Saturation, Hue float64

	Grey float64 // probability of a view without colour

	Blur      float64    // probability of a Gaussian blur
	BlurSigma [2]float64 // least and largest standard deviation in pixels

	Noise float64 // standard deviation of Gaussian noise, as a share of 255 levels
}

// Check returns an error that names the first option out of range.
func (o *Options) Check() error {
	for _, p := range []struct {
		name string
		v    float64
	}{
		{"Flip", o.Flip}, {"Turn", o.Turn}, {"Jitter", o.Jitter}, {"Brightness", o.Brightness}, {"Contrast", o.Contrast},
		{"Saturation", o.Saturation}, {"Grey", o.Grey}, {"Blur", o.Blur}, {"Noise", o.Noise},
	} {
		if !(p.v >= 0 && p.v <= 1) {
			return fmt.Errorf("augment: %s is %g: want 0 (off) to 1", p.name, p.v)
		}
	}
	if !(o.Hue >= 0 && o.Hue <= 0.5) {
		return fmt.Errorf("augment: Hue is %g: want 0 (off) to 0.5, half of the colour circle", o.Hue)
	}
	if a := o.CropArea; o.crops() && !(a[0] > 0 && a[0] <= a[1] && a[1] <= 1) {
		return fmt.Errorf("augment: CropArea is %g to %g: want 0 < least <= largest <= 1, or 0 and 0 for no crop", a[0], a[1])
	}
	if r := o.CropRatio; o.crops() && !(r[0] > 0 && r[0] <= r[1] && !math.IsInf(r[1], 0)) {
		return fmt.Errorf("augment: CropRatio is %g to %g: want 0 < least <= largest", r[0], r[1])
	}
	if s := o.BlurSigma; o.Blur > 0 && !(s[0] > 0 && s[0] <= s[1] && s[1] <= maxSigma) {
		return fmt.Errorf("augment: BlurSigma is %g to %g pixels: want 0 < least <= largest <= %d", s[0], s[1], maxSigma)
	}
	return nil
}

// crops reports whether views are cropped.
func (o *Options) crops() bool { return o.CropArea != [2]float64{} }
