// Package imageio reads images as the model sees them: upright, 8 bits a channel, red,
// green and blue. It also crops, turns, resizes and normalises them, and holds masks and
// heatmaps.
//
// [Decode] reads every format that is registered with package image. Results are the
// same bits on every architecture. [Sniff] says what a file is by its first bytes, and a
// [FormatError] names a file that no decoder takes, with what to do.
//
// A [Range] maps pictures of 16 bits a channel by the values that a camera uses. A
// [RangeMeter] measures them, and a [Decoder] counts the pictures that have such values.
// [DecodeMask] documents which values of a mask mark.
//
// # Sizes
//
// There is one sampler for each purpose:
//
//	Image.Resize   what a model scores: Pillow's bilinear filter, any ratio
//	Sampler        views in training: crops to squares, without allocation; shrinks as Resize
//	Image.Means    mean colours of equal parts, by exact area
//	Image.Shrink   pictures to look at, no larger than a side: Means as an image
//	Image.Enlarge  small pictures to look at: each pixel repeated
//	Map.Resize     heatmaps at the size of their image: bilinear between cells' centres
//	Mask.Resize    masks at the size of an image or a heatmap: the pixel under the centre
//	Mask.Shrink    masks of small defects: a pixel that covers a mark is marked
package imageio
