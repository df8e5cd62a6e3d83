// Oneclass reports the AUROC of detectors on a folder of classes, each class in turn as the
// normal one.
//
//	go run ./testdata/studies/oneclass [flags] TRAIN TEST
//
// TRAIN and TEST are folders with a folder of pictures for each class. A detector is fitted
// to all of TRAIN's pictures of the normal class and, with -gamma, to known anomalies drawn
// from all other classes, such that they are that share. It scores each -every-th picture of
// each class of TEST.
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"anomem/baseline"
	"anomem/baseline/registry"
	"anomem/dataset"
	"anomem/eval"
	"anomem/imageio"
	"anomem/nn/rng"
	"anomem/simd/pool"
)

func main() {
	detectors := flag.String("detector", "pca", "ids of detectors, by commas")
	normal := flag.String("normal", "automobile,horse", "the normal classes, by commas")
	gamma := flag.Float64("gamma", 0, "share of known anomalies")
	seed := flag.Uint64("seed", 1, "of everything random")
	budget := flag.Duration("budget", 3*time.Minute, "of a training")
	threads := flag.Int("threads", 1, "of a training")
	every := flag.Int("every", 1, "scores one of so many test pictures")
	flag.Parse()
	if flag.NArg() != 2 {
		flag.Usage()
		os.Exit(2)
	}
	for _, id := range strings.Split(*detectors, ",") {
		for _, class := range strings.Split(*normal, ",") {
			r := run{flag.Arg(0), flag.Arg(1), id, class, *gamma, *every, *seed, *budget, *threads}
			if err := r.print(); err != nil {
				fmt.Fprintln(os.Stderr, "oneclass:", err)
				os.Exit(1)
			}
		}
	}
}

// run is a detector fitted to one class.
type run struct {
	train, test, detector, normal string
	gamma                         float64
	every                         int
	seed                          uint64
	budget                        time.Duration
	threads                       int
}

func (r run) print() error {
	d, err := registry.New(r.detector)
	if err != nil {
		return err
	}
	src, err := r.images(r.train, 1)
	if err != nil {
		return err
	}
	p := pool.New(r.threads)
	defer p.Close()
	begin := time.Now()
	note := func(s string) { fmt.Fprintln(os.Stderr, s) }
	src = r.draw(src)
	if err := d.Fit(context.Background(), src, baseline.Options{Seed: r.seed, Pool: p, Budget: r.budget, Note: note}); err != nil {
		return err
	}
	fitted := time.Since(begin)
	other, err := r.images(r.test, r.every)
	if err != nil {
		return err
	}
	c, err := eval.Collect(context.Background(), other, false, d)
	if err != nil {
		return err
	}
	totals, err := c[0].Totals()
	if err != nil {
		return err
	}
	fmt.Printf("%-12s %-12s gamma %.2f  AUROC %5.1f  %d images, fitted in %v, scored in %v\n", r.detector, r.normal, r.gamma, 100*totals.AUROC,
		other.Len(), fitted.Round(time.Second), (time.Since(begin) - fitted).Round(time.Second))
	return nil
}

// images returns each every-th picture of each class in a folder.
func (r run) images(dir string, every int) (dataset.Samples, error) {
	files, err := filepath.Glob(filepath.Join(dir, "*", "*.png"))
	if err != nil {
		return nil, err
	}
	var all dataset.Samples
	for i, f := range files {
		if i%every != 0 {
			continue
		}
		img, err := imageio.DecodeFile(f)
		if err != nil {
			return nil, err
		}
		all = append(all, dataset.Sample{Image: img, Normal: filepath.Base(filepath.Dir(f)) == r.normal})
	}
	return all, nil
}

// draw returns the normal images and, of the others, as many as gamma asks for.
func (r run) draw(all dataset.Samples) dataset.Samples {
	var normal, known dataset.Samples
	for _, s := range all {
		if s.Normal {
			normal = append(normal, s)
		} else {
			known = append(known, s)
		}
	}
	stream := rng.New(r.seed, rng.Name("known"))
	stream.Shuffle(len(known), func(i, j int) { known[i], known[j] = known[j], known[i] })
	n := int(r.gamma * float64(len(normal)) / (1 - r.gamma))
	return append(slices.Clone(normal), known[:min(n, len(known))]...)
}
