// Package learn trains the networks of detectors, each of which adds its own network and
// loss.
//
//	images    a source's images, shrunk to squares
//	order     which of them a step takes
//	views     what a step sees of them
//	moves     images that are turned and shifted, and the heads that tell how
//	training  steps within a budget of time, or a given number of them
//	contrast  the loss of steps as SimCLR makes them
//	snapshot  a network as it was
//	scoring   a trained network's answers, for any number of goroutines
//
// A step's order and views depend on the seed and on its number alone. With a given number
// of steps, the values after training are the same bits for any number of threads and on
// every CPU.
package learn
