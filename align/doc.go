// Package align finds out how parts lie in images, and brings them all to lie alike.
//
// Where images show one part in any pose, Learn finds a Template, the mean of what they show
// once each is turned and moved to agree with the others (congealing: Miller, Matsakis and
// Viola, "Learning from one example through shared densities on transforms", CVPR 2000). The
// template then tells of any image how its part lies, and Template.Cut takes the rectangle of
// the image in which the part lies as in all others. What lies far beside the part is not in
// that rectangle.
//
// Lengths are in units of half of an image's longer side, and places are relative to its
// centre, x to the right and y down, so that they hold at any resolution. Angles are in
// units of a full turn / Turns, from x towards y. All arithmetic is in integers or in
// float64 without fused products: an image is cut to the same bytes on every machine.
package align
