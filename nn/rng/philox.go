package rng

import "math/bits"

// philox computes the block function of Philox4x32-10: for each key, a permutation of
// the 2¹²⁸ counters.
func philox(ctr [4]uint32, key [2]uint32) [4]uint32 {
	const (
		m0, m1 = 0xd2511f53, 0xcd9e8d57 // multipliers
		w0, w1 = 0x9e3779b9, 0xbb67ae85 // steps of the key: the golden ratio, √3-1
	)
	for range 10 {
		hi0, lo0 := bits.Mul32(m0, ctr[0])
		hi1, lo1 := bits.Mul32(m1, ctr[2])
		ctr = [4]uint32{hi1 ^ ctr[1] ^ key[0], lo1, hi0 ^ ctr[3] ^ key[1], lo0}
		key[0] += w0
		key[1] += w1
	}
	return ctr
}
