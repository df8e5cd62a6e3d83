// Command server learns from a folder of normal pictures, then scores pictures over HTTP.
//
//	go -C testdata/examples/server run . -budget 2m /path/to/photos
//	curl --data-binary @new.png localhost:8080/score
package main

import (
	"bytes"
	"context"
	"encoding/json"
	"flag"
	"image/png"
	"log"
	"net/http"
	"time"

	"anomem"
	"anomem/dataset"
	"anomem/describe"
	"anomem/eval/report"
	"anomem/simd/pool"
	"anomem/train"
	"anomem/train/augment"
)

func main() {
	budget := flag.Duration("budget", 12*time.Minute, "train for about this long")
	flag.Parse()
	m, err := learn(context.Background(), flag.Arg(0), *budget, pool.New(0))
	if err != nil {
		log.Fatal(err)
	}
	log.Printf("%s; listening on localhost:8080", describe.Verdict(m))
	http.Handle("POST /score", score(m))
	log.Fatal(http.ListenAndServe("localhost:8080", nil))
}

// learn trains on a folder of normal pictures within a budget. A held-out share of them
// calibrates the model: of normal pictures, it calls at most 5 % anomalous.
func learn(ctx context.Context, folder string, budget time.Duration, p *pool.Pool) (*anomem.Model, error) {
	const seed, alpha = 1, 0.05
	d, err := dataset.Open(folder, dataset.Options{})
	if err != nil {
		return nil, err
	}
	set, err := d.TrainingSet(ctx, dataset.TrainingOptions{Seed: seed, HoldOut: 0.1, Alpha: alpha})
	if err != nil {
		return nil, err
	}
	longest, shortest := dataset.Sides(set.All)
	c, o := train.Settings(train.Small, augment.Part, longest, shortest)
	o.Seed = seed
	train.LimitPatterns(&c, o, set.All)
	if o, _, err = train.Fit(ctx, budget, c, o, set.All, p); err != nil {
		return nil, err
	}
	run := train.Run{Config: c, Options: o, Data: set.All, Held: set.Held, Alpha: alpha}
	return run.Train(ctx, p)
}

// score answers with the score, the p-value and the verdict of the picture in a request's
// body, as JSON. The heatmap beside the picture is a PNG in base64.
func score(m *anomem.Model) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		img, err := anomem.Decode(http.MaxBytesReader(w, r.Body, 32<<20))
		if err != nil {
			http.Error(w, err.Error(), http.StatusBadRequest)
			return
		}
		x := m.Explain([]*anomem.Image{img})[0]
		lo, hi := x.Heatmap.Range()
		var picture bytes.Buffer
		if err := png.Encode(&picture, report.Strip(img, x.Heatmap, lo, hi, nil)); err != nil {
			log.Print(err)
		}
		json.NewEncoder(w).Encode(struct {
			describe.Image
			Heatmap []byte `json:"heatmap"`
		}{describe.Scored(r.URL.Query().Get("name"), x.Result), picture.Bytes()})
	}
}
