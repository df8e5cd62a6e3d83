package spelling

import "testing"

func TestEdits(t *testing.T) {
	for _, tt := range []struct {
		a, b string
		want int
	}{{"", "", 0}, {"", "abc", 3}, {"beta", "beta", 0}, {"bta", "beta", 1}, {"kitten", "sitting", 3}, {"flaw", "lawn", 2}} {
		if got := Edits(tt.a, tt.b); got != tt.want {
			t.Errorf("Edits(%q, %q) = %d, want %d", tt.a, tt.b, got, tt.want)
		}
		if got := Edits(tt.b, tt.a); got != tt.want {
			t.Errorf("Edits(%q, %q) = %d, want %d", tt.b, tt.a, got, tt.want)
		}
	}
}
