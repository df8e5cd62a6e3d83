// Package optim updates parameters by stochastic gradient descent with Nesterov's
// momentum or by Adam, and schedules the learning rate.
package optim
