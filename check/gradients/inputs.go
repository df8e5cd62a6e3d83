package gradients

import "anomem/autograd"

// The inputs are exact in float32, so that both types see the same numbers.

// smooth returns values in [-2, 2], in pseudo-random order.
func smooth[T autograd.Float](seed int, dims ...int) *autograd.Tensor[T] {
	return between[T](-2, 2, seed, dims...)
}

// positive returns values in [0.5, 2.5].
func positive[T autograd.Float](seed int, dims ...int) *autograd.Tensor[T] {
	return between[T](0.5, 2.5, seed, dims...)
}

func between[T autograd.Float](lo, hi float64, seed int, dims ...int) *autograd.Tensor[T] {
	t := autograd.New[T](dims...)
	for i := range t.Data() {
		t.Data()[i] = T(float32(lo + (hi-lo)*float64(hash(seed, i)%4096)/4096))
	}
	return t
}

// spread returns distinct values, in pseudo-random order, no two closer than 1/16 and
// none within 1/32 of a multiple of 1/16: the steps of a difference change neither
// their maxima nor their signs.
func spread[T autograd.Float](seed int, dims ...int) *autograd.Tensor[T] {
	t := autograd.New[T](dims...)
	data := t.Data()
	for i := range data {
		data[i] = (T(i-len(data)/2) + 0.5) / 16
	}
	for i := len(data) - 1; i > 0; i-- {
		j := int(hash(seed, i) % uint64(i+1))
		data[i], data[j] = data[j], data[i]
	}
	return t
}

// hash returns number i of a fixed pseudo-random sequence (splitmix64).
func hash(seed, i int) uint64 {
	z := uint64(seed)<<32 + uint64(i+1)*0x9e3779b97f4a7c15
	z = (z ^ z>>30) * 0xbf58476d1ce4e5b9
	z = (z ^ z>>27) * 0x94d049bb133111eb
	return z ^ z>>31
}
