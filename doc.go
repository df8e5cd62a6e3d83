// Package anomem learns what normal images look like and scores how far a new image
// deviates, with a map of where.
//
// It implements Multi-scale Contrastive Memory (AnoMem). The paper's equations are
// one function each:
//
//	eq. 1    hopfield.Retrieve       what a memory returns for a feature
//	eq. 2    loss.SimCLR             two views of a batch, contrasted
//	eq. 3    hopfield.Mem            retrieval for the normal rows alone
//	eq. 4    loss.Contrasted         a view and the other one's prototypes, contrasted
//	eq. 5    loss.NTXent             one pair against all others
//	eq. 6    loss.Variance           keeps the prototypes apart
//	eq. 7    loss.MultiScale         stage one: eqs. 4 and 6 over scales and positions
//	eq. 8    hopfield.Deviation      a feature less what it calls up
//	eq. 9    anomem.MapNorm          the score without labels
//	eq. 10   anomem.Head             the score with labels
//	eq. 11   loss.HingeDistance      an anomaly distance against its label
//	eq. 12   loss.Supervised         stage two: eq. 11 over scales and batch
//	eq. 13   anomem.Merge            the scales' scores as one
//	sec. 5   anomem.Heatmap          where in an image it deviates
package anomem
