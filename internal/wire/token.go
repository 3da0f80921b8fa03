package wire

import (
	"bytes"
	"strings"
)

// tokenLen is the length of the callback token that the request side signs
// callback URLs with.
const tokenLen = 52

// BlankTokens returns text with asterisks in place of the callback tokens that
// it carries: the vendor echoes the callback URL in its replies, and who has
// the token can pose as the vendor. A token is the value of a query parameter
// named sig, whose equals sign may be spelled %3D or \u003d. With it goes the
// value of a parameter named tl that follows, which links traces.
func BlankTokens(text string) string {
	if !strings.Contains(text, "sig") {
		return text
	}
	b := []byte(text)
	BlankTokensInPlace(b)
	return string(b)
}

// BlankTokensInPlace overwrites the callback tokens that text carries.
func BlankTokensInPlace(text []byte) {
	for {
		i := bytes.Index(text, []byte("sig"))
		if i < 0 {
			return
		}
		text = text[i+len("sig"):]
		n := escapedLen(text, '=', "3d")
		if n == 0 {
			continue
		}
		text = text[n:]
		n = 0
		for n < len(text) && isTokenByte(text[n]) {
			n++
		}
		value := text[:n]
		text = text[n:]
		if n == tokenLen || n > tokenLen && !isHex(value) {
			copy(value, bytes.Repeat([]byte("*"), n))
			text = blankLink(text)
		}
	}
}

// blankLink overwrites the link of traces at the start of text, if there is one,
// and returns what follows.
func blankLink(text []byte) []byte {
	n := escapedLen(text, '&', "26")
	if n == 0 || !bytes.HasPrefix(text[n:], []byte("tl")) {
		return text
	}
	n += len("tl")
	equals := escapedLen(text[n:], '=', "3d")
	if equals == 0 {
		return text
	}
	for n += equals; n < len(text) && isTokenByte(text[n]); n++ {
		text[n] = '*'
	}
	return text[n:]
}

// escapedLen returns the length of c at the start of text, however often it was
// escaped, or 0. The digits are those of c in hexadecimal.
func escapedLen(text []byte, c byte, digits string) int {
	if n := charLen(text, c, "00"+digits); n > 0 {
		return n
	}
	n := charLen(text, '%', "0025")
	if n == 0 {
		return 0
	}
	for bytes.HasPrefix(text[n:], []byte("25")) {
		n += 2
	}
	if !hasPrefixFold(text[n:], digits) {
		return 0
	}
	return n + len(digits)
}

// charLen returns the length of c at the start of text, spelled plainly or as a
// \u escape with the given digits, or 0.
func charLen(text []byte, c byte, digits string) int {
	if len(text) > 0 && text[0] == c {
		return 1
	}
	if hasPrefixFold(text, `\u`+digits) {
		return len(`\u`) + len(digits)
	}
	return 0
}

func hasPrefixFold(text []byte, prefix string) bool {
	return len(text) >= len(prefix) && bytes.EqualFold(text[:len(prefix)], []byte(prefix))
}

func isTokenByte(c byte) bool {
	return isDigit(c) || 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || c == '-' || c == '_'
}

// isHex recognises the hexadecimal signatures of download links, which are also
// named "sig", are longer than a token, and must stay usable.
func isHex(value []byte) bool {
	for _, c := range value {
		if hexValue(c) < 0 {
			return false
		}
	}
	return true
}
