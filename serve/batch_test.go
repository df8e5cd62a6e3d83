package serve

import (
	"bytes"
	"context"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"anomem/describe"
)

// Of many clients each gets the score of its own image, and some images are scored together.
func TestTogether(t *testing.T) {
	s, m := newServer(t, Options{})
	const clients, each = 32, 6
	var files, want [][]byte
	for i := range clients {
		img, file := picture(t, i)
		var line bytes.Buffer
		if err := describe.Scored("-", m.Score(img)).WriteJSON(&line); err != nil {
			t.Fatal(err)
		}
		files, want = append(files, file), append(want, line.Bytes())
	}
	var wg sync.WaitGroup
	for c := range clients {
		wg.Go(func() {
			for i := range each {
				k := (c + i) % clients
				if w := ask(s, "POST", "/v1/score", files[k]); w.Code != http.StatusOK || !bytes.Equal(w.Body.Bytes(), want[k]) {
					t.Errorf("image %d: status %d, %s, want %s", k, w.Code, w.Body, want[k])
				}
			}
		})
	}
	wg.Wait()
	text := ask(s, "GET", "/metrics", nil).Body.String()
	for _, line := range []string{
		`anomem_batch_images_sum{model="m"} 192`,
		`anomem_requests_total{code="200",route="/v1/score"} 192`,
		`anomem_queue_images{model="m"} 0`,
		`anomem_p_value_count{model="m"} 192`,
		`anomem_score_count{model="m"} 192`,
		"anomem_drift_p_value{",
	} {
		if !strings.Contains(text, "\n"+line) {
			t.Errorf("/metrics lacks %s", line)
		}
	}
	if strings.Contains(text, `anomem_batch_images_count{model="m"} 192`+"\n") {
		t.Error("no two images were scored together")
	}
}

// A full queue refuses at once; who was taken is answered.
func TestQueueIsBounded(t *testing.T) {
	l := testLimits()
	l.Queue, l.Batch = 1, 1
	s, _ := newServer(t, Options{Limits: l})
	_, file := picture(t, 0)
	var taken, refused atomic.Int64
	for try := 0; refused.Load() == 0 && try < 50; try++ {
		var wg sync.WaitGroup
		for range 32 {
			wg.Go(func() {
				switch w := ask(s, "POST", "/v1/score", file); w.Code {
				case http.StatusOK:
					taken.Add(1)
				case http.StatusTooManyRequests:
					refused.Add(1)
					if w.Header().Get("Retry-After") != "1" || !strings.Contains(w.Body.String(), "wait for model m") {
						t.Errorf("%v %s", w.Header(), w.Body)
					}
				default:
					t.Errorf("status %d, %s", w.Code, w.Body)
				}
			})
		}
		wg.Wait()
	}
	if taken.Load() == 0 || refused.Load() == 0 {
		t.Errorf("%d requests were taken, %d refused", taken.Load(), refused.Load())
	}
}

// Where other bodies fill the memory for bodies, a request is refused; where other images
// fill that for images, it waits.
func TestMemoryIsBounded(t *testing.T) {
	s, _ := newServer(t, Options{})
	_, file := picture(t, 0)
	all := s.limits.bodies()
	if !s.bodies.try(all) {
		t.Fatal("memory was taken already")
	}
	if w := ask(s, "POST", "/v1/score", file); w.Code != http.StatusTooManyRequests || w.Header().Get("Retry-After") == "" {
		t.Errorf("status %d, %s", w.Code, w.Body)
	}
	s.bodies.put(all)
	if !s.images.try(s.limits.images()) {
		t.Fatal("memory was taken already")
	}
	done := make(chan int)
	go func() { done <- ask(s, "POST", "/v1/score", file).Code }()
	select {
	case code := <-done:
		t.Errorf("status %d without memory", code)
	case <-time.After(20 * time.Millisecond):
	}
	s.images.put(s.limits.images())
	if code := <-done; code != http.StatusOK {
		t.Errorf("status %d with memory", code)
	}
}

// Who waits for memory gets it in turn, even if little would do for a later one; who gives
// up leaves no trace.
func TestBudget(t *testing.T) {
	b := &budget{left: 10}
	ctx, cancel := context.WithCancel(t.Context())
	var order []int
	var mu sync.Mutex
	var wg sync.WaitGroup
	wait := func(ctx context.Context, k int, n int64) {
		started := len(b.waiting)
		wg.Go(func() {
			if b.wait(ctx, n) == nil {
				mu.Lock()
				order = append(order, k)
				mu.Unlock()
				b.put(n)
			}
		})
		for waiting := started; waiting == started; time.Sleep(time.Millisecond) {
			b.mu.Lock()
			waiting = len(b.waiting)
			b.mu.Unlock()
		}
	}
	if !b.try(9) || b.try(2) {
		t.Fatal("9 of 10 are there, and then 2 of 1 are not")
	}
	wait(t.Context(), 1, 10)
	wait(ctx, 2, 5)
	wait(t.Context(), 3, 1)
	if b.try(1) {
		t.Error("1 was given to who came last")
	}
	cancel()
	b.put(9)
	wg.Wait()
	if len(order) != 2 || order[0] != 1 || order[1] != 3 || b.left != 10 || len(b.waiting) > 0 {
		t.Errorf("order %v, %d left, %d wait", order, b.left, len(b.waiting))
	}
}

// Close answers what was taken, and refuses what comes later.
func TestClose(t *testing.T) {
	s, _ := newServer(t, Options{})
	_, file := picture(t, 0)
	var wg sync.WaitGroup
	for range 16 {
		wg.Go(func() {
			if w := ask(s, "POST", "/v1/score", file); w.Code != http.StatusOK && w.Code != http.StatusServiceUnavailable {
				t.Errorf("status %d, %s", w.Code, w.Body)
			}
		})
	}
	time.Sleep(5 * time.Millisecond)
	s.Close()
	wg.Wait()
	if w := ask(s, "POST", "/v1/score", file); w.Code != http.StatusServiceUnavailable {
		t.Errorf("after Close: status %d, %s", w.Code, w.Body)
	}
	if w := ask(s, "GET", "/v2/health/ready", nil); w.Code != http.StatusServiceUnavailable {
		t.Errorf("after Close: ready %d", w.Code)
	}
	if w := ask(s, "GET", "/v2/health/live", nil); w.Code != http.StatusOK {
		t.Errorf("after Close: live %d", w.Code)
	}
	if err := s.Set("n", newModel(t, 2, nil), "one"); err == nil {
		t.Error("a closed server takes a model")
	}
	s.Close() // again does nothing
}
