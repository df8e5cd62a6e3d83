package serve

import (
	"context"
	"fmt"
	"math"
	"net/http"
	"time"

	"anomem"
	"anomem/imageio"
)

// job is an image that waits for its score.
type job struct {
	ctx   context.Context // of its request
	v     *version        // that it was decoded for
	img   *imageio.Image
	where bool   // a heatmap is wanted, too
	keep  bool   // the image and all of its heatmap, not only what an answer shows
	took  func() // called when the job is done or refused; nil: nothing is

	done chan struct{} // closed when the rest is set
	x    anomem.Explanation
	err  error
}

// submit puts a job into the queue of its model. A full queue refuses it, and a closed server
// does, whose workers end.
func (s *Server) submit(o *model, j *job) {
	j.done = make(chan struct{})
	s.mu.RLock()
	defer s.mu.RUnlock()
	if s.closed {
		j.end(errClosed)
		return
	}
	select {
	case o.queue <- j:
	default:
		j.end(errFull(o))
	}
}

// errClosed is the refusal of a server that has been closed.
var errClosed = refuse(http.StatusServiceUnavailable, "the server is closed")

// errFull is the refusal of a model for which enough images wait.
func errFull(o *model) error {
	return busy("%d images wait for model %s already", cap(o.queue), o.name)
}

// end tells whoever waits that the job is done. It lets go of memory before.
func (j *job) end(err error) {
	j.err = err
	if !j.keep {
		j.img = nil
		if j.x.Heatmap != nil {
			j.x.Heatmap = shrunk(j.x.Heatmap)
		}
	}
	if j.took != nil {
		j.took()
	}
	close(j.done)
}

// wait returns what the model says of the image.
func (j *job) wait() (anomem.Explanation, error) {
	<-j.done
	return j.x, j.err
}

// work scores the jobs of a model, batch by batch, until the server is closed and no job is
// left.
func (s *Server) work(o *model) {
	var kept *job // of another version than the batch before
	for {
		first := kept
		kept = nil
		if first == nil {
			select {
			case first = <-o.queue:
			default:
				select {
				case first = <-o.queue:
				case <-s.closing:
					if len(o.queue) == 0 {
						return
					}
					continue
				}
			}
		}
		var batch []*job
		batch, kept = s.collect(o, first)
		s.metrics.batch(o, len(batch))
		score(batch)
	}
}

// collect returns the jobs that are scored together with the first: those that wait, and,
// while there are requests that come, those of the next moment. It also returns one that
// came and is of another version.
func (s *Server) collect(o *model, first *job) (batch []*job, other *job) {
	batch = []*job{first}
	pixels := first.img.W * first.img.H
	var over <-chan time.Time
	for len(batch) < s.limits.Batch && pixels < batchPixels {
		var j *job
		select {
		case j = <-o.queue:
		default:
			if s.limits.Window == 0 || o.arriving.Load() == 0 {
				return batch, nil
			}
			if over == nil {
				t := time.NewTimer(s.limits.Window)
				defer t.Stop()
				over = t.C
			}
			select {
			case j = <-o.queue:
			case <-over:
				return batch, nil
			}
		}
		n := j.img.W * j.img.H
		if j.v != first.v || pixels+n > batchPixels {
			return batch, j
		}
		batch, pixels = append(batch, j), pixels+n
	}
	return batch, nil
}

// score ends the jobs of a batch: first those without a heatmap, which takes less time, then
// those with one. Requests that nobody waits for any more are passed over.
func score(batch []*job) {
	var parts [2][]*job
	for _, j := range batch {
		switch {
		case j.ctx.Err() != nil:
			j.end(j.ctx.Err())
		case j.where:
			parts[1] = append(parts[1], j)
		default:
			parts[0] = append(parts[0], j)
		}
	}
	for _, part := range parts {
		if len(part) == 0 {
			continue
		}
		all, err := explain(part)
		for i, j := range part {
			failed := err
			if failed == nil {
				j.x = all[i]
				failed = j.v.take(j.x.Result)
			}
			j.end(failed)
		}
	}
}

// mapSide is the longest side of a heatmap in an answer that is no picture.
const mapSide = 256

// shrunk returns a heatmap of at most mapSide the longer way, which keeps its peaks.
func shrunk(m *imageio.Map) *imageio.Map {
	long := max(m.W, m.H)
	if long <= mapSide {
		return m
	}
	return m.Shrink(max(1, m.W*mapSide/long), max(1, m.H*mapSide/long))
}

// explain returns what the model says of the jobs, which all want a heatmap or none do. A
// panic, which no image should cause, ends these jobs and not the server.
func explain(part []*job) (all []anomem.Explanation, err error) {
	defer func() {
		if r := recover(); r != nil {
			all, err = nil, fmt.Errorf("scoring panicked: %v", r)
		}
	}()
	imgs := make([]*imageio.Image, len(part))
	for i, j := range part {
		imgs[i] = j.img
	}
	m := part[0].v.m
	if part[0].where {
		return m.Explain(imgs), nil
	}
	for _, r := range m.ScoreBatch(imgs) {
		all = append(all, anomem.Explanation{Result: r})
	}
	return all, nil
}

// take counts a result. It is an error if the score is no number.
func (v *version) take(r anomem.Result) error {
	if math.IsNaN(r.Score) || math.IsInf(r.Score, 0) {
		return fmt.Errorf("the score is %v: the model is broken", r.Score)
	}
	v.seen.add(r, v.m.Judges())
	return nil
}
