package autograd

import (
	"math/rand/v2"
	"runtime"
	"testing"
)

// TestBlocksDoNotOverlap takes and gives back at random: no element is in two blocks
// at once, and when all are back each chunk is one free block again.
func TestBlocksDoNotOverlap(t *testing.T) {
	type held struct {
		s []float32
		b block
		v float32
	}
	rng := rand.New(rand.NewPCG(1, 2))
	var a blocks[float32]
	var all []held
	for i := range 20000 {
		if len(all) > 0 && rng.IntN(100) < 49 {
			k := rng.IntN(len(all))
			h := all[k]
			for _, v := range h.s {
				if v != h.v {
					t.Fatalf("step %d: a block of %d was written through another", i, len(h.s))
				}
			}
			a.giveBack(h.b)
			all[k] = all[len(all)-1]
			all = all[:len(all)-1]
			continue
		}
		s, b := a.lend(rng.IntN(1000) * rng.IntN(3))
		for k := range s {
			s[k] = float32(i)
		}
		all = append(all, held{s, b, float32(i)})
	}
	for _, h := range all {
		a.giveBack(h.b)
	}
	if len(a.free) != len(a.chunks) || a.inUse != 0 {
		t.Errorf("%d free blocks in %d chunks, %d elements in use, when all are back", len(a.free), len(a.chunks), a.inUse)
	}
}

// TestBlocksFitBest: the smallest block that holds a request serves it.
func TestBlocksFitBest(t *testing.T) {
	var a blocks[float64]
	var at []block
	for _, n := range []int{64, 16, 32, 16, 48, 16} {
		_, b := a.lend(n)
		at = append(at, b)
	}
	for _, i := range []int{0, 2, 4} { // of 64, 32 and 48
		a.giveBack(at[i])
	}
	if _, b := a.lend(30); b != at[2] {
		t.Errorf("30 elements come from %v, want %v", b, at[2])
	}
	if _, b := a.lend(33); b != at[4] {
		t.Errorf("33 elements come from %v, want %v", b, at[4])
	}
}

// TestScratchEndsWithItsMark: a tensor that is made meanwhile does not.
func TestScratchEndsWithItsMark(t *testing.T) {
	g := NewGraph[float32](nil)
	m := g.mark()
	g.floats.take(100)
	inner := g.mark()
	x := g.NewTensor(50)
	g.floats.take(200)
	g.release(inner)
	y := g.NewTensor(200)
	g.floats.take(10)
	g.release(m)
	if want := 64 + 208; g.floats.inUse != want {
		t.Errorf("%d elements in use after the release, want %d", g.floats.inUse, want)
	}
	for i := range x.data {
		x.data[i] = 1
	}
	for range 5 {
		m := g.mark()
		clear(g.floats.take(300))
		g.release(m)
	}
	for i := range y.data {
		y.data[i] = 2
	}
	for i, v := range x.data {
		if v != 1 {
			t.Fatalf("element %d of a tensor became %v", i, v)
		}
	}
}

// TestResetNeedsOneCopy: a large graph that grows does not hold what it replaces.
func TestResetNeedsOneCopy(t *testing.T) {
	const large = 1 << 23 // elements
	g := NewGraph[float32](nil)
	for range 4 {
		g.NewTensor(large)
	}
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	g.Reset()
	runtime.ReadMemStats(&after)
	was, is := before.HeapSys-before.HeapReleased, after.HeapSys-after.HeapReleased
	if is > was+4*large {
		t.Errorf("%d MiB of heap after the reset, %d before", is>>20, was>>20)
	}
	if n := len(g.floats.chunks); n != 1 {
		t.Errorf("%d chunks after the reset", n)
	}
}
