package main

import (
	"github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

func sgd(g *gen) {
	g.begin("sgdNesterov", "(w, g, v []float32, lr, momentum, weightDecay float32)",
		"for i, d := range g { d = fma(weightDecay, w[i], d); v[i] = fma(momentum, v[i], d)",
		"d = fma(momentum, v[i], d); w[i] = fma(-lr, d, w[i]) }")
	n := g.length("g")
	ptrs := []reg.Register{g.base("w"), g.base("g"), g.base("v")}
	lr, mu, wd := g.scalar("lr"), g.scalar("momentum"), g.scalar("weightDecay")
	g.stream(2, n, ptrs, func(at []operand.Mem, m mask) {
		w, d, v := g.load(at[0], m), g.load(at[1], m), g.load(at[2], m)
		g.VFMADD231PS(w, wd, d)
		g.VFMADD213PS(d, mu, v)
		g.VFMADD231PS(v, mu, d)
		g.VFNMADD231PS(d, lr, w)
		g.store(v, at[2], m)
		g.store(w, at[0], m)
	})
	g.end()
}
