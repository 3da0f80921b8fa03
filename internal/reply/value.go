package reply

import (
	"encoding/json"
	"strconv"
	"strings"
	"time"

	"github.com/modelslab-go/modelslab/internal/wire"
)

// A Value is the text of one JSON value of an answer, read leniently, since the
// API spells numbers as strings, lists as objects, and "nothing" in four ways.
// A value that is not there reads as zero.
type Value string

// Get returns a member of an object.
func (v Value) Get(key string) Value { return Value(wire.Field(string(v), key)) }

// Missing reports whether there is nothing.
func (v Value) Missing() bool { return v == "" || v == "null" || v == `""` }

// Or returns v, or other where v has nothing.
func (v Value) Or(other Value) Value {
	if v.Missing() {
		return other
	}
	return v
}

// Raw returns a copy of the text.
func (v Value) Raw() json.RawMessage { return json.RawMessage(v) }

// Text reads a string, or a number or flag as it was sent.
func (v Value) Text() string { return wire.Scalar(string(v)) }

// Truth reads a flag, or a list of flags, one of which is set.
func (v Value) Truth() bool { return isTrue(string(v)) }

// Status reads a status as that of a job.
func (v Value) Status() string { return statusOf(statusWord(string(v))) }

// Number reads a number.
func (v Value) Number() float64 {
	x, err := strconv.ParseFloat(strings.TrimSpace(v.Text()), 64)
	if err != nil {
		return 0
	}
	return x
}

// Integer reads a number without its fraction.
func (v Value) Integer() int {
	if n, err := strconv.Atoi(strings.TrimSpace(v.Text())); err == nil {
		return n
	}
	return int(v.Number())
}

// Time reads a date, with or without the time of day.
func (v Value) Time() time.Time {
	for _, layout := range [...]string{time.RFC3339, time.DateTime, time.DateOnly} {
		if t, err := time.Parse(layout, v.Text()); err == nil {
			return t
		}
	}
	return time.Time{}
}

// IsObject reports whether the value is an object.
func (v Value) IsObject() bool { return isObject(string(v)) }

// List returns the elements of an array, or the values of an object: a list
// with a gap is sent as one.
func (v Value) List() []Value {
	var all []Value
	if strings.HasPrefix(string(v), "[") {
		_ = wire.Array(string(v), func(element string) error {
			all = append(all, Value(element))
			return nil
		})
	}
	v.Members(func(_ string, value Value) { all = append(all, value) })
	return all
}

// Members calls f for every member of an object.
func (v Value) Members(f func(name string, value Value)) {
	if !v.IsObject() {
		return
	}
	_ = wire.Object(string(v), func(name, value string) error {
		f(name, Value(value))
		return nil
	})
}

// Texts returns the strings of a list; one string is a list of itself.
func (v Value) Texts() []string {
	var all []string
	for _, element := range append(v.List(), v) {
		if text := element.Text(); text != "" {
			all = append(all, text)
		}
	}
	return all
}
