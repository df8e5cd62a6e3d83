// Package eval measures how well scores separate anomalies from normal images, for a model
// and for the baselines that it is compared with. Package report, below it, draws charts,
// tables and pages; package protocol plans and makes runs of detectors.
//
// Metrics take scores, higher for what is more anomalous, and for each whether it is an
// anomaly's. A threshold flags the scores above it, never those equal to it, as
// anomem.Calibration does.
//
// Metrics are float64 and feed no score. They use gonum and the standard library's
// functions, and their last bits may differ between architectures, except for counts of
// pairs and pixels, which are exact.
package eval
