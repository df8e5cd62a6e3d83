package autograd_test

import (
	"fmt"
	"testing"

	"anomem/autograd"
	"anomem/simd/pool"
)

// attentionRun returns the result of Attention, or of the operations that it replaces,
// and the gradients of its inputs. Letters of same say which inputs are one tensor, and
// those of frozen which ones need no gradient.
func attentionRun[T autograd.Float](p *pool.Pool, m, n, c int, same, frozen string, fused bool) [][]T {
	g := autograd.NewGraph[T](p)
	g.Poison()
	in := map[byte]*autograd.Tensor[T]{'q': random[T](1, m, c), 'k': random[T](2, n, c), 'v': random[T](3, n, c)}
	for i := range same {
		in[same[i]] = in[same[0]]
	}
	for _, letter := range []byte("qkv") {
		if len(frozen) == 0 || frozen[0] != letter {
			in[letter].RequireGrad()
		}
	}
	q, k, v := g.Reshape(in['q'], m, c), in['k'], in['v']
	var y *autograd.Tensor[T]
	if fused {
		y = g.Attention(q, k, v, 1.3)
	} else {
		y = g.MatMul(g.Softmax(g.Scale(g.MatMul(q, k, false, true), 1.3), -1), v, false, false)
	}
	g.BackwardFrom(y, random[T](9, y.Len()).Data())
	return [][]T{y.Data(), in['q'].Grad(), in['k'].Grad(), in['v'].Grad()}
}

// TestAttentionIsTheComposition compares Attention with the operations that it replaces,
// bit for bit, over one chunk of rows and over several groups of chunks.
func TestAttentionIsTheComposition(t *testing.T) {
	for _, threads := range []int{1, 2, 3} {
		p := pool.New(threads)
		defer p.Close()
		for _, s := range [][3]int{{700, 700, 5}, {127, 127, 16}, {1, 1, 3}} {
			for _, same := range []string{"", "kv", "qk", "qv", "qkv"} {
				for _, frozen := range []string{"", "q", "k", "v"} {
					compareAttention[float32](t, p, s[0], s[1], s[2], same, frozen)
				}
			}
		}
		compareAttention[float32](t, p, 2000, 600, 7, "kv", "")
		compareAttention[float64](t, p, 300, 300, 7, "qkv", "")
	}
}

func compareAttention[T autograd.Float](t *testing.T, p *pool.Pool, m, n, c int, same, frozen string) {
	t.Helper()
	want := attentionRun[T](p, m, n, c, same, frozen, false)
	for i, got := range attentionRun[T](p, m, n, c, same, frozen, true) {
		if !sameBits(got, want[i]) {
			t.Errorf("%T, %d×%d×%d, same %q, frozen %q, %d threads: tensor %d differs",
				got, m, n, c, same, frozen, p.Threads(), i)
		}
	}
}

// TestAttentionWithoutRecord compares the result that nothing is recorded of, which keeps
// no weights, with the recorded one.
func TestAttentionWithoutRecord(t *testing.T) {
	for _, s := range [][3]int{{1500, 513, 6}, {3, 2, 4}, {0, 2, 4}} {
		q, k, v := random[float32](1, s[0], s[2]), random[float32](2, s[1], s[2]), random[float32](3, s[1], s[2])
		g := autograd.NewGraph[float32](nil)
		free := g.Attention(q, k, v, 2).Data()
		inUse, most := g.Memory()
		if whole := 4 * s[0] * s[1]; s[0] > 1000 && most >= whole {
			t.Errorf("%v: %d bytes without a record, where the weights have %d", s, most, whole)
		}
		if kept := 4 * (len(free) + 16); inUse > kept {
			t.Errorf("%v: %d bytes are kept for a result of %d", s, inUse, kept)
		}
		if want := autograd.NewGraph[float32](nil).Attention(q.RequireGrad(), k, v, 2).Data(); !sameBits(free, want) {
			t.Error(fmt.Sprint(s, ": differs from the recorded result"))
		}
	}
}
