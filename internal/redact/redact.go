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

// Queries returns text with an asterisk in place of what follows a question
// mark up to a blank or a quote: "/a?sig=1" becomes "/a?*".
func Queries(text string) string {
	hidden := 0
	return strings.Map(func(r rune) rune {
		switch {
		case strings.ContainsRune(" \t\r\n\"'`<>\\", r):
			hidden = 0
		case hidden > 0:
			if hidden++; hidden > 2 {
				return -1
			}
			return '*'
		case r == '?':
			hidden = 1
		}
		return r
	}, text)
}
