package train

import (
	"anomem"
	"anomem/train/augment"
)

// FewDefects is the number of known anomalies from which on stage 1 sees them. Fewer are
// cross-validated, leaving one out, which would tell nothing if the encoder had been trained
// on it.
const FewDefects = 20

// paired tells whether known anomalies and rotated copies have heads of their own. Where one
// head learns both, its distance cannot be held against an image's rotated copies: of known
// anomalies it says nothing there. On CIFAR-10's automobile, a model of four epochs that has
// 83.2 AUROC came to 73.8, 75.3 and 84.4 by a refit on 5, 19 and 100 known anomalies with one
// head a scale, and to 82.9, 83.6 and 88.1 with two (validated on the training split).
func paired(c anomem.HeadConfig, o Options, known int) bool {
	return known > 0 && o.Rotations && o.Shift.Rotates() && !c.Local
}

// rotationWeight is that of the heads for rotated copies: what these say counts as much as some
// known anomalies do, the less, the more of them there are. Of 5, 19 and 210 known anomalies
// of CIFAR-10's automobile the best of the weights 0.25, 0.5, 0.75, 1, 1.5, 2 and 4 are 0.75,
// 0.5 and 0.25 (85.3, 87.7 and 92.9 AUROC, validated on the training split).
func rotationWeight(known int) float64 {
	const worth = 30
	return worth / float64(worth+known)
}

// headShift is the shift of the copies that heads are trained on beside a number of known
// anomalies: heads that see many, and no others beside them, learn less from both.
func headShift(c anomem.HeadConfig, o Options, known int) augment.Shift {
	if known >= FewDefects && !paired(c, o, known) {
		return augment.None
	}
	return o.Shift
}
