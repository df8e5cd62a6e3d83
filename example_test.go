package anomem_test

import (
	"fmt"
	"log"

	"anomem"
	"anomem/eval/report"
	"anomem/imageio"
	"anomem/simd/pool"
	"anomem/synthetic"
)

// A model is calibrated by normal pictures, and then scores and explains another. This one
// is untrained and tiny, so that it runs at once; Load reads a trained one.
func Example() {
	c := anomem.DefaultConfig()
	c.Encoder.Width = 0.125
	parts, err := anomem.NewParts[float32](c, 1)
	if err != nil {
		log.Fatal(err)
	}
	p := pool.New(0)
	defer p.Close()
	m, err := anomem.NewModel(c, parts, p)
	if err != nil {
		log.Fatal(err)
	}

	var scores []float64
	pictures := synthetic.Options{Scene: synthetic.Part}
	for i := range 39 {
		scores = append(scores, m.Score(pictures.Normal(1, i).Image).Score)
	}
	if err := m.Calibrate(scores, anomem.Promise{Alpha: 0.05}); err != nil {
		log.Fatal(err)
	}

	img := pictures.Normal(1, 39).Image
	x := m.Explain([]*anomem.Image{img})[0]
	fmt.Printf("score %.4f, p-value %.3f, anomalous %v\n", x.Score, x.PValue, x.Anomalous)
	fmt.Printf("heatmap of %d×%d pixels\n", x.Heatmap.W, x.Heatmap.H)
	// Output:
	// score 0.2104, p-value 0.275, anomalous false
	// heatmap of 32×32 pixels
}

// A trained model scores an image file and draws where it deviates.
func ExampleLoad() {
	m, err := anomem.Load("model.safetensors", pool.New(0), anomem.ForScoring())
	if err != nil {
		log.Fatal(err)
	}
	img, err := m.DecodeFile("new.png")
	if err != nil {
		log.Fatal(err)
	}
	x := m.Explain([]*anomem.Image{img})[0]
	fmt.Println(x.Score, x.PValue, x.Anomalous)
	lo, hi := x.Heatmap.Range()
	if err := imageio.WritePNG("heatmap.png", report.Strip(img, x.Heatmap, lo, hi, nil)); err != nil {
		log.Fatal(err)
	}
}
