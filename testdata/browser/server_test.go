package browser

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"image/png"
	"net/http/httptest"
	"os"
	"path/filepath"
	"sync"
	"testing"

	"anomem"
	"anomem/dataset"
	"anomem/imageio"
	"anomem/serve"
	"anomem/synthetic"
	"anomem/train"
	"anomem/train/augment"
)

// scene is what the pictures show.
var scene = synthetic.Options{Scene: synthetic.Part}

// trained is a model of a short training, whose scores only need to differ.
var trained = sync.OnceValues(func() (*anomem.Model, error) {
	var data, held dataset.Samples
	for i := range 24 {
		data = append(data, dataset.Sample{Image: scene.Normal(7, i).Image, Normal: true})
	}
	for i := range 20 {
		held = append(held, dataset.Sample{Image: scene.Normal(8, i).Image, Normal: true})
	}
	config, o := train.Settings(train.Small, augment.Object, 32, 32)
	config.Encoder.Width, config.Encoder.Depth = 1./16, 18
	config.Scales[0].Patterns, config.Scales[1].Patterns = 12, 10
	o.Seed, o.Batch, o.Chunk, o.Epochs, o.WarmUp = 3, 8, 4, 2, 1
	o.Heads.Epochs, o.Heads.Views, o.Heads.KnownViews, o.Heads.Batch = 3, 2, 0, 8
	r := train.Run{Config: config, Options: o, Data: data, Held: held, Promise: anomem.Promise{Alpha: 0.1}}
	m, err := r.Train(context.Background(), nil)
	if err == nil {
		m.SetSeen(anomem.NewSeen(nil, nil))
	}
	return m, err
})

// served is a server with a model in a file, a folder of marks and some images to drop.
type served struct {
	url    string
	model  string // the path of its file
	labels string
	images string // a folder of good-0.png to good-5.png and odd-0.png to odd-5.png
}

// start starts a server. With tokens it wants one of a file.
func start(t *testing.T, tokens *serve.Tokens) *served {
	t.Helper()
	m, err := trained()
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	v := &served{model: filepath.Join(dir, "m.safetensors"), labels: filepath.Join(dir, "labels"), images: filepath.Join(dir, "images")}
	l, err := serve.OpenLabels(v.labels, 100)
	if err == nil {
		err = errors.Join(m.Save(v.model), v.draw())
	}
	if err != nil {
		t.Fatal(err)
	}
	s, err := serve.New(serve.Options{Limits: serve.DefaultLimits(), Tokens: tokens, Page: true, Labels: l, Refit: true, Failed: func(text string) { t.Error(text) }})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Close)
	if err := serve.NewFiles(s, nil, nil).Add("m", v.model); err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(s)
	t.Cleanup(server.Close)
	v.url = server.URL + "/"
	return v
}

// draw writes the images.
func (v *served) draw() error {
	if err := os.MkdirAll(v.images, 0o777); err != nil {
		return err
	}
	for i := range 6 {
		for name, img := range map[string]*imageio.Image{"good": scene.Normal(5, i).Image, "odd": scene.Anomaly(5, i, synthetic.Style).Image} {
			var file bytes.Buffer
			if err := png.Encode(&file, img.ToImage()); err != nil {
				return err
			}
			if err := os.WriteFile(filepath.Join(v.images, fmt.Sprintf("%s-%d.png", name, i)), file.Bytes(), 0o666); err != nil {
				return err
			}
		}
	}
	return nil
}
