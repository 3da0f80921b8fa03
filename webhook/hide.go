package webhook

import (
	"context"
	"net/http"
	"net/url"
	"strings"

	"github.com/modelslab-go/modelslab/internal/token"
)

// hiddenQuery is the key of a request's context under which [HideToken] keeps
// the query that came with it.
type hiddenQuery struct{}

// HideToken keeps the tokens of callback URLs from whatever stands between the
// server and the [Handler]: the loggers of gin and chi, otelhttp, the dump of a
// panic. Make it the outermost handler:
//
//	http.ListenAndServe(addr, webhook.HideToken(router))
//
// What is inside sees a URL without the parameter sig, in URL and in RequestURI;
// a [Handler] and a [Verifier] still verify the one that came. They need the
// context of the request for it, which middleware passes on. Requests without
// that parameter are passed as they are.
func HideToken(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if query := withoutToken(r.URL.RawQuery); query != r.URL.RawQuery {
			r = r.WithContext(context.WithValue(r.Context(), hiddenQuery{}, r.URL.RawQuery))
			shown := *r.URL
			shown.RawQuery = query
			r.URL, r.RequestURI = &shown, shown.RequestURI()
		}
		next.ServeHTTP(w, r)
	})
}

// withoutToken drops every parameter that is named as a token is, however its
// name is escaped.
func withoutToken(query string) string {
	var kept []string
	for pair := range strings.SplitSeq(query, "&") {
		name, _, _ := strings.Cut(pair, "=")
		if plain, err := url.QueryUnescape(name); err != nil || plain != token.Param {
			kept = append(kept, pair)
		}
	}
	return strings.Join(kept, "&")
}

// callbackQuery is the query that a request came with.
func callbackQuery(r *http.Request) string {
	if query, ok := r.Context().Value(hiddenQuery{}).(string); ok {
		return query
	}
	return r.URL.RawQuery
}
