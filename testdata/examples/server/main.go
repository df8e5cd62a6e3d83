// Command server learns from a folder of normal pictures, and answers others over HTTP:
//
//	curl --data-binary @new.png localhost:8080/score        # or /heatmap, for a PNG
package main

import (
	"context"
	"encoding/json"
	"image/png"
	"log"
	"net/http"
	"os"
	"time"

	"anomem"
	"anomem/dataset"
	"anomem/eval/report"
	"anomem/simd/pool"
	"anomem/train"
)

func main() {
	m, err := learn(context.Background(), os.Args[1], 12*time.Minute, pool.New(0))
	if err != nil {
		log.Fatal(err)
	}
	log.Fatal(http.ListenAndServe("localhost:8080", answer(m)))
}

// learn trains on the pictures, a tenth of which calibrate: 5 % of normal ones are flagged.
func learn(ctx context.Context, folder string, budget time.Duration, p *pool.Pool) (*anomem.Model, error) {
	d, err := dataset.Open(folder, dataset.Options{})
	if err != nil {
		return nil, err
	}
	promise := anomem.Promise{Alpha: 0.05}
	set, err := d.TrainingSet(ctx, dataset.TrainingOptions{Seed: 1, HoldOut: 0.1, Promise: promise})
	if err != nil {
		return nil, err
	}
	kind, _, err := train.KindOf(ctx, set.All)
	if err != nil {
		return nil, err
	}
	run := train.Run{Data: set.All, Held: set.Held, Promise: promise, Budget: budget}
	run.Config, run.Options = train.Plan(train.Small, kind, 1, set.All)
	return run.Train(ctx, p)
}

func answer(m *anomem.Model) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		img, err := m.Decode(r.Body)
		if err != nil {
			http.Error(w, err.Error(), http.StatusBadRequest)
		} else if x := m.Explain([]*anomem.Image{img})[0]; r.URL.Path == "/score" {
			json.NewEncoder(w).Encode(x.Result)
		} else if lo, hi := x.Heatmap.Range(); lo < hi {
			png.Encode(w, report.Strip(img, x.Heatmap, lo, hi, nil))
		}
	}
}
