package heat

import (
	"math"
	"testing"

	"anomem/imageio"
)

// A blur by its definition: a sum over all cells of a plane that continues as its mirror image.
func TestSmooth(t *testing.T) {
	const n, sigma = 9, 60. // 2.41 pixels here: the distribution reaches beyond a whole mirror image
	m := &imageio.Map{W: n, H: n, Value: make([]float32, n*n)}
	for i := range m.Value {
		m.Value[i] = float32(i * i % 17)
	}
	s := sigma * n / 224
	r := int(4*s + 0.5)
	at := func(y int) int {
		for y < 0 || y >= n {
			if y < 0 {
				y = -1 - y
			} else {
				y = 2*n - 1 - y
			}
		}
		return y
	}
	got := Smooth(m, n, sigma)
	for i, v := range got.Value {
		var sum, weights float64
		for dy := -r; dy <= r; dy++ {
			for dx := -r; dx <= r; dx++ {
				w := math.Exp(-float64(dy*dy+dx*dx) / (2 * s * s))
				weights += w
				sum += w * float64(m.Value[at(i/n+dy)*n+at(i%n+dx)])
			}
		}
		if math.Abs(float64(v)-sum/weights) > 1e-5*sum/weights {
			t.Errorf("cell %d is %v, want %v", i, v, sum/weights)
		}
	}
}

// A sigma of 0 only enlarges.
func TestSmoothNot(t *testing.T) {
	m := &imageio.Map{W: 2, H: 2, Value: []float32{1, 2, 3, 4}}
	want := m.Resize(8, 8)
	for i, v := range Smooth(m, 8, 0).Value {
		if v != want.Value[i] {
			t.Errorf("cell %d is %v, want %v", i, v, want.Value[i])
		}
	}
}

func TestSigma(t *testing.T) {
	for sigma, want := range map[float64]bool{0: true, 4: true, 224: true, -0.1: false, 224.1: false, math.Inf(1): false} {
		if Sigma(sigma) != want {
			t.Errorf("sigma %v: %t", sigma, !want)
		}
	}
	if Sigma(math.NaN()) {
		t.Error("sigma NaN")
	}
}
