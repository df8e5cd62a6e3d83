// Package augment makes the views that stage one contrasts (section 4.2 of the paper:
// random crop with rescale, mirror, brightness, contrast, saturation, Gaussian blur and
// noise, as in SimCLR for small images). It also makes self-labelled anomalies: copies
// of normal images that a [Shift] turns, pastes over or blemishes.
//
// A view is a row [size size 3] of normalised float32 values. Crop, colours, mirror and
// turns are integer arithmetic on bytes; blur and noise are float32 arithmetic by the
// kernels of package simd. A view depends on the image, the [Options] and a stream of
// random numbers alone, which the caller names by seed, epoch, image and view. It is the
// same bits on every architecture and for any number of workers.
//
// The order is torchvision's: crop, mirror, turn, colour jitter, grey, blur, noise.
// Bytes are rounded after the crop and after each change of colour, as there.
package augment
