package main

import (
	"bytes"
	"fmt"
	"image/png"
	"io"
	"log"
	"net/http"
	"regexp"
	"slices"
	"strconv"
	"sync"
	"sync/atomic"
	"time"

	"anomem"
	"anomem/describe"
	"anomem/imageio"
	"anomem/synthetic"
)

// load is what is sent, and what must come back.
type load struct {
	m       *anomem.Model
	url     string
	clients int
	client  *http.Client
	imgs    []*imageio.Image
	files   [][]byte // PNG
	want    [][]byte // answers

	next               atomic.Int64
	right, busy, wrong atomic.Int64
}

// newLoad draws 256 pictures and scores them in process.
func newLoad(m *anomem.Model, url string, clients int) (*load, error) {
	l := &load{m: m, url: url, clients: clients}
	l.client = &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: clients, MaxConnsPerHost: clients}}
	for i := range 256 {
		img := synthetic.Options{Scene: synthetic.Part}.Normal(7, i).Image
		var file, want bytes.Buffer
		if err := png.Encode(&file, img.ToImage()); err != nil {
			return nil, err
		}
		if err := describe.Scored("-", m.Score(img)).WriteJSON(&want); err != nil {
			return nil, err
		}
		l.imgs, l.files, l.want = append(l.imgs, img), append(l.files, file.Bytes()), append(l.want, want.Bytes())
	}
	return l, nil
}

// speed is what images took.
type speed struct {
	rate float64 // images a second
	cpu  float64 // seconds of an image, in the process that scores
}

// compare returns the speeds of ScoreBatch and of the server, one after the other. On a busy
// machine CPU time is the steadier of both.
func (l *load) compare(d time.Duration) (here, there speed, err error) {
	before, began := cpu(), time.Now()
	here.rate = l.inProcess(d)
	here.cpu = (cpu() - before) / (here.rate * time.Since(began).Seconds())
	if before, err = l.metric("process_cpu_seconds_total"); err != nil {
		return here, there, err
	}
	began = time.Now()
	there.rate = l.closed(d)
	n := there.rate * time.Since(began).Seconds()
	after, err := l.metric("process_cpu_seconds_total")
	there.cpu = (after - before) / n
	return here, there, err
}

// inProcess returns how many images a second ScoreBatch scores, 16 at once.
func (l *load) inProcess(d time.Duration) float64 {
	n, began := 0, time.Now()
	for time.Since(began) < d {
		at := n % len(l.imgs)
		l.m.ScoreBatch(l.imgs[at : at+16])
		n += 16
	}
	return float64(n) / time.Since(began).Seconds()
}

// ask sends the next picture and checks the answer.
func (l *load) ask() {
	k := int(l.next.Add(1)) % len(l.files)
	w, err := l.client.Post(l.url+"/v1/score", "image/png", bytes.NewReader(l.files[k]))
	if err != nil {
		log.Print(err)
		l.wrong.Add(1)
		return
	}
	got, err := io.ReadAll(w.Body)
	w.Body.Close()
	switch {
	case err == nil && w.StatusCode == http.StatusOK && bytes.Equal(got, l.want[k]):
		l.right.Add(1)
	case w.StatusCode == http.StatusTooManyRequests:
		l.busy.Add(1)
	default:
		log.Printf("picture %d: status %d, %s, want %s: %v", k, w.StatusCode, got, l.want[k], err)
		l.wrong.Add(1)
	}
}

// each runs f on all clients at once until it returns false.
func (l *load) each(f func() bool) {
	var wg sync.WaitGroup
	for range l.clients {
		wg.Go(func() {
			for f() {
			}
		})
	}
	wg.Wait()
}

// closed returns how many requests a second are answered if each client sends the next one
// after each answer.
func (l *load) closed(d time.Duration) float64 {
	before, began := l.right.Load(), time.Now()
	l.each(func() bool {
		l.ask()
		return time.Since(began) < d
	})
	return float64(l.right.Load()-before) / time.Since(began).Seconds()
}

// count sends n requests.
func (l *load) count(n int) {
	var sent atomic.Int64
	l.each(func() bool {
		if sent.Add(1) > int64(n) {
			return false
		}
		l.ask()
		return true
	})
}

// open sends requests at a rate, whether earlier ones are answered or not, and returns how long
// each took from when it was due, ascending.
func (l *load) open(rate float64, d time.Duration) []time.Duration {
	var wg sync.WaitGroup
	var mu sync.Mutex
	var took []time.Duration
	began := time.Now()
	for i := 0; ; i++ {
		due := began.Add(time.Duration(float64(i) / rate * float64(time.Second)))
		if due.Sub(began) > d {
			break
		}
		time.Sleep(time.Until(due))
		wg.Go(func() {
			l.ask()
			t := time.Since(due)
			mu.Lock()
			took = append(took, t)
			mu.Unlock()
		})
	}
	wg.Wait()
	slices.Sort(took)
	return took
}

// metric returns a number of the server's /metrics.
func (l *load) metric(name string) (float64, error) {
	w, err := l.client.Get(l.url + "/metrics")
	if err != nil {
		return 0, err
	}
	defer w.Body.Close()
	text, err := io.ReadAll(w.Body)
	if err != nil {
		return 0, err
	}
	m := regexp.MustCompile(`(?m)^` + name + ` (\S+)$`).FindSubmatch(text)
	if m == nil {
		return 0, fmt.Errorf("/metrics lacks %s", name)
	}
	return strconv.ParseFloat(string(m[1]), 64)
}
