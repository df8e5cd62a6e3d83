package train

import "fmt"

// notes are the decisions that a training takes. They go into the model file.
type notes struct {
	list []string
	tell func(string) // is told of each, and of what goes on; nil: nobody is
}

// add notes a decision.
func (n *notes) add(format string, args ...any) {
	text := fmt.Sprintf(format, args...)
	n.list = append(n.list, text)
	n.say(text)
}

// say tells of what goes on, and notes nothing.
func (n *notes) say(text string) {
	if n.tell != nil {
		n.tell(text)
	}
}
