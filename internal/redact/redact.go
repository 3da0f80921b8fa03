// Package redact keeps API keys and callback tokens out of texts.
package redact

import (
	"errors"
	"net/url"
	"strings"

	"github.com/modelslab-go/modelslab/internal/wire"
)

// Text returns s without the key and without callback tokens.
func Text(s, key string) string {
	if s == "" {
		return s
	}
	if key != "" {
		s = strings.ReplaceAll(s, key, "[redacted]")
	}
	return wire.BlankTokens(s)
}

// Error returns err with a text that is redacted, whenever it is printed, and
// without the queries of URLs, which may sign them. What it wraps stays there
// for errors.Is, but for the *url.Error in it, whose URL is left out.
func Error(err error, key func() string) error {
	for {
		u, ok := errors.AsType[*url.Error](err)
		if !ok {
			return &redacted{err, key}
		}
		err = u.Err
	}
}

type redacted struct {
	err error
	key func() string
}

func (e *redacted) Error() string { return Text(Queries(e.err.Error()), e.key()) }

func (e *redacted) Unwrap() error { return e.err }

// Queries returns text without what follows the question marks of URLs,
// absolute or relative: "/a?sig=1" becomes "/a?[redacted]". A question mark
// before a blank or a quote is one of a sentence.
func Queries(text string) string {
	var b strings.Builder
	for {
		before, query, found := strings.Cut(text, "?")
		b.WriteString(before)
		if !found {
			return b.String()
		}
		b.WriteByte('?')
		end := strings.IndexAny(query, " \t\r\n\"'`<>\\")
		if end < 0 {
			end = len(query)
		}
		if strings.ContainsRune(query[:end], '=') {
			b.WriteString("[redacted]")
		} else {
			b.WriteString(query[:end])
		}
		text = query[end:]
	}
}
