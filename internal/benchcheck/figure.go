package main

import (
	"fmt"
	"slices"
	"strconv"
)

// A figure is what was measured, and its bar.
type figure struct {
	what    string
	spread  spread
	bar     float64 // 0 for none
	atLeast bool    // the bar is for the least; else for the most
}

func (f figure) missed() bool {
	switch {
	case f.bar == 0:
		return false
	case f.atLeast:
		return f.spread.median < f.bar
	default:
		return f.spread.median > f.bar
	}
}

// String is the rest of a line of the table.
func (f figure) String() string {
	text := f.what + "\t" + f.spread.String() + "\t"
	if f.bar == 0 {
		return text
	}
	text += map[bool]string{true: "at least ", false: "at most "}[f.atLeast] + number(f.bar)
	if f.missed() {
		text += " MISSED"
	}
	return text
}

// A spread is the middle half of some values.
type spread struct{ median, low, high float64 }

// exactly is the spread of a figure that does not vary.
func exactly(x float64) spread { return spread{x, x, x} }

func spreadOf(values []float64) spread {
	slices.Sort(values)
	at := func(part float64) float64 {
		place := part * float64(len(values)-1)
		below := int(place)
		above := min(below+1, len(values)-1)
		return values[below] + (place-float64(below))*(values[above]-values[below])
	}
	return spread{at(0.5), at(0.25), at(0.75)}
}

func (s spread) String() string {
	if s.low == s.high {
		return number(s.median)
	}
	return fmt.Sprintf("%s (%s-%s)", number(s.median), number(s.low), number(s.high))
}

// number writes three digits, or all of a whole number.
func number(x float64) string {
	if x == float64(int(x)) || x >= 1000 {
		return strconv.Itoa(int(x))
	}
	return strconv.FormatFloat(x, 'g', 3, 64)
}
