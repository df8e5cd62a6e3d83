package train

import (
	"anomem"
	"anomem/train/augment"
)

// FewDefects is the number of known anomalies from which on stage 1 trains on them. Fewer
// are cross-validated, leaving one out at a time, which would tell nothing if the encoder
// had been trained on it.
const FewDefects = 20

// paired reports whether known anomalies and rotated copies have heads of their own. A
// single head that learns both cannot be compared across an image's rotated copies, because
// its distance there says nothing about known anomalies. On CIFAR-10's automobile, a model
// of four epochs has 83.2 AUROC. A refit on 5, 19 and 100 known anomalies took it to 73.8,
// 75.3 and 84.4 with one head a scale, and to 82.9, 83.6 and 88.1 with two (validated on
// the training split).
func paired(c anomem.HeadConfig, o Options, known int) bool {
	return known > 0 && o.Turn == 0 && o.Rotations && o.Shift.Rotates() && !c.Local
}

// rotationWeight returns the weight of the heads for rotated copies. They count as much as
// a fixed number of known anomalies, so that their share falls as more are known. Of the
// weights 0.25, 0.5, 0.75, 1, 1.5, 2 and 4, the best ones for 5, 19 and 210 known anomalies
// of CIFAR-10's automobile are 0.75, 0.5 and 0.25 (85.3, 87.7 and 92.9 AUROC, validated on
// the training split).
func rotationWeight(known int) float64 {
	const worth = 30
	return worth / float64(worth+known)
}

// headShift returns the shift of the copies that heads are trained on beside the given
// number of known anomalies. A single head a scale learns less from many known anomalies
// and copies together, so it gets no copies then.
func headShift(c anomem.HeadConfig, o Options, known int) augment.Shift {
	if o.Turn > 0 || known >= FewDefects && !paired(c, o, known) {
		return augment.None
	}
	return o.Shift
}

// againstCopies reports whether heads of c are compared across an image's rotated copies.
// Beside turns and densities, which are means over these, they are not.
func againstCopies(c anomem.Config) bool {
	switch c.Score.Kind {
	case anomem.ScoreSum, anomem.ScoreTurns, anomem.ScoreDensity:
		return false
	}
	return c.Score.Rotations
}
