package describe

import (
	"fmt"
	"strings"

	"anomem"
	"anomem/loss"
	"anomem/train"
	"anomem/train/augment"
)

// Departures lists where a model is not as section 4.2 of the paper says, a phrase each.
func Departures(m *anomem.Model) []string {
	var list []string
	differs := func(yes bool, format string, args ...any) {
		if yes {
			list = append(list, fmt.Sprintf(format, args...))
		}
	}
	c := m.Config()
	differs(c.Encoder.Depth != 50 || c.Encoder.Width != 1, "encoder: ResNet-%d of width %g, not ResNet-50", c.Encoder.Depth, c.Encoder.Width)
	differs(c.Input.Tile > 0, "images are cut into tiles")
	for i, want := range []anomem.ScaleConfig{{Stage: 3, Patterns: 512, Ratio: 0.3, Lambda: 1}, {Stage: 4, Patterns: 256, Ratio: 1, Lambda: 2}} {
		if i >= len(c.Scales) {
			differs(true, "scale %d is missing", i+1)
			continue
		}
		is := c.Scales[i]
		differs(is.Stage != want.Stage, "scale %d: the map after stage %d, not %d", i+1, is.Stage, want.Stage)
		differs(is.Patterns != want.Patterns, "scale %d: %d patterns, not %d", i+1, is.Patterns, want.Patterns)
		differs(is.Ratio != want.Ratio, "scale %d: a share of %g of the positions, not %g", i+1, is.Ratio, want.Ratio)
		differs(is.Lambda != want.Lambda, "scale %d: λ %g, not %g", i+1, is.Lambda, want.Lambda)
	}
	differs(c.Memory.Beta != 2, "memory: β %g, not 2", c.Memory.Beta)
	differs(c.Memory.Similarity != "none", "memory: similarity %s; eq. 1 as printed compares features as they are", c.Memory.Similarity)
	differs(c.Memory.Updates != 0, "memory: %d updates, not until convergence", c.Memory.Updates)
	differs(c.Score.Kind == anomem.ScoreCosine, "score: cosine deviation, not eq. 9's length")
	differs(c.Score.Kind == anomem.ScoreHeads && c.Head.Local, "heads: a distance for each of %d cells, of which the largest counts, not one for all", c.Head.Distances())
	differs(c.Score.Rotations && c.Score.Kind != anomem.ScoreSum, "score: against the image's rotated copies")
	differs(c.Score.Kind == anomem.ScoreSum, "score: a sum of %s", describeTerms(c.Score.Terms))
	differs(c.Score.Kind == anomem.ScoreHeads && c.Head.Paired(), "heads: two a scale, one for known anomalies and, with a weight of %.2g, one for rotated copies", c.Head.RotationWeight)
	differs(c.Score.Top != 1 && c.Score.Kind == anomem.ScoreCosine, "score: the mean of the top %g of the positions, not of all", c.Score.Top)
	if o, ok := Training(m); ok && o.Batch > 0 {
		list = append(list, trainingDepartures(o, m.Provenance().Known)...)
	}
	return list
}

// describeTerms names the terms of a score, with their weights at each scale.
func describeTerms(terms []anomem.Term) string {
	var all []string
	for _, t := range terms {
		var weights []string
		for _, w := range t.Weight {
			weights = append(weights, fmt.Sprintf("%.2f", w))
		}
		all = append(all, fmt.Sprintf("%s (%s)", t.Kind, strings.Join(weights, ", ")))
	}
	return strings.Join(all, ", ")
}

// trainingDepartures lists where options of training, with a number of known anomalies, are
// not as the paper says.
func trainingDepartures(o train.Options, known int) []string {
	var list []string
	differs := func(yes bool, format string, args ...any) {
		if yes {
			list = append(list, fmt.Sprintf(format, args...))
		}
	}
	differs(o.Freeze, "the encoder is one trained before; stage 1 only fills the memories with its features")
	differs(o.Turn > 0, "stage 1 tells quarter turns apart, with a weight of %g", o.Turn)
	differs(o.Uncontrasted, "stage 1 leaves eq. 7 out; memories are filled from features of the trained encoder")
	differs(o.Joint > 0 && (o.Turn == 0 || known >= train.FewDefects), "stage 1 trains heads, too, with a weight of %g", o.Joint)
	differs(o.Known > 0 && known >= train.FewDefects, "stage 1 passes over known anomalies until they are a share of %g of its images", o.Known)
	differs(o.Shift != augment.None, "self-labelled anomalies: %v", o.Shift)
	differs(o.Patterns != train.PatternsFeatures, "the patterns start as %s", o.Patterns)
	differs(o.Queue > 0, "stage 1 contrasts with a queue of %d features, not with the memory", o.Queue)
	differs(o.Batch != 1024, "batch %d, not 1024", o.Batch)
	differs(o.Loss.Contrast.Tau != 0.1, "τ %g, not 0.1", o.Loss.Contrast.Tau)
	differs(o.Loss.Contrast.Pair != loss.PairNTXent, "the loss of a pair is %v, not NT-Xent", o.Loss.Contrast.Pair)
	differs(o.Loss.Pooled, "negatives are all sampled locations, not those of the pair's own location")
	differs(o.Loss.LambdaV != 0.05, "λ_V %g, not 0.05", o.Loss.LambdaV)
	differs(o.Loss.Spread.Hinge != 0, "eq. 6 is hinged at %g; as printed it has no lower bound", o.Loss.Spread.Hinge)
	differs(o.Loss.Spread.PerRow, "eq. 6 takes the variance of a row over its channels, not of a channel over the batch")
	differs(o.Heads.Margin != 2, "M %g, not 2", o.Heads.Margin)
	return list
}
