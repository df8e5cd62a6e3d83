// Package serve answers HTTP requests with the scores of models: an http.Handler that a
// program can mount, and the command serves alone.
//
// POST /v1/score takes an image, or several as multipart/form-data, and answers what the
// command's score --json prints. The routes below /v2 are those of the Open Inference Protocol
// (REST), with its binary tensor extension. GET /metrics is in Prometheus' text format, and
// GET /openapi.json describes all of them.
//
// GET / is a page to drop images on, if Options.Page says so. Where Options.Labels is a folder,
// clients mark images as normal or as a defect (/v1/labels), and where Options.Refit allows it,
// refit the models of Files on the marks (/v1/refit), use the result and put former models back
// (/v1/models/{model}/history).
//
// Images of all clients are scored together, in batches, with the same bits as alone. What a
// request may take is bounded by Limits, and refused before memory is spent.
//
// Images are read by package imageio: in the formats that the program registers with package
// image.
package serve
