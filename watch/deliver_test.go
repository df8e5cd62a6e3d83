package watch

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
)

// heardBy collects what a sender says, from its own goroutine.
type heardBy struct {
	mu   sync.Mutex
	text []string
}

func (h *heardBy) say(text string) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.text = append(h.text, text)
}

// What fails is tried again after longer and longer pauses, up to a number of times, and what
// cannot be mended is not.
func TestTries(t *testing.T) {
	for _, tt := range []struct {
		fails  int
		err    error
		tries  int
		pauses []time.Duration
		said   string
	}{
		{0, nil, 1, nil, ""},
		{2, errors.New("busy"), 3, []time.Duration{time.Second, 2 * time.Second}, "a: x: busy; it is tried again"},
		{3, errors.New("busy"), 3, []time.Duration{time.Second, 2 * time.Second}, "a: dropped, x failed 3 times: busy"},
		{3, errFinal, 1, nil, "a: dropped, x failed 1 times: it is not tried again"},
	} {
		var h heardBy
		tries := 0
		var pauses []time.Duration
		s := &sender{tries: 3, each: time.Minute, said: h.say, late: t.Context()}
		s.sleep = func(_ context.Context, d time.Duration) { pauses = append(pauses, d) }
		s.deliver(target{"x", func(context.Context, []byte) error {
			if tries++; tries <= tt.fails {
				return tt.err
			}
			return nil
		}}, message{"a", nil})
		last := ""
		if n := len(h.text); n > 0 {
			last = h.text[n-1]
		}
		if tries != tt.tries || !slices.Equal(pauses, tt.pauses) || last != tt.said {
			t.Errorf("%d failures: %d tries, pauses %v, said %q", tt.fails, tries, pauses, h.text)
		}
	}
}

// A full queue drops what comes, and says so, and never holds up who hands it over; at the end
// what waits is sent, or dropped when that takes too long.
func TestQueueIsBounded(t *testing.T) {
	for _, stuck := range []bool{false, true} {
		var h heardBy
		begun, free := make(chan bool, 10), make(chan bool)
		var sent []string
		s := newSender([]target{{"x", func(ctx context.Context, text []byte) error {
			begun <- true
			select {
			case <-free:
			case <-ctx.Done():
				return ctx.Err()
			}
			sent = append(sent, string(text))
			return nil
		}}}, 2, 1, time.Hour, h.say)
		s.add(message{"0", []byte("0")})
		<-begun // it is being sent, and two may wait
		for i := 1; i <= 3; i++ {
			s.add(message{fmt.Sprint(i), fmt.Append(nil, i)})
		}
		if want := []string{"3: dropped, since 2 anomalies wait already for x"}; !slices.Equal(h.text, want) {
			t.Errorf("said %q", h.text)
		}
		if stuck {
			s.end(0)
			if len(sent) > 0 || len(h.text) != 4 {
				t.Errorf("sent %q, said %q", sent, h.text)
			}
			continue
		}
		close(free)
		s.end(time.Hour)
		if !slices.Equal(sent, []string{"0", "1", "2"}) {
			t.Errorf("sent %q", sent)
		}
	}
}

// A post carries the record; by its status it is done, tried again or given up.
func TestPost(t *testing.T) {
	var body, kind string
	status := 0
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		text, err := io.ReadAll(r.Body)
		if err != nil {
			t.Error(err)
		}
		body, kind = string(text), r.Method+" "+r.Header.Get("Content-Type")
		w.WriteHeader(status)
	}))
	defer srv.Close()
	x := post(srv.URL)
	for _, tt := range []struct {
		status       int
		fails, final bool
	}{{200, false, false}, {204, false, false}, {299, false, false}, {400, true, true}, {404, true, true}, {408, true, false}, {429, true, false}, {499, true, true}, {500, true, false}, {503, true, false}} {
		status = tt.status
		err := x.send(t.Context(), []byte(`{"path":"a"}`))
		if (err != nil) != tt.fails || errors.Is(err, errFinal) != tt.final {
			t.Errorf("status %d: %v", tt.status, err)
		}
	}
	if body != `{"path":"a"}` || kind != "POST application/json" {
		t.Errorf("%s with %q", kind, body)
	}
	srv.Close()
	if err := x.send(t.Context(), nil); err == nil || errors.Is(err, errFinal) {
		t.Errorf("nobody there: %v", err)
	}
}

// A command gets the record on standard input, its arguments as they are, and its time.
func TestCommand(t *testing.T) {
	sh, err := exec.LookPath("sh")
	if err != nil {
		t.Skip("no sh here to be run")
	}
	out := filepath.Join(t.TempDir(), "out")
	x := command([]string{sh, "-c", `{ cat; echo "$1 $ANOMEM_WATCH"; } >"$0"`, out, "$(a b)"}, "/photos")
	if err := x.send(t.Context(), []byte("record\n")); err != nil {
		t.Fatal(err)
	}
	holds(t, out, "record\n$(a b) /photos\n")
	if err := command([]string{sh, "-c", "exit 3"}, "").send(t.Context(), nil); err == nil || errors.Is(err, errFinal) {
		t.Errorf("exit 3: %v", err)
	}
	if err := command([]string{"no-such-program"}, "").send(t.Context(), nil); !errors.Is(err, errFinal) {
		t.Errorf("no program: %v", err)
	}
	var h heardBy
	s := &sender{tries: 1, each: 50 * time.Millisecond, said: h.say, late: t.Context()}
	s.deliver(command([]string{sh, "-c", "exec sleep 100"}, ""), message{"a", nil})
	if len(h.text) != 1 || !strings.Contains(h.text[0], "it took longer than 50ms") {
		t.Errorf("said %q", h.text)
	}
}

// An anomaly is sent after it is recorded, and of a part all shots at once.
func TestSendsAnomalies(t *testing.T) {
	o := partOptions(2)
	o.Queue, o.Tries, o.TryTime = 10, 1, time.Hour
	b := newBench(t, o)
	var sent []string
	b.w.sender.end(0)
	b.w.sender = newSender([]target{{"x", func(_ context.Context, text []byte) error {
		sent = append(sent, string(text))
		return nil
	}}}, 10, 1, time.Hour, func(text string) { t.Log(text) })
	b.put("alone.png", "20.")
	b.put("normal.png", "2.")
	b.put("p1_a.png", "2.")
	b.put("p1_b.png", "20.")
	b.after(0)
	b.after(settle)
	b.w.sender.end(time.Hour)
	b.w.sender = newSender(nil, 1, 1, time.Hour, nil)
	if len(sent) != 2 || !strings.HasPrefix(sent[0], `{"path":"alone.png","score":20,`) || !strings.HasPrefix(sent[1], `{"part":"p1","shots":["p1_a.png","p1_b.png"],"score":20,`) {
		t.Errorf("sent %q", sent)
	}
	if _, err := os.Stat(filepath.Join(b.w.Dir, "alone.png")); err != nil {
		t.Error(err)
	}
}
