// Package optim changes parameters by their gradients: stochastic gradient descent
// with Nesterov's momentum, and the schedule of its learning rate.
package optim
