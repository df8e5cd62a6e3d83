// Package augment makes the views that stage one contrasts (section 4.2 of the paper:
// random crop with rescale, mirror, brightness, contrast, saturation, Gaussian blur and
// noise, as SimCLR does for small images), and the self-labelled anomalies: copies of
// normal images that a [Shift] turned, pasted over or blemished.
//
// A view is a row [size size 3] of float32, normalised. Its crop, colours, mirror and
// turns are integer arithmetic on bytes; blur and noise are float32 on the kernels of
// package simd. So a view is the same bits on every architecture and for any number of
// workers, and depends on nothing but the image, the [Options] and a stream of random
// numbers, which the caller names by seed, epoch, image and view.
//
// The order is torchvision's: crop, mirror, colour jitter, grey, blur, noise. Bytes are
// rounded after the crop and after each change of colour, as they are there.
package augment
