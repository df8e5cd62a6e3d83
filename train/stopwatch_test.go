package train

import (
	"strings"
	"testing"
	"time"
)

// The clock of a budget is monotonic: the one that it reads by itself tells so, and where one
// without that goes back, no time has passed.
func TestBudgetIgnoresClockJumps(t *testing.T) {
	r := &Run{Budget: time.Hour}
	if b := r.newBudget(&State{}); !strings.Contains(b.last.String(), " m=") { // as package time says
		t.Errorf("%v has no monotonic reading", b.last)
	}
	at := time.Date(2026, 3, 29, 3, 0, 0, 0, time.UTC)
	w := start(func() time.Time { return at }, time.Minute)
	at = at.Add(-time.Hour)
	if took := w.lap(); took != 0 || w.spent != time.Minute {
		t.Errorf("an hour back took %v, %v are spent", took, w.spent)
	}
	at = at.Add(time.Second)
	if took := w.lap(); took != time.Second || w.spent != time.Minute+time.Second {
		t.Errorf("a second took %v, %v are spent", took, w.spent)
	}
}
