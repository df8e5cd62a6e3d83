package reversedistillation

import (
	"fmt"

	"anomem/autograd"
	"anomem/nn"
)

// levels is the number of the teacher's maps that the student tells: those after its first three
// stages.
const levels = 3

// architecture is that of a ResNet of some depth.
type architecture struct {
	bottleneck bool
	blocks     [levels]int // of the decoder's stages, from the smallest map
	embed      int         // blocks of the embedding
}

// architectures has those of the authors' code by depth, and of a ResNet-101 likewise.
var architectures = map[int]architecture{
	18:  {false, [levels]int{2, 2, 2}, 2},
	34:  {false, [levels]int{3, 4, 6}, 3},
	50:  {true, [levels]int{3, 4, 6}, 3},
	101: {true, [levels]int{3, 4, 23}, 3},
}

// student tells the teacher's maps from a small embedding of them.
type student[T nn.Float] struct {
	first, second *unit[T]    // halve the first map twice
	once          *unit[T]    // halves the second map
	embed         []*block[T] // from all three, side by side, to the embedding
	decode        [levels][]*block[T]
}

// newStudent returns the student of a teacher with so many channels after its four stages.
func newStudent[T nn.Float](a architecture, c [4]int) *student[T] {
	s := &student[T]{
		first: newUnit[T](c[0], c[1], 3, 2), second: newUnit[T](c[1], c[2], 3, 2), once: newUnit[T](c[1], c[2], 3, 2),
		embed: newStage[T](a.bottleneck, a.embed, 3*c[2], c[3], halve),
	}
	for i := range levels {
		s.decode[i] = newStage[T](a.bottleneck, a.blocks[i], c[3-i], c[2-i], double)
	}
	return s
}

// Forward returns what the student makes of the teacher's first three maps, in their order and
// shapes. The sides of the last are even.
func (s *student[T]) Forward(g *autograd.Graph[T], maps [levels]*autograd.Tensor[T]) (told [levels]*autograd.Tensor[T]) {
	one := g.ReLU(s.second.forward(g, g.ReLU(s.first.forward(g, maps[0]))))
	two := g.ReLU(s.once.forward(g, maps[1]))
	x := through(g, s.embed, g.Concat(3, one, two, maps[2]))
	for i, stage := range s.decode {
		x = through(g, stage, x)
		told[levels-1-i] = x
	}
	return told
}

func through[T nn.Float](g *autograd.Graph[T], stage []*block[T], x *autograd.Tensor[T]) *autograd.Tensor[T] {
	for _, b := range stage {
		x = b.Forward(g, x)
	}
	return x
}

// Visit implements nn.Params.
func (s *student[T]) Visit(v nn.Visitor[T], prefix string) {
	s.first.Visit(v, nn.Join(prefix, "first"))
	s.second.Visit(v, nn.Join(prefix, "second"))
	s.once.Visit(v, nn.Join(prefix, "once"))
	visitStage(s.embed, v, nn.Join(prefix, "embed"))
	for i, stage := range s.decode {
		visitStage(stage, v, nn.Join(prefix, fmt.Sprintf("decode%d", i+1)))
	}
}

func visitStage[T nn.Float](stage []*block[T], v nn.Visitor[T], prefix string) {
	for i, b := range stage {
		b.Visit(v, nn.Join(prefix, fmt.Sprint(i)))
	}
}
