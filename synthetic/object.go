package synthetic

import "anomem/nn/rng"

// foreign is another object than a bracket, as large and in the same materials.
type foreign struct {
	name    string
	outline shape
	coat    shape
}

// drawForeign draws an object that is not a bracket.
func drawForeign(r *rng.Stream) foreign {
	radius := func(at float64) shape { return disc(0, 0, at) }
	switch r.IntN(7) {
	case 0:
		bar := box(0, 0, 0.17, 0.95, 0.04)
		teeth := union(bar, rotated(bar, 0, 1), rotated(bar, cos45, cos45), rotated(bar, cos45, -cos45))
		teeth = rotated(teeth, cos22, sin22)
		return foreign{"gear", without(union(teeth, radius(0.68)), radius(0.24)), radius(0.45)}
	case 1:
		hexagon := polygon([][2]float64{{1, 0}, {-1, 0}, {sin30, cos30}, {-sin30, -cos30}, {sin30, -cos30}, {-sin30, cos30}}, 0.80)
		return foreign{"nut", without(hexagon, radius(0.36)), radius(0.56)}
	case 2:
		bar := box(0, 0, 0.30, 0.92, 0.1)
		cross := union(bar, rotated(bar, 0, 1))
		return foreign{"cross", rotated(cross, cos45, sign(r)*cos45), radius(0.40)}
	case 3:
		return foreign{"ring", without(radius(0.90), radius(between(r, 0.42, 0.52))), radius(0.70)}
	case 4:
		head := func(v float64) shape { return disc(0, v, 0.44) }
		jaws := union(box(0, -0.85, 0.17, 0.38, 0), box(0, 0.85, 0.17, 0.38, 0))
		spanner := without(union(box(0, 0, 0.24, 0.6, 0), head(-0.66), head(0.66)), jaws)
		band := func(_, v float64) float64 { return mul(v, v) - 0.2 }
		s := sign(r)
		return foreign{"spanner", rotated(spanner, cos45, s*cos45), rotated(band, cos45, s*cos45)}
	case 5:
		triangle := polygon([][2]float64{{0, -1}, {cos30, sin30}, {-cos30, sin30}}, 0.56)
		coat := polygon([][2]float64{{0, -1}, {cos30, sin30}, {-cos30, sin30}}, 0.36)
		return foreign{"triangle", without(triangle, radius(0.2)), coat}
	default:
		s := sign(r)
		return foreign{"crescent", without(radius(0.92), disc(mul(s, 0.42), -0.1, 0.56)), radius(0.75)}
	}
}
