// Package optim updates parameters by stochastic gradient descent with Nesterov's
// momentum, and schedules the learning rate.
package optim
