package simd

// SGDNesterov makes one step of stochastic gradient descent with weight decay and
// Nesterov's momentum (as PyTorch's SGD with nesterov and no dampening) on the
// weights w and velocity v, given the gradient g:
//
//	d = g + weightDecay·w
//	v = d + momentum·v
//	w = w - lr·(d + momentum·v)
//
// each by fma. It panics if the lengths differ.
func SGDNesterov[T Float](w, g, v []T, lr, momentum, weightDecay T) {
	sameLen3("SGDNesterov", w, g, v)
	if is32[T]() {
		w, g, v := as32(w), as32(g), as32(v)
		lr, mu, wd := float32(lr), float32(momentum), float32(weightDecay)
		for len(w) > span {
			active.sgdNesterov(w[:span], g[:span], v[:span], lr, mu, wd)
			w, g, v = w[span:], g[span:], v[span:]
		}
		active.sgdNesterov(w, g, v, lr, mu, wd)
		return
	}
	for i, d := range g {
		d += T(weightDecay * w[i])
		v[i] = d + T(momentum*v[i])
		d += T(momentum * v[i])
		w[i] -= T(lr * d)
	}
}

func sgdNesterovGo(w, g, v []float32, lr, momentum, weightDecay float32) {
	for i, d := range g {
		d = FMA32(weightDecay, w[i], d)
		u := FMA32(momentum, v[i], d)
		d = FMA32(momentum, u, d)
		v[i] = u
		w[i] = FMA32(-lr, d, w[i])
	}
}
