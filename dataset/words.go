package dataset

import (
	"slices"
	"strings"
)

// goodWords and badWords name normal and anomalous classes, as plainWord writes them.
var (
	goodWords = []string{
		"normal", "normals", "good", "ok", "okay", "pass", "passed", "nominal", "healthy",
		"defectfree", "nodefect", "nodefects", "nondefective", "undefective", "anomalyfree", "noanomaly",
	}
	badWords = []string{
		"bad", "ng", "nok", "ko", "notok", "nogood", "notgood", "fail", "failed", "reject", "rejected",
		"abnormal", "anomaly", "anomalies", "anomalous", "anomal", "outlier", "outliers",
		"defect", "defects", "defective", "faulty", "fault", "faults", "damaged", "broken",
	}
)

// openWords answer a question that nobody wrote down: "1" is normal in the paper and a
// defect in most tables of labels.
var openWords = []string{
	"0", "1", "-1", "true", "false", "yes", "no", "t", "f", "y", "n", "positive", "negative", "pos", "neg",
}

// plainWord writes a class's name in lower case, without what joins words.
func plainWord(class string) string {
	return strings.NewReplacer("-", "", "_", "", " ", "", ".", "").Replace(strings.ToLower(class))
}

// isGood reports whether a class says by its name that it is normal.
func isGood(class string) bool { return slices.Contains(goodWords, plainWord(class)) }

// isBad reports whether a class says by its name that it is anomalous.
func isBad(class string) bool { return slices.Contains(badWords, plainWord(class)) }

// isOpen reports whether a class's name is an answer to an unknown question.
func isOpen(class string) bool { return slices.Contains(openWords, strings.ToLower(class)) }
