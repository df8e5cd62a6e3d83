// Package hopfield is the memory layer: a modern Hopfield network that holds
// prototypes of what is normal and answers a query with the mixture of them that
// the query calls up.
//
//	eq. 1   Retrieve     what the memory returns
//	eq. 3   Mem          retrieval for the normal rows alone
//	eq. 8   Deviation    how far a feature is from what it calls up
//
// Shapes: C channels of a scale, N stored patterns, any number of rows.
package hopfield
