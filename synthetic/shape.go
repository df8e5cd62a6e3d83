package synthetic

import "math"

// shape returns the distance of a point from an outline, negative inside. Lengths are in
// units of the object, whose half height is about 0.9. v points down.
type shape func(u, v float64) float64

func disc(cu, cv, r float64) shape {
	return func(u, v float64) float64 { return length(u-cu, v-cv) - r }
}

// box returns a rectangle about (cu, cv) with half sides hu and hv and corners of radius r.
// Its distance is exact.
func box(cu, cv, hu, hv, r float64) shape {
	return func(u, v float64) float64 {
		a, b := math.Abs(u-cu)-hu+r, math.Abs(v-cv)-hv+r
		return length(max(a, 0), max(b, 0)) + min(max(a, b), 0) - r
	}
}

// polygon returns the polygon with sides at distance r from the centre, given their normals.
func polygon(normals [][2]float64, r float64) shape {
	return func(u, v float64) float64 {
		d := math.Inf(-1)
		for _, n := range normals {
			d = max(d, mul(u, n[0])+mul(v, n[1])-r)
		}
		return d
	}
}

func union(s ...shape) shape {
	return func(u, v float64) float64 {
		d := s[0](u, v)
		for _, f := range s[1:] {
			d = min(d, f(u, v))
		}
		return d
	}
}

// without returns s less the holes.
func without(s shape, holes ...shape) shape {
	return func(u, v float64) float64 {
		d := s(u, v)
		for _, f := range holes {
			d = max(d, -f(u, v))
		}
		return d
	}
}

// rotated returns s, turned.
func rotated(s shape, cos, sin float64) shape {
	return func(u, v float64) float64 {
		return s(mul(cos, u)+mul(sin, v), mul(cos, v)-mul(sin, u))
	}
}

const (
	cos30, sin30 = 0.8660254037844386, 0.5
	cos45        = 0.7071067811865476
	cos22, sin22 = 0.9238795325112867, 0.3826834323650898
)
