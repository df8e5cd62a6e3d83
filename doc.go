// Package anomem learns what normal images look like, scores how far a new image
// deviates from them, and maps where.
//
// [Load] reads a model that the command's "anomem train" or package train wrote:
//
//	m, err := anomem.Load("model.safetensors", pool.New(0), anomem.ForScoring())
//	img, err := m.DecodeFile("new.png")
//	r := m.Score(img) // r.Score, r.PValue, r.Anomalous
//	x := m.Explain([]*anomem.Image{img})[0] // the same, and x.Heatmap
//
// A pool of package simd/pool shares the work among threads, 0 for all cores. Neither the
// number of threads nor the batch nor the machine changes a bit of an answer.
//
// Package dataset reads folders of images and holds some out. Package train makes a model
// of them: train.Plan chooses the settings, and train.Run trains and calibrates.
//
// # The method
//
// The model is AnoMem, of Anomaly Detection via Multi-Scale Contrasted Memory by Jezequel,
// Vu, Beaudet and Histace. An encoder maps an image to features at several scales, and at
// each scale a memory holds patterns of normal features. The deviation of a feature is its
// difference from the memory's answer. Heads that are trained on anomalies, known or made,
// turn deviations into distances.
//
// For objects, the encoder learns to tell by how many quarter turns an image was rotated
// (TurnHead). The score of an object sums up how badly that is told of its rotated copies,
// and how far the features of these are from those of normal images (Density). Heads of
// known anomalies add to it. On parts and textures defects are small, so heads give each
// cell of a map its own distance, of which the largest counts. For parts, how far the image,
// seen whole, deviates from what normal images show at each place (Place) is added. Both make
// the heatmap.
//
// Each equation of the paper is one function, which training and scoring run or share the
// body of:
//
//	eq. 1    hopfield.Retrieve       the memory's answer to a feature
//	eq. 2    loss.SimCLR             contrasts two views of a batch
//	eq. 3    hopfield.Mem            retrieval for the normal rows alone
//	eq. 4    loss.Contrasted         contrasts one view's retrievals with the other view
//	eq. 5    loss.NTXent             contrasts one pair with all others
//	eq. 6    loss.Variance           keeps the retrievals apart
//	eq. 7    loss.MultiScale         stage one: eqs. 4 and 6 over scales and positions
//	eq. 8    hopfield.Deviation      a feature less its retrieval
//	eq. 9    anomem.MapNorm          the score without labels
//	eq. 10   anomem.Head             the score with labels
//	eq. 11   loss.HingeDistance      the hinge loss of an anomaly distance
//	eq. 12   loss.Supervised         stage two: eq. 11 over scales and batch
//	eq. 13   anomem.Merge            one score from those of the scales
//	sec. 5   anomem.Heatmap          where in an image it deviates
package anomem
