// Package eval tells how good scores are, against what, and shows it.
//
// Metrics take scores, higher for what deviates more, and say of each whether it is
// an anomaly. Everywhere a threshold flags the scores above it, never those equal to
// it, as anomem.Calibration does. Comparators are what anybody would try first; a
// result is worth what it has over them. Overlay and Strip draw where an image
// deviates, and Report is the page that shows everything together.
//
// What is computed here judges scores and never feeds them: it is float64, uses
// gonum and the standard library's functions, and its last bits may differ between
// architectures, but for counts of pairs and pixels, which are exact.
package eval
