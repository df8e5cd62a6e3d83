package losstest

import (
	"testing"

	"anomem/simd"
)

func TestChecks(t *testing.T) {
	count := map[string]int{}
	for _, c := range Checks() {
		count[c.Family]++
		if err := c.Run(); err != nil {
			t.Errorf("%s: %s: %v", c.Family, c.Name, err)
		}
	}
	for _, family := range []string{"equations/float64", "equations/float32"} {
		if count[family] < 250 {
			t.Errorf("%s: %d checks", family, count[family])
		}
	}
	t.Logf("%s: %v", simd.Level(), count)
}
