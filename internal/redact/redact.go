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

// Error returns err with a text that is redacted, whenever it is printed. What
// it wraps stays there for errors.Is. The URL of a *url.Error, which may carry
// the key or a signature, is left out.
func Error(err error, key func() string) error {
	if u, ok := errors.AsType[*url.Error](err); ok {
		err = u.Err
	}
	return &redacted{err, key}
}

type redacted struct {
	err error
	key func() string
}

func (e *redacted) Error() string { return Text(e.err.Error(), e.key()) }

func (e *redacted) Unwrap() error { return e.err }
