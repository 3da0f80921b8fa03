package wire

import "strings"

// maxAround bounds the text around an object, on either side.
const maxAround = 64 << 10

// Extract returns the JSON of an answer that can be read though it is not JSON:
// with a byte order mark, with the words NaN and Infinity, which become null,
// or with other text around one object, such as a warning of PHP before it or a
// comment after it. It is not ok where that would be a guess: for an object
// that breaks off, several objects, an element of a list, a page of HTML.
func Extract(text string) (value string, ok bool) {
	text = strings.TrimSpace(strings.TrimPrefix(strings.TrimSpace(text), "\ufeff"))
	s := scanner{text: text, lenient: true}
	if s.skip(0) && s.end() == nil {
		return s.strict(0), true
	}
	start := objectStart(text)
	if start < 0 || !surrounds(text[:start]) {
		return "", false
	}
	s = scanner{text: text, pos: start, lenient: true}
	if !s.skip(0) || !surrounds(text[s.pos:]) || objectStart(text[s.pos:]) >= 0 {
		return "", false
	}
	return s.strict(start), true
}

// objectStart returns the offset of the first brace that opens an object with
// members, or -1. Braces of other text, as in "#0 {main}", are passed over.
func objectStart(text string) int {
	for s := (scanner{text: text}); ; {
		i := strings.IndexByte(text[s.pos:], '{')
		if i < 0 {
			return -1
		}
		start := s.pos + i
		if s.pos = start + 1; s.peek() == '"' {
			return start
		}
	}
}

// surrounds reports whether a text before or after an object is no JSON that
// the object is part of, and no page that it is shown on.
func surrounds(text string) bool {
	if len(text) > maxAround {
		return false
	}
	page := strings.ToLower(text)
	if strings.Contains(page, "<html") || strings.Contains(page, "<!doctype") {
		return false
	}
	text = strings.TrimSpace(text)
	return text == "" || strings.IndexByte(`[,:"`, text[len(text)-1]) < 0 && strings.IndexByte(`],:"}`, text[0]) < 0
}

// notNumbers are what some encoders write for numbers that JSON does not have.
var notNumbers = [...]string{"NaN", "Infinity", "-Infinity"}

// notNumber moves past such a word and keeps its place.
func (s *scanner) notNumber() bool {
	for _, word := range notNumbers {
		if strings.HasPrefix(s.text[s.pos:], word) {
			s.words = append(s.words, place{s.pos, s.pos + len(word)})
			s.pos += len(word)
			return true
		}
	}
	return false
}

// strict returns the text from an offset to where the scanner is, with null in
// place of words that JSON does not have.
func (s *scanner) strict(from int) string {
	if len(s.words) == 0 {
		return s.text[from:s.pos]
	}
	var out strings.Builder
	for _, word := range s.words {
		out.WriteString(s.text[from:word.start])
		out.WriteString("null")
		from = word.end
	}
	out.WriteString(s.text[from:s.pos])
	return out.String()
}
