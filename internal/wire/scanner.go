package wire

import (
	"math/bits"
	"strings"
	"unicode/utf8"
)

// scanner moves over a text. Its methods return false after setting err.
type scanner struct {
	text string
	pos  int
	err  error

	lenient bool    // take NaN and Infinity for values
	words   []place // of those
}

// place is a part of a text.
type place struct{ start, end int }

func (s *scanner) fail(problem string) bool {
	if s.pos >= len(s.text) {
		problem = "unexpected end"
	}
	s.err = &SyntaxError{Offset: s.pos, Problem: problem}
	return false
}

// peek moves past space and returns the byte there, or 0 at the end. A real
// zero byte fits no rule of JSON, so the two need not be told apart.
func (s *scanner) peek() byte {
	for ; s.pos < len(s.text); s.pos++ {
		if c := s.text[s.pos]; c > ' ' || c != ' ' && c != '\n' && c != '\t' && c != '\r' {
			return c
		}
	}
	return 0
}

// end checks that only space is left.
func (s *scanner) end() error {
	s.peek()
	if s.pos < len(s.text) {
		s.fail("text after the value")
	}
	return s.err
}

// member returns the decoded key and the value of an object's next member.
func (s *scanner) member() (key, value string, ok bool) {
	s.peek()
	start := s.pos
	plain, ok := s.string()
	if !ok {
		return "", "", false
	}
	key = s.text[start+1 : s.pos-1]
	if !plain {
		key = unquote(key)
	}
	if !s.colon() {
		return "", "", false
	}
	value, ok = s.value()
	return key, value, ok
}

// value returns the text of the next member of a top-level object or array.
func (s *scanner) value() (string, bool) {
	var ok bool
	c := s.peek()
	start := s.pos
	switch c {
	case '"':
		_, ok = s.string()
	case '{', '[':
		ok = s.skip(1)
	default:
		ok = s.word()
	}
	return s.text[start:s.pos], ok
}

// word moves past a number, true, false or null.
func (s *scanner) word() bool {
	switch s.peek() {
	case 't', 'f', 'n':
		return s.literal()
	case 'N', 'I', '-':
		if s.lenient && s.notNumber() {
			return true
		}
	}
	return s.number()
}

func (s *scanner) colon() bool {
	if s.peek() != ':' {
		return s.fail("want a colon after the key")
	}
	s.pos++
	return true
}

// skip moves past one value that lies inside depth containers. It keeps its own
// stack, one bit a container, so that nesting cannot grow the goroutine's.
func (s *scanner) skip(depth int) bool {
	open := nest{outer: depth}
	for {
		switch c := s.peek(); c {
		case '{', '[':
			if !open.push(c == '{') {
				return s.fail("nested too deeply")
			}
			s.pos++
			if closer(c == '{') != s.peek() {
				if c == '{' && !s.skipKey() {
					return false
				}
				continue
			}
			s.pos++
			open.pop()
		case '"':
			if _, ok := s.string(); !ok {
				return false
			}
		default:
			if !s.word() {
				return false
			}
		}
		for open.depth > 0 && s.peek() == closer(open.object()) {
			s.pos++
			open.pop()
		}
		if open.depth == 0 {
			return true
		}
		if s.peek() != ',' {
			return s.fail("want a comma or the end of the container")
		}
		s.pos++
		if open.object() && !s.skipKey() {
			return false
		}
	}
}

func (s *scanner) skipKey() bool {
	s.peek()
	_, ok := s.string()
	return ok && s.colon()
}

func closer(object bool) byte {
	if object {
		return '}'
	}
	return ']'
}

// nest is the stack of open containers, a set bit for an object.
type nest struct {
	outer int // containers around the value being skipped
	depth int
	top   uint64
	below []uint64
}

func (n *nest) push(object bool) bool {
	if n.outer+n.depth == maxDepth {
		return false
	}
	if n.depth > 0 && n.depth%64 == 0 {
		n.below = append(n.below, n.top)
	}
	n.depth++
	n.top <<= 1
	if object {
		n.top |= 1
	}
	return true
}

func (n *nest) pop() {
	n.depth--
	n.top >>= 1
	if n.depth > 0 && n.depth%64 == 0 {
		last := len(n.below) - 1
		n.top, n.below = n.below[last], n.below[:last]
	}
}

func (n *nest) object() bool { return n.top&1 == 1 }

// plainRun returns the index of the first byte of text, from i on, that ends a
// run of plain characters in a string: a quote, a backslash, a control character
// or a byte outside ASCII. Most of a reply is URLs and prompts, so it looks at
// eight bytes at once.
func plainRun(text string, i int) int {
	const ones, tops = 0x0101010101010101, 0x8080808080808080
	for ; i+8 <= len(text); i += 8 {
		t := text[i : i+8]
		w := uint64(t[0]) | uint64(t[1])<<8 | uint64(t[2])<<16 | uint64(t[3])<<24 |
			uint64(t[4])<<32 | uint64(t[5])<<40 | uint64(t[6])<<48 | uint64(t[7])<<56
		quote, backslash := w^(ones*'"'), w^(ones*'\\')
		// Subtracting n borrows from the top bit of each byte below n. A borrow may
		// spill into the bytes above, so the lowest top bit alone is sure.
		if found := (w | (w - ones*' ') | (quote - ones) | (backslash - ones)) & tops; found != 0 {
			return i + bits.TrailingZeros64(found)/8
		}
	}
	for i < len(text) {
		if c := text[i]; c < ' ' || c == '"' || c == '\\' || c >= utf8.RuneSelf {
			break
		}
		i++
	}
	return i
}

// string moves past a string. It is plain when its text needs no decoding.
func (s *scanner) string() (plain, ok bool) {
	if s.pos >= len(s.text) || s.text[s.pos] != '"' {
		return false, s.fail("want a string")
	}
	s.pos = plainRun(s.text, s.pos+1)
	if s.pos < len(s.text) && s.text[s.pos] == '"' {
		s.pos++
		return true, true
	}
	return false, s.restOfString()
}

// restOfString moves past the rest of a string that is not plain.
func (s *scanner) restOfString() bool {
	for ; s.pos < len(s.text); s.pos = plainRun(s.text, s.pos) {
		switch c := s.text[s.pos]; {
		case c == '"':
			s.pos++
			return true
		case c == '\\':
			if !s.escape() {
				return false
			}
		case c < ' ':
			return s.fail("control character in a string")
		default:
			s.pos++
		}
	}
	return s.fail("")
}

func (s *scanner) escape() bool {
	s.pos++
	if s.pos >= len(s.text) {
		return s.fail("")
	}
	switch s.text[s.pos] {
	case '"', '\\', '/', 'b', 'f', 'n', 'r', 't':
		s.pos++
		return true
	case 'u':
		s.pos++
		for range 4 {
			if s.pos >= len(s.text) || hexValue(s.text[s.pos]) < 0 {
				return s.fail("want four hexadecimal digits")
			}
			s.pos++
		}
		return true
	}
	return s.fail("unknown escape")
}

func (s *scanner) literal() bool {
	for _, word := range [...]string{"true", "false", "null"} {
		if strings.HasPrefix(s.text[s.pos:], word) {
			s.pos += len(word)
			return true
		}
	}
	return s.fail("unknown word")
}

func (s *scanner) number() bool {
	s.accept('-', '-')
	if !s.accept('0', '0') && !s.digits() {
		return s.fail("want a value")
	}
	if s.accept('.', '.') && !s.digits() {
		return s.fail("want a digit")
	}
	if s.accept('e', 'E') {
		s.accept('+', '-')
		if !s.digits() {
			return s.fail("want a digit")
		}
	}
	return true
}

// accept moves past the next byte if it is one of two.
func (s *scanner) accept(a, b byte) bool {
	if s.pos < len(s.text) && (s.text[s.pos] == a || s.text[s.pos] == b) {
		s.pos++
		return true
	}
	return false
}

func (s *scanner) digits() bool {
	start := s.pos
	for s.pos < len(s.text) && isDigit(s.text[s.pos]) {
		s.pos++
	}
	return s.pos > start
}

func isDigit(c byte) bool { return '0' <= c && c <= '9' }

// hexValue returns what a hexadecimal digit stands for, or -1.
func hexValue(c byte) rune {
	switch {
	case isDigit(c):
		return rune(c - '0')
	case 'a' <= c && c <= 'f':
		return rune(c - 'a' + 10)
	case 'A' <= c && c <= 'F':
		return rune(c - 'A' + 10)
	}
	return -1
}
