package main

func normKernels(f *file) {
	floor := []constant{{name: "floor", param: true}}
	for _, k := range []elementwise{
		{
			name: "normalizeNEON", params: "y, x, scale, shift []float32, rows, cols int, floor float32",
			in: "x scale shift", out: "y", channels: "scale shift", width: 4,
			doc:       "normalizeNEON sets y[r,c] = max(floor, fma(x[r,c], scale[c], shift[c])), the second\nunless the first is greater.",
			constants: floor,
			body: func(f *file, r regs) {
				v := r.slice["shift"]
				f.fmla(v, r.slice["x"], r.slice["scale"])
				atLeast(f, r.slice["y"], r.constant["floor"], v)
			},
		}, {
			name: "normalizeAddNEON", params: "y, x, residual, scale, shift []float32, rows, cols int, floor float32",
			in: "x residual scale shift", out: "y", channels: "scale shift", width: 4,
			doc:       "normalizeAddNEON sets y[r,c] = max(floor, fma(x[r,c], scale[c], shift[c]) + residual[r,c]),\nthe second unless the first is greater.",
			constants: floor,
			body: func(f *file, r regs) {
				v := r.slice["shift"]
				f.fmla(v, r.slice["x"], r.slice["scale"])
				f.fadd(v, v, r.slice["residual"])
				atLeast(f, r.slice["y"], r.constant["floor"], v)
			},
		}, {
			name: "normGradNEON", params: "dx, dy, x, gain, scale, shift []float32, rows, cols int",
			in: "dy x gain scale shift", out: "dx", channels: "gain scale shift", width: 4,
			doc: "normGradNEON sets dx[r,c] = fma(gain[c], dy[r,c], fma(scale[c], x[r,c], shift[c])).",
			body: func(f *file, r regs) {
				v := r.slice["dx"]
				f.mov(v, r.slice["shift"])
				f.fmla(v, r.slice["scale"], r.slice["x"])
				f.fmla(v, r.slice["gain"], r.slice["dy"])
			},
		},
	} {
		k.write(f)
	}
}

// atLeast emits d = floor > v ? floor : v.
func atLeast(f *file, d, floor, v vec) {
	f.fcmgt(d, floor, v)
	f.bsl(d, floor, v)
}
