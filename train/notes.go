package train

import "fmt"

// notes collects the decisions of a training, which go into the model file.
type notes struct {
	list []string
	tell func(string) // receives each decision and each message; may be nil
}

// moreKnown returns "1 more known anomaly", "2 more known anomalies".
func moreKnown(n int) string {
	if n == 1 {
		return "1 more known anomaly"
	}
	return fmt.Sprintf("%d more known anomalies", n)
}

// add records a decision and reports it.
func (n *notes) add(format string, args ...any) {
	text := fmt.Sprintf(format, args...)
	n.list = append(n.list, text)
	n.say(text)
}

// say reports a message without recording it.
func (n *notes) say(text string) {
	if n.tell != nil {
		n.tell(text)
	}
}
