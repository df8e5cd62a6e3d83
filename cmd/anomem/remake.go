package main

import (
	"context"
	"fmt"

	"anomem"
	"anomem/dataset"
	"anomem/describe"
	"anomem/imageio"
	"anomem/simd/pool"
)

// remakeFlags are the options of the commands that make a model from another one and a
// folder or a table of images.
type remakeFlags struct {
	model, out string
	roi        string
	skip       bool
	threads    int
	data       dataset.Options // which rows of a table are read

	needs func(*anomem.Model) error // says why a model will not do; nil: any does
}

func (f *remakeFlags) declare(g *optionGroup) {
	g.model(&f.model)
	option(g, &f.out, "o", "", "write the new model to `FILE`").byDefault("the model's own")
	g.table(&f.data)
	g.roi(&f.roi).byDefault("the model's")
	g.skipBroken(&f.skip)
	g.threads(&f.threads)
}

// remakeFunc makes a model from another one and images.
type remakeFunc func(ctx context.Context, m *anomem.Model, images *dataset.Images, show *progress, p *pool.Pool) (*anomem.Model, error)

// readFunc reads the images of a folder or a table.
type readFunc func(ctx context.Context, path string, o dataset.Options, read dataset.ReadOptions) (*dataset.Images, error)

// remake loads the model, reads the images at path and writes the model that make returns. It keeps
// that many bytes of decoded images in memory.
func (f *remakeFlags) remake(e *env, path string, keep int64, read readFunc, make remakeFunc) error {
	if f.out == "" {
		f.out = f.model
	}
	ctx, stop := untilInterrupt()
	defer stop()
	p := pool.New(f.threads)
	defer p.Close()
	m, err := anomem.Load(f.model, p)
	if err != nil {
		return err
	}
	if f.needs != nil {
		if err := f.needs(m); err != nil {
			return err
		}
	}
	if err := needsROI(m, f.roi); err != nil {
		return err
	}
	if err := writable(f.out); err != nil {
		return err
	}
	show := newPhases(e)
	defer show.close()
	show.phase("decoding images", 0)
	decoder := &imageio.Decoder{Range: m.Config().Input.Range}
	f.data.Decode, f.data.ROI, f.data.Region = decoder.Decode, f.roi, m.Region()
	images, err := read(ctx, path, f.data, dataset.ReadOptions{SkipBroken: f.skip, Note: show.note, Keep: keep, Threads: f.threads})
	if err != nil {
		return orSkip(err)
	}
	if text := otherDepth(decoder); text != "" {
		show.note(text)
	}
	if m, err = make(ctx, m, images, show, p); err != nil {
		return err
	}
	if err := m.Save(f.out); err != nil {
		return err
	}
	show.wipe()
	fmt.Fprintf(e.stdout, "wrote %s: %s\n", f.out, describe.Verdict(m))
	return nil
}
