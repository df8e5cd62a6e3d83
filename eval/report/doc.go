// Package report draws how well a detector separates anomalies: charts of scores and of
// training, heatmaps over pictures, and a page that shows everything together.
package report
