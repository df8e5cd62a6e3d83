package main

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
)

// rule says which values an option takes.
type rule[T any] struct {
	want  string // as in "is not above 0"
	ok    func(T) bool
	plain bool // goes without saying, in --help
}

// fromBelow takes values from least to below limit.
func fromBelow[T cmp.Ordered](least, limit T) rule[T] {
	return rule[T]{want: fmt.Sprintf("from %v to below %v", least, limit), ok: func(v T) bool { return v >= least && v < limit }}
}

// notBelow takes values from least on.
func notBelow[T cmp.Ordered](least T) rule[T] {
	return rule[T]{want: fmt.Sprintf("%v or more", least), ok: func(v T) bool { return v >= least }, plain: true}
}

// fromTo takes values from least to most.
func fromTo[T cmp.Ordered](least, most T) rule[T] {
	return rule[T]{want: fmt.Sprintf("from %v to %v", least, most), ok: func(v T) bool { return v >= least && v <= most }}
}

// notNegative takes 0 and values above it.
func notNegative[T int | float64]() rule[T] {
	return rule[T]{want: "0 or more", ok: func(v T) bool { return v >= 0 }, plain: true}
}

// above takes values above limit.
func above[T cmp.Ordered](limit T) rule[T] {
	return rule[T]{want: fmt.Sprintf("above %v", limit), ok: func(v T) bool { return v > limit }}
}

// between takes values between least and limit, and neither of them.
func between[T cmp.Ordered](least, limit T) rule[T] {
	return rule[T]{want: fmt.Sprintf("between %v and %v", least, limit), ok: func(v T) bool { return v > least && v < limit }}
}

// share takes a part of a whole, but not all of it.
var share = fromBelow(0.0, 1)

// finiteNumber takes any number but NaN and the infinite ones.
var finiteNumber = rule[float64]{want: "a finite number", ok: func(v float64) bool { return v-v == 0 }, plain: true}

// oneOf takes the given words.
func oneOf(words ...string) rule[string] {
	shown := slices.DeleteFunc(slices.Clone(words), func(w string) bool { return w == "" })
	return rule[string]{want: "one of " + strings.Join(shown, ", "), ok: func(v string) bool { return slices.Contains(words, v) }}
}
