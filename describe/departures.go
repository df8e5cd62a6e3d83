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
// docs/paper.md says why.
func Departures(m *anomem.Model) []string {
	list := modelDepartures(m.Config())
	if m.Template() != nil {
		list = append(list, "images are turned and moved as their part lies, and cut around it")
	}
	if c := m.Calibration(); c != nil {
		list = append(list, heldDeparture(len(c.Scores)))
	}
	if o, ok := Training(m); ok && o.Batch > 0 {
		list = append(list, trainingDepartures(m.Config(), o, m.Provenance().Known)...)
	}
	return list
}

// PlannedDepartures is Departures for a training that is to come, by numbers of known
// anomalies and of held-out images. The score of c is that of the model to be.
func PlannedDepartures(c anomem.Config, o train.Options, known, held int) []string {
	list := modelDepartures(c)
	if held > 0 {
		list = append(list, heldDeparture(held))
	}
	return append(list, trainingDepartures(c, o, known)...)
}

func heldDeparture(n int) string {
	return fmt.Sprintf("%s took no part in training and calibrate the score", normalImages(n))
}

// normalImages returns "1 normal image", "19 normal images".
func normalImages(n int) string {
	if n == 1 {
		return "1 normal image"
	}
	return fmt.Sprintf("%d normal images", n)
}

// modelDepartures lists where a configuration is not as the paper says.
func modelDepartures(c anomem.Config) []string {
	var list []string
	differs := func(yes bool, format string, args ...any) {
		if yes {
			list = append(list, fmt.Sprintf(format, args...))
		}
	}
	differs(c.Encoder.Stem != "imagenet", "encoder: a stem for small images, 3×3 without pooling")
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
	differs(c.Score.Has(anomem.ScoreHeads) && c.Head.Local, "heads: a distance for each of %d cells, of which the largest counts, not one for all", c.Head.Distances())
	differs(c.Score.Rotations && c.Score.Kind != anomem.ScoreSum, "score: against the image's rotated copies")
	differs(c.Score.Kind == anomem.ScoreSum, "score: a sum of %s", describeTerms(c.Score.Terms))
	differs(c.Score.Kind == anomem.ScoreSum && c.Score.Beside > 0, "score: that of heads, and %.3g times that sum", c.Score.Beside)
	differs(c.Score.Kind == anomem.ScoreHeads && c.Head.Paired(), "heads: two a scale, one for known anomalies and, with a weight of %.2g, one for rotated copies", c.Head.RotationWeight)
	differs(c.Score.Top != 1 && c.Score.Kind == anomem.ScoreCosine, "score: the mean of the top %g of the positions, not of all", c.Score.Top)
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
func trainingDepartures(c anomem.Config, o train.Options, known int) []string {
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
	few := known > 0 && known < train.FewDefects
	differs(few, "stage 1 trains on no known anomaly: heads alone learn fewer than %d", train.FewDefects)
	filled := o.Uncontrasted || o.Memoryless || o.Queue > 0 // after stage 1
	differs(o.Patterns == train.PatternsFeatures && !filled, "the patterns start as features of the first batches, not at random")
	differs(o.Patterns == train.PatternsKMeans && !filled, "the patterns start as k-means centres of the first batches' features, not at random")
	differs(len(o.Schedule) > 0, "stage 1: the learning rate rises, stays and falls by the time left, not by a cosine")
	differs(len(o.Schedule) == 0 && o.WarmUp > 0, "stage 1: the learning rate rises in the first %d epochs, or the first tenth of all steps, before the cosine", o.WarmUp)
	differs(o.FirstScale > 0, "stage 1: the first weights of convolutions are multiplied by %g", o.FirstScale)
	differs(o.Chunk < o.Batch, "norms take their statistics over at most %d rows, not over the batch", o.Chunk)
	differs(o.Memoryless, "stage 1 contrasts features themselves, without the memory")
	differs(o.Queue > 0, "stage 1 contrasts with a queue of %d features, not with the memory", o.Queue)
	differs(o.Batch != 1024, "batch %d, not 1024", o.Batch)
	differs(o.Loss.Contrast.Tau != 0.1, "τ %g, not 0.1", o.Loss.Contrast.Tau)
	differs(o.Loss.Contrast.Pair != loss.PairNTXent, "the loss of a pair is %v, not NT-Xent", o.Loss.Contrast.Pair)
	differs(o.Loss.Pooled, "negatives are all sampled locations, not those of the pair's own location")
	differs(o.Loss.LambdaV != 0.05, "λ_V %g, not 0.05", o.Loss.LambdaV)
	differs(o.Loss.Spread.Hinge != 0, "eq. 6 is hinged at %g; as printed it has no lower bound", o.Loss.Spread.Hinge)
	differs(o.Loss.Spread.PerRow, "eq. 6 takes the variance of a row over its channels, not of a channel over the batch")
	list = append(list, viewDepartures(o.Augment)...)
	if c.Score.Has(anomem.ScoreHeads) {
		list = append(list, headDepartures(o.Heads)...)
	}
	return list
}

// viewDepartures lists where the augmentation of views is not as the paper and SimCLR on
// CIFAR-10, which it cites for it, say. The paper names crops, mirror images, changes of brightness, contrast
// and saturation, blur and noise.
func viewDepartures(o augment.Options) []string {
	var list []string
	differs := func(yes bool, format string, args ...any) {
		if yes {
			list = append(list, "views: "+fmt.Sprintf(format, args...))
		}
	}
	differs(o.CropArea == [2]float64{}, "not cropped")
	differs(o.CropArea != [2]float64{} && o.CropArea != [2]float64{0.08, 1}, "crops of %g to %g of an image, not of 0.08 to 1", o.CropArea[0], o.CropArea[1])
	differs(o.Flip != 0.5, "mirrored with probability %g, not 0.5", o.Flip)
	differs(o.Turn > 0, "turned by quarters with probability %g", o.Turn)
	differs(o.Jitter != 0.8, "colours change with probability %g, not 0.8", o.Jitter)
	differs(o.Jitter > 0 && [3]float64{o.Brightness, o.Contrast, o.Saturation} != [3]float64{0.4, 0.4, 0.4}, "brightness, contrast and saturation change by up to %g, %g and %g, not by 0.4", o.Brightness, o.Contrast, o.Saturation)
	differs(o.Jitter > 0 && o.Hue > 0, "the hue changes by up to %g", o.Hue)
	differs(o.Grey > 0, "without colour with probability %g", o.Grey)
	differs(o.Blur == 0, "not blurred")
	differs(o.Blur > 0 && o.Blur != 0.5, "blurred with probability %g, not 0.5", o.Blur)
	differs(o.Blur > 0 && o.BlurSigma != [2]float64{0.1, 2}, "blurred by %g to %g pixels, not by 0.1 to 2", o.BlurSigma[0], o.BlurSigma[1])
	differs(o.Noise == 0, "without noise")
	return list
}

// headDepartures lists where the training of heads is not as the paper says.
func headDepartures(o train.HeadOptions) []string {
	var list []string
	differs := func(yes bool, format string, args ...any) {
		if yes {
			list = append(list, "heads: "+fmt.Sprintf(format, args...))
		}
	}
	differs(o.Margin != 2, "M %g, not 2", o.Margin)
	differs(o.Batch != 1024, "batch %d, not 1024", o.Batch)
	differs(true, "half of each batch is normal, however few anomalies there are")
	differs(true, "the channels of deviations are standardised")
	differs(true, "an epoch has at most %d steps", train.MostHeadSteps)
	differs(max(o.Views, o.KnownViews) > 1, "%d views of each image, %d of a located known anomaly", o.Views, max(o.Views, o.KnownViews))
	differs(len(o.Schedules) > 0, "the learning rate rises, stays and falls by the time left, not by a cosine")
	differs(len(o.Schedules) == 0, "the learning rate rises in the first epoch, or the first tenth of all steps, before the cosine")
	return list
}
