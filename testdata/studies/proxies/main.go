// Proxies reports how well evidence without anomalies ranks the scores of a model.
//
//	go run ./testdata/studies/proxies TRAIN TEST MODEL=CLASS[,CLASS] ...
//
// TRAIN and TEST are folders with a folder of 32×32 pictures for each class; each MODEL was
// trained on the given classes. Of a model's classes in TEST, one half of the images is the
// evidence, and anomalies are made from it in ways that no training uses. The other half and
// every fourth image of the other classes give the truth. For each proxy it prints the rank
// correlation of its AUROC with the true one over the candidates, and how much AUROC the
// candidate that it puts first lacks of the best.
package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"anomem"
	"anomem/baseline"
	"anomem/baseline/meancolour"
	"anomem/baseline/pca"
	"anomem/dataset"
	"anomem/eval"
	"anomem/imageio"
	"anomem/simd/pool"
)

func main() {
	if err := run(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "proxies:", err)
		os.Exit(1)
	}
}

func run(args []string) error {
	if len(args) < 3 {
		return errors.New("usage: proxies TRAIN TEST MODEL=CLASS[,CLASS] ...")
	}
	var s summary
	for _, arg := range args[2:] {
		path, classes, ok := strings.Cut(arg, "=")
		if !ok {
			return fmt.Errorf("%s: want MODEL=CLASS", arg)
		}
		t, err := study(args[0], args[1], path, strings.Split(classes, ","))
		if err != nil {
			return fmt.Errorf("%s: %w", arg, err)
		}
		t.print(classes)
		s.add(t)
	}
	s.print()
	return nil
}

// table holds the AUROC of each candidate, true and by each proxy.
type table struct {
	candidates, proxies []string
	truth               []float64   // [candidate]
	byProxy             [][]float64 // [proxy][candidate]
}

// study returns the table of the model at path.
func study(train, test, path string, classes []string) (*table, error) {
	model, err := anomem.Load(path, pool.New(1))
	if err != nil {
		return nil, err
	}
	normal, others, err := images(model, test, classes)
	if err != nil {
		return nil, err
	}
	var evidence, held []*imageio.Image
	for i, img := range normal {
		if i%2 == 0 {
			evidence = append(evidence, img)
		} else {
			held = append(held, img)
		}
	}
	learned, _, err := images(model, train, classes)
	if err != nil {
		return nil, err
	}
	candidates, err := candidatesOf(model, learned)
	if err != nil {
		return nil, err
	}
	t := &table{proxies: append(names(made), "agreement", "mean of made")}
	t.byProxy = make([][]float64, len(t.proxies))
	sets := make([][]*imageio.Image, len(made))
	for k, m := range made {
		sets[k] = m.from(evidence)
	}
	var all [][]float64 // scores of all images of the truth, [candidate]
	for _, c := range candidates {
		t.candidates = append(t.candidates, c.name)
		of := c.scores(evidence)
		var mean float64
		for k, set := range sets {
			a := auroc(of, c.scores(set))
			t.byProxy[k] = append(t.byProxy[k], a)
			mean += a / float64(len(sets))
		}
		t.byProxy[len(made)+1] = append(t.byProxy[len(made)+1], mean)
		good, bad := c.scores(held), c.scores(others)
		t.truth = append(t.truth, auroc(good, bad))
		all = append(all, append(good, bad...))
	}
	t.byProxy[len(made)] = agreement(all)
	return t, nil
}

// images returns those of the given classes below dir, and every fourth of the other classes.
func images(m *anomem.Model, dir string, classes []string) (of, others []*imageio.Image, err error) {
	paths, err := filepath.Glob(filepath.Join(dir, "*", "*.png"))
	if err != nil {
		return nil, nil, err
	}
	for i, path := range paths {
		in := slices.Contains(classes, filepath.Base(filepath.Dir(path)))
		if !in && i%4 != 0 {
			continue
		}
		img, err := m.DecodeFile(path)
		if err != nil {
			return nil, nil, err
		}
		if in {
			of = append(of, img)
		} else {
			others = append(others, img)
		}
	}
	if len(of) == 0 {
		return nil, nil, fmt.Errorf("%s: no image of %v", dir, classes)
	}
	return of, others, nil
}

// candidate is a score that a model could have.
type candidate struct {
	name   string
	scores func([]*imageio.Image) []float64
}

// candidatesOf returns the scores of a model that tells turns apart, and two of pixels.
func candidatesOf(model *anomem.Model, learned []*imageio.Image) ([]candidate, error) {
	var all []candidate
	add := func(name string, c anomem.Config) error {
		m, err := anomem.NewModel(c, model.Parts(), pool.New(1))
		if err != nil {
			return err
		}
		all = append(all, candidate{name, func(imgs []*imageio.Image) []float64 {
			var scores []float64
			for batch := range slices.Chunk(imgs, 64) {
				for _, r := range m.ScoreBatch(batch) {
					scores = append(scores, r.Score)
				}
			}
			return scores
		}})
		return nil
	}
	c := model.Config()
	if c.Score.Kind != anomem.ScoreSum {
		return nil, fmt.Errorf("the score is %s, not a sum", c.Score.Kind)
	}
	err := add("sum", c)
	flat := c
	flat.Score.Terms = nil
	for _, t := range c.Score.Terms {
		one := c
		one.Score.Terms = []anomem.Term{t}
		err = errors.Join(err, add(string(t.Kind), one))
		t.Weight = slices.Repeat([]float64{1}, len(t.Weight))
		flat.Score.Terms = append(flat.Score.Terms, t)
	}
	err = errors.Join(err, add("sum, equal weights", flat))
	for _, kind := range []anomem.ScoreKind{anomem.ScoreCosine, anomem.ScoreL2} {
		plain := c
		plain.Score = anomem.ScoreConfig{Kind: kind, Top: 1}
		err = errors.Join(err, add(string(kind), plain))
	}
	if err != nil {
		return nil, err
	}
	var src dataset.Samples
	for _, img := range learned {
		src = append(src, dataset.Sample{Image: img, Normal: true})
	}
	for _, d := range []baseline.Detector{pca.New(), meancolour.New()} {
		if err := d.Fit(context.Background(), src, baseline.Options{Pool: pool.New(1)}); err != nil {
			return nil, err
		}
		all = append(all, candidate{d.Name(), func(imgs []*imageio.Image) []float64 {
			var scores []float64
			for _, img := range imgs {
				scores = append(scores, d.Score(img))
			}
			return scores
		}})
	}
	return all, nil
}

// auroc panics unless both lists have values.
func auroc(normal, anomalous []float64) float64 {
	labels := make([]bool, len(normal)+len(anomalous))
	for i := range anomalous {
		labels[len(normal)+i] = true
	}
	a, err := eval.AUROC(slices.Concat(normal, anomalous), labels)
	if err != nil {
		panic(err)
	}
	return 100 * a
}
