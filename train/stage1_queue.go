package train

import (
	"fmt"

	"anomem"
	"anomem/loss"
	"anomem/nn/safetensors"
)

// With Options.Queue, stage 1 contrasts a feature with the nearest of the last normal
// features of its scale in place of the memory's retrieval (section 2.1 of the paper).
// Eq. 7 then does not train the memories; they are filled from features afterwards.

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

// queuePrefix begins the names of the queues' features in a checkpoint.
const queuePrefix = "train.queue."

// queueState holds the metadata of a queue in a checkpoint.
type queueState struct {
	Len  int `json:"len"`
	Next int `json:"next"` // the row that the next feature replaces
}

// saveQueues returns the tensors and the metadata of queues for a checkpoint.
func saveQueues(queues []*loss.Queue[float32]) (tensors []safetensors.Tensor, states []queueState) {
	for i, q := range queues {
		rows, next := q.Ring()
		states = append(states, queueState{q.Len(), next})
		if q.Len() > 0 {
			tensors = append(tensors, safetensors.FromSlice(fmt.Sprint(queuePrefix, i), rows, q.Len(), len(rows)/q.Len()))
		}
	}
	return tensors, states
}

// loadQueues restores what saveQueues returned: queues of at most n features of c's scales.
func loadQueues(f *safetensors.File, states []queueState, queues []*loss.Queue[float32], n int, c anomem.Config) error {
	if len(states) != len(queues) {
		return fmt.Errorf("train: %s: %d queues, want %d", f.Name(), len(states), len(queues))
	}
	for i, q := range queues {
		if is := states[i].Len; is < 0 || is > n {
			return fmt.Errorf("train: %s: %d features in a queue of %d", f.Name(), is, n)
		}
		rows := make([]float32, states[i].Len*c.Channels()[i])
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
