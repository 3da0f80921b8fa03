package wire

import (
	"math"
	"strconv"
	"strings"
	"time"
	"unicode/utf16"
	"unicode/utf8"
)

// maxSeconds is the longest time Seconds reports: no job of the vendor's runs
// for a week, and a larger number would only overflow somewhere later.
const maxSeconds = 7 * 24 * 60 * 60

// String decodes a string value as encoding/json does: bytes that are not
// UTF-8 and lone surrogates become U+FFFD. It returns false when value is
// anything but one string.
func String(value string) (string, bool) {
	if len(value) < 2 || value[0] != '"' {
		return "", false
	}
	last := len(value) - 1
	if plainRun(value, 1) == last && value[last] == '"' {
		return value[1:last], true
	}
	s := scanner{text: value}
	if _, ok := s.string(); !ok || s.pos != len(value) {
		return "", false
	}
	return unquote(value[1:last]), true
}

// Scalar returns a string's text, a number's digits as they were sent, or
// "true" and "false". It returns "" for null, an object or an array.
func Scalar(value string) string {
	if text, ok := String(value); ok {
		return text
	}
	if value == "true" || value == "false" || isNumber(value) {
		return value
	}
	return ""
}

// Seconds reads a number of seconds that came as a number or as a string that
// spells one. Times below zero become 0 and times over seven days seven days.
func Seconds(value string) (time.Duration, bool) {
	text := value
	if quoted, ok := String(value); ok {
		text = strings.TrimSpace(quoted)
	}
	if !isNumber(text) {
		return 0, false
	}
	// The only error left is a number out of range, which comes as infinity.
	seconds, _ := strconv.ParseFloat(text, 64)
	seconds = min(max(seconds, 0), maxSeconds)
	return time.Duration(math.Round(seconds * float64(time.Second))), true
}

func isNumber(text string) bool {
	if text == "" || text[0] != '-' && !isDigit(text[0]) {
		return false
	}
	s := scanner{text: text}
	return s.number() && s.pos == len(text)
}

// unquote decodes what stands between the quotes of a string that the scanner
// has passed.
func unquote(text string) string {
	valid := utf8.ValidString(text)
	if strings.IndexByte(text, '\\') < 0 && valid {
		return text
	}
	var out strings.Builder
	out.Grow(len(text))
	for len(text) > 0 {
		if plain := strings.IndexByte(text, '\\'); valid && plain != 0 {
			if plain < 0 {
				plain = len(text)
			}
			out.WriteString(text[:plain]) // whole runs, since escaped slashes are all that most strings have
			text = text[plain:]
			continue
		}
		r, size := utf8.DecodeRuneInString(text)
		if r == '\\' {
			r, size = unescape(text)
		}
		out.WriteRune(r)
		text = text[size:]
	}
	return out.String()
}

// unescape decodes the escape at the start of text.
func unescape(text string) (r rune, size int) {
	switch c := text[1]; c {
	case 'b':
		return '\b', 2
	case 'f':
		return '\f', 2
	case 'n':
		return '\n', 2
	case 'r':
		return '\r', 2
	case 't':
		return '\t', 2
	case 'u':
		r = codeUnit(text)
		if !utf16.IsSurrogate(r) {
			return r, 6
		}
		if pair := utf16.DecodeRune(r, codeUnit(text[6:])); pair != utf8.RuneError {
			return pair, 12
		}
		return utf8.RuneError, 6
	default:
		return rune(c), 2
	}
}

// codeUnit reads the \u escape at the start of text, or returns -1.
func codeUnit(text string) rune {
	if len(text) < 6 || text[0] != '\\' || text[1] != 'u' {
		return -1
	}
	var r rune
	for _, c := range []byte(text[2:6]) {
		r = r<<4 | hexValue(c)
	}
	return r
}
