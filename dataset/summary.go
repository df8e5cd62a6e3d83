package dataset

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
)

// Counts are the numbers of images of a dataset.
type Counts struct {
	Layout    string       `json:"layout"`
	Normal    int          `json:"normal"`
	Anomalous int          `json:"anomalous"`
	Known     int          `json:"known"`             // anomalies that training may use
	Normals   []ClassCount `json:"normalClasses"`     // the classes taken for normal
	Anomalies []ClassCount `json:"anomalousClasses"`  // the others
	ByMask    bool         `json:"byMask"`            // an image is an anomaly if its mask marks something
	Masked    int          `json:"masked"`            // anomalies with a mask
	AnyMask   int          `json:"anyMask"`           // images with a mask
	ROI       int          `json:"regionsOfInterest"` // images with a region of interest
	Passed    Passed       `json:"passedOver"`        // files that are no items
	Warnings  []string     `json:"warnings,omitempty"`
}

// ClassCount is the number of images of one class.
type ClassCount struct {
	Class string `json:"class"`
	N     int    `json:"count"`
}

// Counts counts the images of d.
func (d *Dataset) Counts() Counts {
	c := Counts{Layout: d.Layout, ByMask: d.byMask, Passed: d.Passed, Warnings: d.Warnings()}
	normal, anomalous := map[string]int{}, map[string]int{}
	for i := range d.Items {
		it := &d.Items[i]
		if it.Mask != "" {
			c.AnyMask++
		}
		if it.ROI != "" {
			c.ROI++
		}
		if it.Normal {
			c.Normal++
			normal[it.Class]++
			continue
		}
		c.Anomalous++
		anomalous[it.Class]++
		if it.Labelled {
			c.Known++
		}
		if it.Mask != "" {
			c.Masked++
		}
	}
	c.Normals, c.Anomalies = byCount(normal), byCount(anomalous)
	return c
}

// byCount returns the counts of classes, the largest first, without that of no class.
func byCount(counts map[string]int) []ClassCount {
	all := []ClassCount{}
	for class, n := range counts {
		if class != "" {
			all = append(all, ClassCount{class, n})
		}
	}
	slices.SortFunc(all, func(a, b ClassCount) int {
		return cmp.Or(cmp.Compare(b.N, a.N), cmp.Compare(a.Class, b.Class))
	})
	return all
}

// Summary returns how d was read, in one line: its layout, the numbers of images and the
// classes taken for normal and anomalous, the masks, and what was passed over.
func (d *Dataset) Summary() string { return d.Counts().String() }

// String returns the line of Dataset.Summary.
func (c Counts) String() string {
	names := func(class ClassCount) string { return class.Class }
	normals := inBrackets(c.Normals, names)
	if empty := c.AnyMask - c.Masked; c.ByMask {
		normals = fmt.Sprintf(" (%d with a mask that marks nothing, %d without a mask)", empty, c.Normal-empty)
	}
	parts := []string{fmt.Sprintf("layout %s: %d normal%s", c.Layout, c.Normal, normals)}
	if c.Anomalous > 0 {
		classes := inBrackets(c.Anomalies, func(class ClassCount) string { return fmt.Sprintf("%s %d", class.Class, class.N) })
		if c.ByMask && len(c.Anomalies) == 0 {
			classes = " (their masks mark something)"
		}
		parts = append(parts, fmt.Sprintf("%d anomalous%s", c.Anomalous, classes))
	}
	if c.AnyMask > 0 && c.Anomalous > 0 {
		parts = append(parts, fmt.Sprintf("masks for %d of %d", c.Masked, c.Anomalous))
	}
	if c.ROI > 0 {
		parts = append(parts, fmt.Sprintf("regions of interest for %d of %d", c.ROI, c.Normal+c.Anomalous))
	}
	if passed := c.Passed.String(); passed != "" {
		parts = append(parts, "passed over: "+passed)
	}
	return strings.Join(parts, ", ")
}

// inBrackets lists classes, in a space and brackets; "" for none.
func inBrackets(classes []ClassCount, text func(ClassCount) string) string {
	if len(classes) == 0 {
		return ""
	}
	var all []string
	for _, c := range classes {
		all = append(all, text(c))
	}
	return " (" + list(all) + ")"
}
