package train

import (
	"context"
	"fmt"
	"hash/fnv"
	"math"
	"testing"

	"anomem/nn"
	"anomem/simd"
)

// TestGoldenModel compares what a whole training learns, both stages and the calibration,
// with stored bits, at every level with assembly that the machine runs, or in plain Go where
// there is none: that takes longer than all the others, and gives the same bits in every
// build. A change of these bits must be deliberate.
func TestGoldenModel(t *testing.T) {
	t.Run("contrasted", func(t *testing.T) {
		testGoldenModel(t, "a656c97daf8785dc", func() *Run { return smallRun(t, withDefects(12, 2)) })
	})
	t.Run("turns", func(t *testing.T) {
		testGoldenModel(t, "573708e3620cc9c6", func() *Run { return turnsRun(t, 3) })
	})
	t.Run("places", func(t *testing.T) {
		testGoldenModel(t, "91af79c31da2dd6b", func() *Run { return placesRun(t) })
	})
	t.Run("texture", func(t *testing.T) {
		testGoldenModel(t, "572870d9b28dd2d3", func() *Run { return textureRun(t) })
	})
}

func testGoldenModel(t *testing.T, want string, fresh func() *Run) {
	was := simd.Level()
	defer func() {
		if err := simd.Use(was); err != nil {
			t.Error(err)
		}
	}()
	for _, level := range simd.Levels() {
		t.Run(level.Name, func(t *testing.T) {
			if len(level.Missing) > 0 {
				t.Skipf("this CPU lacks %v", level.Missing)
			}
			if level.Name == "purego" && was != "purego" {
				t.Skip("plain Go trains in builds with the tag purego")
			}
			if err := simd.Use(level.Name); err != nil {
				t.Fatal(err)
			}
			m, err := fresh().Train(context.Background(), nil)
			if err != nil {
				t.Fatal(err)
			}
			h := fnv.New64a()
			for _, e := range nn.Entries(m.Parts(), "") {
				for _, v := range e.Tensor.Data() {
					fmt.Fprintln(h, math.Float32bits(v))
				}
			}
			for _, s := range m.Calibration().Scores {
				fmt.Fprintln(h, math.Float64bits(s))
			}
			if got := fmt.Sprintf("%016x", h.Sum64()); got != want {
				t.Errorf("digest %s, want %s", got, want)
			}
		})
	}
}
