// Package protocol measures detectors by the protocols of the paper's section 4 and of
// industrial sets, in runs that can be spread over machines, stopped and merged.
//
//	g := protocol.Grid{Protocol: protocol.OneVsAll, Data: protocol.Data{Path: "cifar10"}, Detectors: []string{"pca", "anomem"}, Gammas: []float64{0, 0.05}, Draws: 1, Seeds: 2}
//	plan, err := g.Plan()
//	outcome, err := (&protocol.Runner{Dir: "out"}).Run(ctx, plan)
//	results, err := protocol.ReadResults("out")
//	tables := protocol.Tables(results, "")
//
// A [Run] says all that its [Result] follows from, so that the same run gives the same
// bytes on every machine: the data, the detector, and the seeds. A run within a budget of
// time is the exception, because a faster machine makes more steps.
//
// # Protocols
//
// one-vs-all takes each class of a set for normal in turn, and all others for anomalies. A
// share γ of known anomalies may be drawn among what is trained on.
//
// ood takes one set, or some classes of it, for normal, and other sets, or its other
// classes, for anomalies.
//
// folder takes an industrial set, of one object or several, each with normal images to train
// on, and normal images and defects to test on. It measures heatmaps, too, where there are
// masks.
//
// cross-type takes each kind of anomalies in turn for one that no known anomaly is of, and tests
// on that kind alone; without known anomalies, on all kinds. The scores of the images of a
// group, such as the frames of a video, are averaged.
//
// sweep is one-vs-all with each of some values of a setting: what AUROC owes to it.
//
// ablation is one-vs-all with the project's model changed: the rows of the paper's table 4b.
//
// In data without a test split, three tenths of the normal images and all anomalies that were
// not drawn are tested on.
//
// # Folders
//
// A folder of results has plan.json, a list with a run a line; results, with a file for each
// run that is done; details, with what a page shows beside some of them; and logs. A result is written as a whole or not at all, and never
// replaced.
package protocol
