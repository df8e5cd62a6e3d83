// Package loss holds what training minimises, one equation a file.
//
//	eq. 2        SimCLR          two views of a batch, contrasted
//	eq. 4        Contrasted      the same, one view replaced by its prototypes
//	eq. 5        NTXent          the loss of one pair among all others
//	eq. 6        Variance        keeps the prototypes apart
//	eq. 7        MultiScale      eqs. 4 and 6 over scales and sampled positions
//	             GradMultiScale  its gradient, some positions at a time
//	eq. 11       HingeDistance   an anomaly distance against its label
//	eq. 12       Supervised      eq. 11 over scales and batch
//
// BarlowTwins and VICReg can take the place of NT-Xent, and a Queue of earlier
// features that of the Hopfield memory.
//
// Shapes: B batch, C channels of a scale, P sampled positions. normal[k] is the
// paper's y_k = 1.
package loss
