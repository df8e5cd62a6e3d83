package augment

import (
	"math"
	"testing"

	"anomem/imageio"
)

// TestBlur holds the filter against the product of two Gaussians, summed directly over
// all neighbours in float64.
//
// In float32, a pass of T taps over values of at most M rounds T times, its weights and
// their sum are off by 2 + |exponent| and T units in the last place; exponents of
// weight are 1/2 on average.
func TestBlur(t *testing.T) {
	var table imageio.NormTable
	table.Set(imagenet)
	for _, size := range []int{1, 2, 7, 24} {
		for _, sigma := range []float64{0.1, 0.5, 1, 2, 7.3} {
			pix := picture(size, size, 8).Pix
			got := make([]float32, len(pix))
			new(blur).apply(got, pix, size, size, sigma, &table)

			radius := min(int(math.Ceil(3*sigma)), size-1)
			weight := make([]float64, radius+1)
			sum := 0.0
			for k := -radius; k <= radius; k++ {
				weight[max(k, -k)] = math.Exp(-float64(k*k) / (2 * sigma * sigma))
				sum += weight[max(k, -k)]
			}
			largest := 0.0
			for c := range 3 {
				largest = max(largest, math.Abs(float64(table[c][0])), math.Abs(float64(table[c][255])))
			}
			taps := float64(2*radius + 1)
			bound := 2 * (2*taps + 4) * 0x1p-24 * largest
			inside := func(y int) int { return int(math.Abs(float64(size - 1 - int(math.Abs(float64(size-1-y)))))) }
			for i := range got {
				x, y, c := i/3%size, i/3/size, i%3
				want := 0.0
				for dy := -radius; dy <= radius; dy++ {
					for dx := -radius; dx <= radius; dx++ {
						p := pix[3*(inside(y+dy)*size+inside(x+dx))+c]
						want += weight[max(dy, -dy)] * weight[max(dx, -dx)] / (sum * sum) * float64(table[c][p])
					}
				}
				if math.Abs(float64(got[i])-want) > bound {
					t.Fatalf("size %d, σ %g, value %d: %g, want %g ± %g", size, sigma, i, got[i], want, bound)
				}
			}
		}
	}
}
