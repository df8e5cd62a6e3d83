// Package synthetic draws pictures of normal things and of anomalies from a seed, with the
// mask of every anomaly: something to try a detector on without photographs.
//
// Two scenes are small. [Part] is a bracket seen from above, upright, and [Texture] a
// plain weave; their anomalies are of the three kinds that the paper tells apart,
// [Object], [Style] and [Local]. The others are inspection photographs: [Plate], [Cloth] and
// [Screw] with defects about 20 pixels wide on a picture of 1024, and [Leather] with large and
// faint ones.
//
//	o := synthetic.Options{Scene: synthetic.Part}
//	good := o.Normal(1, 0)
//	bad := o.Anomaly(1, 0, synthetic.Style)
//
// The anomalies of the small scenes are plain to a person and hidden from simple
// statistics of pixels. Before noise, an anomalous picture has the mean colour of the
// normal picture that the same draws would have given, and normal pictures vary more in
// pose, colours, contrast, light and noise than any anomaly adds.
//
// A seed gives the same bytes on every machine. Pictures are drawn in float64 by +, -, /,
// square roots, floors and products that are rounded before anything is added to them
// (mul), so that no compiler may fuse them. Sines and powers, which differ between
// architectures, are not used.
package synthetic
