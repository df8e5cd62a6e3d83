// Package puzzlegeom is PuzzleGeom of Jézéquel, Vu, Beaudet and Histace (AVSS 2021): a network that
// tells how an image was moved, and how its pieces were laid, is unsure of images that are not
// normal.
package puzzlegeom

import (
	"context"
	"fmt"

	"anomem/baseline"
	"anomem/baseline/internal/learn"
	"anomem/dataset"
	"anomem/imageio"
	"anomem/nn"
	"anomem/nn/optim"
	"anomem/resnet"
)

// Detector is a ResNet-18 with heads for the moves of an image, and heads for the pieces that lie
// at each place of a puzzle of it. The score is the mean of how unsure both are.
type Detector struct {
	Side    int     // of the squares that images are shrunk to, in pixels: a multiple of Grid
	Width   float64 // of the network, as a share of ResNet-18's channels
	Grid    int     // pieces along a side
	Batch   int     // images of a step, each moved four ways and in four puzzles
	Rate    float64 // peak of the learning rate
	Weight  float64 // of the puzzles' loss, beside the moves'
	Puzzles int     // of an image that is scored
	Steps   int     // of the training; 0: as many as fit the budget

	net     *network[float32]
	puzzles []puzzle // that are scored
	scoring learn.Scoring
}

// New returns a detector that is not fitted, of a quarter of ResNet-18's channels on squares of 32
// pixels.
func New() *Detector {
	return &Detector{Side: 32, Width: 0.25, Grid: 2, Batch: 16, Rate: 0.1, Weight: 1, Puzzles: 12}
}

// Name implements baseline.Detector.
func (*Detector) Name() string { return "PuzzleGeom" }

// each is how many moved copies, and how many puzzles, a step has of an image.
const each = 4

// Fit implements baseline.Detector. It uses normal images alone. It is an error if images cannot be
// cut into the pieces, or nothing is scored.
func (d *Detector) Fit(ctx context.Context, src dataset.Source, o baseline.Options) error {
	if d.Grid < 2 || d.Side < d.Grid || d.Side%d.Grid != 0 || d.Puzzles < 1 {
		return fmt.Errorf("baseline: %s: %d×%d pieces of %d×%d pixels, %d puzzles: want 2 or more along a side, which divide it, and some puzzles",
			d.Name(), d.Grid, d.Grid, d.Side, d.Side, d.Puzzles)
	}
	images, err := learn.Read(ctx, d.Name(), src, d.Side, false)
	if err != nil {
		return err
	}
	net, err := newNetwork[float32](d.Width, d.Grid)
	if err != nil {
		return fmt.Errorf("baseline: %s: %w", d.Name(), err)
	}
	nn.Init(net, o.Seed)
	order, picks := learn.NewOrder(o.Seed, "normal", len(images.Normal)), make([]int, d.Batch)
	views, rows := learn.NewViews(o.Seed, d.Side, learn.Mild(), learn.Norm), make([]*imageio.Image, d.Batch)
	plain := make([]float32, d.Batch*3*d.Side*d.Side)
	t := learn.Training{
		Name: d.Name(), Update: optim.NewSGD(net, 0.9, 5e-4), Rate: d.Rate, Steps: d.Steps, WarmUp: 100, Budget: learn.Budget(o, 1),
		Loss: func(g *learn.Graph, step int) *learn.Tensor {
			order.Batch(picks, step)
			for i, k := range picks {
				rows[i] = images.Normal[k]
			}
			views.Fill(o.Pool, plain, rows, step, 0)
			moves := learn.DrawMoves(o.Seed, "puzzlegeom: moves", step, d.Batch)
			puzzles := drawPuzzles(o.Seed, step, each*d.Batch, d.Grid)
			geometry, pieces := d.forward(g, net, plain, moves, puzzles)
			return g.Add(learn.MoveLoss(g, geometry, moves), g.Scale(puzzleLoss(g, pieces, puzzles), float32(d.Weight)))
		},
	}
	if err := t.Run(ctx, o.Pool, o.Note); err != nil {
		return err
	}
	nn.SetTraining(net, false)
	d.net, d.puzzles = net, drawPuzzles(o.Seed, -1, d.Puzzles, d.Grid)
	return nil
}

// forward returns the logits of the moves of plain images [N Side Side 3], and those of puzzles
// of them.
func (d *Detector) forward(g *learn.Graph, net *network[float32], plain []float32, moves []learn.Move, puzzles []puzzle) (geometry, pieces *learn.Tensor) {
	x := g.Concat(0, learn.Moved(g, plain, d.Side, moves), puzzled(g, plain, d.Side, d.Grid, puzzles))
	z := net.encoder.Forward(g, x)
	n := len(moves)
	return net.moves.Forward(g, g.Slice(z, 0, 0, n)), net.pieces.Forward(g, g.Slice(z, 0, n, n+len(puzzles)))
}

// Score implements baseline.Detector.
func (d *Detector) Score(img *imageio.Image) (score float64) {
	if d.net == nil {
		learn.Unfitted(d.Name())
	}
	d.scoring.Do(func(g *learn.Graph) {
		plain := learn.Input(g, learn.Norm, d.Side, img.Resize(d.Side, d.Side)).Data()
		moves := learn.Moves()
		geometry, pieces := d.forward(g, d.net, plain, moves, d.puzzles)
		score = (learn.MoveSurprise(g, geometry, moves) + puzzleSurprise(g, pieces, d.puzzles)) / 2
	})
	return score
}

// Map implements baseline.Detector: it cannot say where.
func (*Detector) Map(*imageio.Image) *imageio.Map { return nil }

// network is a ResNet and the heads, a linear layer for each task.
type network[T nn.Float] struct {
	encoder       *resnet.ResNet[T]
	moves, pieces *nn.Linear[T]
}

func newNetwork[T nn.Float](width float64, grid int) (*network[T], error) {
	e, err := resnet.New[T](resnet.Config{Depth: 18, Stem: resnet.Small, Width: width})
	if err != nil {
		return nil, err
	}
	c, places := e.Config().StageChannels()[3], grid*grid
	return &network[T]{e, nn.NewLinear[T](c, learn.MoveLogits), nn.NewLinear[T](c, places*places)}, nil
}

// Visit implements nn.Params.
func (n *network[T]) Visit(v nn.Visitor[T], prefix string) {
	n.encoder.Visit(v, nn.Join(prefix, "encoder"))
	n.moves.Visit(v, nn.Join(prefix, "moves"))
	n.pieces.Visit(v, nn.Join(prefix, "pieces"))
}
