package align

import "math"

// Turns is the number of units of angle in a full turn.
const Turns = 1 << turnBits

const turnBits = 14

// halves[k] is the cosine and sine of a full turn divided by 2 to the k.
var halves = func() (h [turnBits + 1][2]float64) {
	h[0], h[1], h[2] = [2]float64{1, 0}, [2]float64{-1, 0}, [2]float64{0, 1}
	for k := 3; k <= turnBits; k++ {
		c := math.Sqrt((1 + h[k-1][0]) / 2)
		h[k] = [2]float64{c, h[k-1][1] / (2 * c)}
	}
	return h
}()

// circle returns the cosine and the sine of an angle, by square roots and products alone,
// which have the same bits on every machine.
func circle(turn int) (cos, sin float64) {
	cos, sin = 1, 0
	for k := turnBits; turn != 0 && k > 0; k, turn = k-1, turn>>1 {
		if turn&1 == 1 {
			c, s := halves[k][0], halves[k][1]
			cos, sin = float64(cos*c)-float64(sin*s), float64(cos*s)+float64(sin*c)
		}
	}
	return cos, sin
}

// rotate returns (x, y) turned by the angle with this cosine and sine.
func rotate(cos, sin, x, y float64) (float64, float64) {
	return float64(cos*x) - float64(sin*y), float64(sin*x) + float64(cos*y)
}

// normal returns an angle as one from 0 to Turns-1.
func normal(turn int) int { return turn & (Turns - 1) }

// A Pose says how a part lies in an image: what the template has at p is at p turned by Turn
// and then moved by (X, Y).
type Pose struct {
	Turn int // 0 to Turns-1
	X, Y float64
}

// at returns where in the image the template's place (x, y) is.
func (p Pose) at(x, y float64) (float64, float64) {
	cos, sin := circle(p.Turn)
	x, y = rotate(cos, sin, x, y)
	return x + p.X, y + p.Y
}
