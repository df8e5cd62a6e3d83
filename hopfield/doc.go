// Package hopfield is the memory layer: a modern Hopfield network that stores prototypes
// of normal features and answers a query with a mixture of them, weighted by similarity.
//
//	eq. 1   Retrieve     the memory's answer to a query
//	eq. 3   Mem          retrieval for the normal rows alone
//	eq. 8   Deviation    a feature less its retrieval
//
// Shapes: C channels of a scale, N stored patterns, any number of rows.
package hopfield
