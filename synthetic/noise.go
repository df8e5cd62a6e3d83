package synthetic

import "math"

// hash mixes a seed and two numbers to 64 bits, each of which depends on all bits of the
// arguments (the finaliser of MurmurHash3).
func hash(seed uint64, x, y int) uint64 {
	h := seed ^ uint64(x)*0x9e3779b97f4a7c15 ^ uint64(y)*0xc2b2ae3d27d4eb4f
	h = (h ^ h>>33) * 0xff51afd7ed558ccd
	h = (h ^ h>>33) * 0xc4ceb9fe1a85ec53
	return h ^ h>>33
}

// uniform returns the hash as a number of [-1, 1).
func uniform(seed uint64, x, y int) float64 {
	return float64(int64(hash(seed, x, y))>>11) * 0x1p-52
}

// noise returns value noise: random numbers of [-1, 1) at whole coordinates, with a smooth
// surface between them.
func noise(seed uint64, x, y float64) float64 {
	fx, fy := math.Floor(x), math.Floor(y)
	i, j := int(fx), int(fy)
	tx, ty := x-fx, y-fy
	tx = mul(mul(tx, tx), 3-mul(2, tx))
	ty = mul(mul(ty, ty), 3-mul(2, ty))
	return lerp(
		lerp(uniform(seed, i, j), uniform(seed, i+1, j), tx),
		lerp(uniform(seed, i, j+1), uniform(seed, i+1, j+1), tx), ty)
}

// grain returns three nearly normal numbers of mean 0 and variance 1, each the scaled sum of
// four 5-bit numbers.
func grain(seed uint64, x, y int) (a, b, c float64) {
	h := hash(seed, x, y)
	four := func(h uint64) float64 {
		// A number from 0 to 31 has mean 31/2 and variance (32²-1)/12 = 85¼.
		return float64(int(h&31+h>>5&31+h>>10&31+h>>15&31)-62) / 18.466185312619388
	}
	return four(h), four(h >> 20), four(h >> 40)
}
