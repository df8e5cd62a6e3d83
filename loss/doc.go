// Package loss holds the training losses, one equation a file.
//
//	eq. 2        SimCLR          contrasts two views of a batch
//	eq. 4        Contrasted      the same, one view replaced by its retrievals
//	eq. 5        NTXent          the loss of one pair among all others
//	eq. 6        Variance        keeps the retrievals apart
//	eq. 7        MultiScale      eqs. 4 and 6 over scales and sampled positions
//	             GradMultiScale  its gradient, some positions at a time
//	eq. 11       HingeDistance   the hinge loss of an anomaly distance
//	eq. 12       Supervised      eq. 11 over scales and batch
//
// BarlowTwins and VICReg can replace NT-Xent, and a Queue of earlier features can replace
// the Hopfield memory.
//
// Shapes: B batch, C channels of a scale, P sampled positions. normal[k] is the paper's
// y_k = 1.
package loss
