// Command serveload measures a server of anomem: its throughput over that of ScoreBatch in
// process, in turn, and its latency at half of that. It checks every answer by its content.
//
//	anomem serve -m model.safetensors --threads 2 &
//	go run ./testdata/studies/serveload -m model.safetensors
package main

import (
	"flag"
	"fmt"
	"log"
	"slices"
	"time"

	"anomem"
	"anomem/simd/pool"
)

func main() {
	log.SetFlags(0)
	path := flag.String("m", "", "the `model` that the server has")
	url := flag.String("url", "http://127.0.0.1:8080", "the server")
	clients := flag.Int("clients", 64, "that ask at the same time")
	round := flag.Duration("round", 5*time.Second, "of each measurement")
	rounds := flag.Int("rounds", 5, "of measurements in turn")
	threads := flag.Int("threads", 0, "of ScoreBatch; 0: all cores")
	total := flag.Int("n", 0, "then send as many requests, and print resident memory on the way")
	flag.Parse()
	m, err := anomem.Load(*path, pool.New(*threads), anomem.ForScoring())
	if err != nil {
		log.Fatal(err)
	}
	l, err := newLoad(m, *url, *clients)
	if err != nil {
		log.Fatal(err)
	}
	var ratios, costs, rates []float64
	for range *rounds {
		here, there, err := l.compare(*round)
		if err != nil {
			log.Fatal(err)
		}
		fmt.Printf("ScoreBatch %.1f images/s (%.3f ms of CPU each), server %.1f (%.3f), ratio %.3f, of CPU time %.3f\n", here.rate, 1000*here.cpu, there.rate, 1000*there.cpu, there.rate/here.rate, here.cpu/there.cpu)
		ratios, costs, rates = append(ratios, there.rate/here.rate), append(costs, here.cpu/there.cpu), append(rates, there.rate)
	}
	if *rounds > 0 {
		half := median(rates) / 2
		fmt.Printf("median ratio %.3f, of CPU time %.3f\n", median(ratios), median(costs))
		took := l.open(half, 2**round)
		fmt.Printf("at %.0f requests/s: p50 %v, p90 %v, p99 %v, the longest %v, of %d\n", half, at(took, 0.5), at(took, 0.9), at(took, 0.99), took[len(took)-1], len(took))
	}
	for sent := 0; sent < *total; {
		n := min(1000, *total-sent)
		if sent >= 1000 {
			n = min(9*sent, *total-sent) // at 1,000, 10,000, 100,000
		}
		l.count(n)
		sent += n
		rss, err := l.metric("process_resident_memory_bytes")
		if err != nil {
			log.Fatal(err)
		}
		fmt.Printf("after %d requests: %.1f MiB resident\n", sent, rss/(1<<20))
	}
	fmt.Printf("%d answers, %d refused, %d wrong\n", l.right.Load(), l.busy.Load(), l.wrong.Load())
	if l.wrong.Load() > 0 {
		log.Fatal("the server mixed up images, or gave no answer")
	}
}

// median returns the middle of numbers.
func median(v []float64) float64 {
	v = slices.Sorted(slices.Values(v))
	return v[len(v)/2]
}

// at returns the quantile q of ascending times.
func at(took []time.Duration, q float64) time.Duration {
	return took[int(q*float64(len(took)-1))].Round(10 * time.Microsecond)
}
