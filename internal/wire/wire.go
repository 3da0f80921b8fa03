// Package wire reads JSON text where it stands.
//
// The vendor's fields change type from reply to reply, so a reader must see a
// member's text before it can say what it is. Object and Array walk a text
// once, check all of it as strictly as encoding/json does, and hand out the
// members as substrings; the functions in value.go then read one member.
// Texts are strings because a substring costs nothing: a decoder copies the
// body into a string once and never again.
package wire

import (
	"fmt"
	"strings"
)

// maxDepth is the deepest nesting that encoding/json accepts.
const maxDepth = 10000

// SyntaxError says where a text stops being JSON. It quotes none of the text,
// which may hold secrets.
type SyntaxError struct {
	Offset  int // bytes before the fault
	Problem string
}

func (e *SyntaxError) Error() string {
	return fmt.Sprintf("invalid JSON at byte %d: %s", e.Offset, e.Problem)
}

// Object calls each for every member of the object that text holds, in
// document order and duplicates included. The key is decoded, the value is the
// member's own text without surrounding space. It stops at the first error of
// each and returns it. Members in front of a syntax error have been handed out
// by the time it is found.
func Object(text string, each func(key, value string) error) error {
	s := scanner{text: text}
	if s.peek() != '{' {
		return mismatch("an object", text)
	}
	s.pos++
	if s.peek() == '}' {
		s.pos++
		return s.end()
	}
	for {
		key, value, ok := s.member()
		if !ok {
			return s.err
		}
		if err := each(key, value); err != nil {
			return err
		}
		switch s.peek() {
		case ',':
			s.pos++
		case '}':
			s.pos++
			return s.end()
		default:
			s.fail("want a comma or the end of the object")
			return s.err
		}
	}
}

// Array calls each for every element of the array that text holds, under the
// same rules as Object.
func Array(text string, each func(value string) error) error {
	s := scanner{text: text}
	if s.peek() != '[' {
		return mismatch("an array", text)
	}
	s.pos++
	if s.peek() == ']' {
		s.pos++
		return s.end()
	}
	for {
		value, ok := s.value()
		if !ok {
			return s.err
		}
		if err := each(value); err != nil {
			return err
		}
		switch s.peek() {
		case ',':
			s.pos++
		case ']':
			s.pos++
			return s.end()
		default:
			s.fail("want a comma or the end of the array")
			return s.err
		}
	}
}

// Field returns the text of one member of an object, and "" when text is no
// object or the object has no such member. Of duplicates the last one counts.
func Field(text, key string) string {
	if text == "" || text[0] != '{' {
		return ""
	}
	var found string
	err := Object(text, func(k, value string) error {
		if k == key {
			found = value
		}
		return nil
	})
	if err != nil {
		return ""
	}
	return found
}

// Valid returns nil when text is one JSON value and nothing else.
func Valid(text string) error {
	s := scanner{text: text}
	if !s.skip(0) {
		return s.err
	}
	return s.end()
}

// Describe names what a text holds, going by its first byte: "an object",
// "an array", "a string", "a number", "a boolean", "null", "nothing" or "text
// that is not JSON".
func Describe(text string) string {
	s := scanner{text: text}
	switch c := s.peek(); {
	case s.pos == len(text):
		return "nothing"
	case c == '{':
		return "an object"
	case c == '[':
		return "an array"
	case c == '"':
		return "a string"
	case c == '-' || isDigit(c):
		return "a number"
	case strings.HasPrefix(text[s.pos:], "true") || strings.HasPrefix(text[s.pos:], "false"):
		return "a boolean"
	case strings.HasPrefix(text[s.pos:], "null"):
		return "null"
	}
	return "text that is not JSON"
}

func mismatch(want, text string) error {
	return fmt.Errorf("want %s, got %s", want, Describe(text))
}
