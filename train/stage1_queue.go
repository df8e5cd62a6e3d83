package train

import (
	"context"
	"fmt"

	"anomem"
	"anomem/hopfield"
	"anomem/loss"
	"anomem/nn/safetensors"
)

// With Options.Queue stage 1 contrasts a feature with the nearest of the last normal
// features of its scale in place of the memory's answer (section 2.1 of the paper). The
// memories, which eq. 7 then does not train, are filled from the features afterwards.

// newQueues returns an empty queue of n features for each scale, or nil if n is 0.
func newQueues(c anomem.Config, n int) []*loss.Queue[float32] {
	if n == 0 {
		return nil
	}
	var queues []*loss.Queue[float32]
	for _, channels := range c.Channels() {
		queues = append(queues, loss.NewQueue[float32](n, channels))
	}
	return queues
}

// memory returns what answers in eqs. 4 and 6 at a scale.
func (s *Stepper[T]) memory(scale int) hopfield.Retriever[T] {
	if s.Queues != nil {
		return s.Queues[scale]
	}
	return s.Parts.Memories[scale]
}

// enqueue pushes the normal features of the step before, of the first view, to the queues.
func (s *Stepper[T]) enqueue(b *Batch[T]) {
	g := s.graph
	defer g.Reset()
	for sc, q := range s.Queues {
		z := s.emb[0][sc] // [B 1 P C]
		normal := make([]bool, z.Dim(0)*z.Dim(2))
		for k := range normal {
			normal[k] = b.Normal[k/z.Dim(2)]
		}
		g.NoGrad(func() { q.Push(g, g.Reshape(z, len(normal), z.Dim(3)), normal) })
	}
}

// fillAfterQueues fills the memories from the features of the trained encoder, if there
// are queues.
func (s *Stage1) fillAfterQueues(ctx context.Context) error {
	if s.stepper.Queues == nil {
		return nil
	}
	return s.fillMemories(ctx)
}

// queuePrefix is that of the queues' features in a checkpoint.
const queuePrefix = "train.queue."

// queueState is what a checkpoint says of a queue beside its features.
type queueState struct {
	Len  int `json:"len"`
	Next int `json:"next"` // the row that the next feature goes to
}

// saveQueues returns the queues for a checkpoint.
func (s *Stage1) saveQueues() (tensors []safetensors.Tensor, states []queueState) {
	for i, q := range s.stepper.Queues {
		rows, next := q.Ring()
		states = append(states, queueState{q.Len(), next})
		if q.Len() > 0 {
			tensors = append(tensors, safetensors.FromSlice(fmt.Sprint(queuePrefix, i), rows, q.Len(), len(rows)/q.Len()))
		}
	}
	return tensors, states
}

// loadQueues restores what saveQueues returned.
func (s *Stage1) loadQueues(f *safetensors.File, states []queueState) error {
	if len(states) != len(s.stepper.Queues) {
		return fmt.Errorf("train: %s: %d queues, want %d", f.Name(), len(states), len(s.stepper.Queues))
	}
	for i, q := range s.stepper.Queues {
		if n := states[i].Len; n < 0 || n > s.Options.Queue {
			return fmt.Errorf("train: %s: %d features in a queue of %d", f.Name(), n, s.Options.Queue)
		}
		rows := make([]float32, states[i].Len*s.Config.Channels()[i])
		if len(rows) > 0 {
			if err := safetensors.Decode(f, fmt.Sprint(queuePrefix, i), rows); err != nil {
				return err
			}
		}
		if err := q.SetRing(rows, states[i].Next); err != nil {
			return fmt.Errorf("train: %s: %w", f.Name(), err)
		}
	}
	return nil
}
