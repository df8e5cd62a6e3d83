// Rivals fits one detector of package baseline to a dataset and says what it reaches on the
// test images: by kind, on pixels if there are masks, and in how much time.
//
//	go run ./testdata/studies/rivals [-normal CLASS] DATA ID [NAME=VALUE ...]
//
// NAME=VALUE sets a parameter of the detector, such as encoder=resnet18.safetensors.
package main

import (
	"context"
	"flag"
	"fmt"
	_ "image/jpeg"
	_ "image/png"
	"os"
	"os/signal"
	"slices"
	"time"

	"anomem/baseline"
	"anomem/baseline/registry"
	"anomem/dataset"
	"anomem/eval"
	"anomem/simd/pool"
)

func main() {
	seed := flag.Uint64("seed", 1, "of the random numbers")
	threads := flag.Int("threads", 0, "0: one a core")
	normal := flag.String("normal", "", "the normal class, of a folder for each")
	flag.Parse()
	if flag.NArg() < 2 {
		fmt.Fprintln(os.Stderr, "usage: rivals [-seed N] [-threads N] [-normal CLASS] DATA ID [NAME=VALUE ...]")
		os.Exit(2)
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	p := pool.New(*threads)
	defer p.Close()
	o := baseline.Options{Seed: *seed, Pool: p, Note: func(s string) { fmt.Println(s) }}
	if err := run(ctx, flag.Arg(0), *normal, flag.Arg(1), flag.Args()[2:], o); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// run fits and tests the detector.
func run(ctx context.Context, path, normal, id string, settings []string, o baseline.Options) error {
	d, err := registry.With(id, settings...)
	if err != nil {
		return err
	}
	var named dataset.Options
	if normal != "" {
		named.Normal = []string{normal}
	}
	data, err := dataset.Open(path, named)
	if err != nil {
		return err
	}
	learn, err := data.Read(ctx, data.Train(), dataset.ReadOptions{})
	if err != nil {
		return err
	}
	test, err := data.Read(ctx, data.Test(), dataset.ReadOptions{})
	if err != nil {
		return err
	}
	began := time.Now()
	if err := d.Fit(ctx, learn, o); err != nil {
		return err
	}
	fitted := time.Now()
	masks, err := anyMask(test)
	if err != nil {
		return err
	}
	said, err := eval.Collect(ctx, test, masks, d)
	if err != nil {
		return err
	}
	scored := time.Since(fitted)
	totals, err := said[0].Totals()
	if err != nil {
		return err
	}
	fmt.Printf("%s: AUROC %.2f, average precision %.2f of %d images", d.Name(), 100*totals.AUROC, 100*totals.AveragePrecision, totals.Images)
	if totals.PixelAUROC != nil {
		fmt.Printf(", pixels %.2f", 100**totals.PixelAUROC)
	}
	fmt.Printf("; fitted to %d in %.1fs, %.1f ms an image, decoding included\n", learn.Len(), fitted.Sub(began).Seconds(), 1000*scored.Seconds()/float64(totals.Images))
	return byKind(said[0], test)
}

// anyMask reports whether it is known of any anomaly where it is.
func anyMask(test *dataset.Images) (bool, error) {
	for i := range test.Len() {
		if mask, err := test.Mask(i); mask != nil || err != nil {
			return mask != nil, err
		}
	}
	return false, nil
}

// byKind prints the AUROC of each kind of defect.
func byKind(said *eval.Collector, test *dataset.Images) error {
	var kinds []string
	for i := range test.Len() {
		if kind := test.Item(i).Class; !test.Normal(i) && !slices.Contains(kinds, kind) {
			kinds = append(kinds, kind)
		}
	}
	slices.Sort(kinds)
	areas, err := said.ByKind(func(i int) string { return test.Item(i).Class }, kinds...)
	for k, area := range areas {
		fmt.Printf("  %-16s %.2f\n", kinds[k], 100*area)
	}
	return err
}
