package modelslab

import (
	"encoding/json"
	"strconv"
	"strings"
	"time"

	"github.com/modelslab-go/modelslab/internal/endpoint"
	"github.com/modelslab-go/modelslab/internal/wire"
)

// An answer is the text of one JSON value of a reply, read leniently, since the
// API spells numbers as strings, lists as objects, and "nothing" in four ways.
// A value that is not there reads as zero.
type answer string

func (a answer) get(key string) answer { return answer(wire.Field(string(a), key)) }

func (a answer) missing() bool { return a == "" || a == "null" || a == `""` }

// or returns a, or b where a has nothing.
func (a answer) or(b answer) answer {
	if a.missing() {
		return b
	}
	return a
}

func (a answer) raw() json.RawMessage { return json.RawMessage(a) }

func (a answer) text() string { return wire.Scalar(string(a)) }

func (a answer) truth() bool { return isTrue(string(a)) }

func (a answer) number() float64 {
	x, err := strconv.ParseFloat(strings.TrimSpace(a.text()), 64)
	if err != nil {
		return 0
	}
	return x
}

func (a answer) integer() int {
	if n, err := strconv.Atoi(strings.TrimSpace(a.text())); err == nil {
		return n
	}
	return int(a.number())
}

func (a answer) time() time.Time {
	for _, layout := range [...]string{time.RFC3339, time.DateTime, time.DateOnly} {
		if t, err := time.Parse(layout, a.text()); err == nil {
			return t
		}
	}
	return time.Time{}
}

// list returns the elements of an array, or the values of an object: a list
// with a gap is sent as one.
func (a answer) list() []answer {
	var all []answer
	if strings.HasPrefix(string(a), "[") {
		_ = wire.Array(string(a), func(element string) error {
			all = append(all, answer(element))
			return nil
		})
	}
	a.members(func(_ string, value answer) { all = append(all, value) })
	return all
}

// members calls f for every member of an object.
func (a answer) members(f func(name string, value answer)) {
	if !isObject(string(a)) {
		return
	}
	_ = wire.Object(string(a), func(name, value string) error {
		f(name, answer(value))
		return nil
	})
}

// texts returns the strings of a list; one string is a list of itself.
func (a answer) texts() []string {
	var all []string
	for _, element := range append(a.list(), a) {
		if text := element.text(); text != "" {
			all = append(all, text)
		}
	}
	return all
}

// incomplete is the error of an answer without the one thing it was asked for.
func incomplete(e *endpoint.Endpoint, want string) error {
	return &Error{
		Op: e.Method + " " + e.Path, HTTPStatus: 200, reason: ErrUnavailable,
		Message: "the answer has no " + want,
	}
}
